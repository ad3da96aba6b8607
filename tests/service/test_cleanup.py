"""Tidying that is done sooner or later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from catalog.errors import Unavailable
from catalog.logs import use_standard_logging
from catalog.service.cleanup import Cleanup
from catalog.store.errors import Corrupt, Denied, NotSupported, StoreError
from catalog.store.errors import Unavailable as StoreUnavailable


@pytest.fixture
def cleanup() -> Iterator[Cleanup]:
    made = Cleanup(retry_seconds=0.01)
    yield made
    made.close()


class Work:
    """Work that fails some times, and tells when it is done."""

    def __init__(self, failures: int, error: type[Exception] = StoreUnavailable) -> None:
        self._failures, self._error = failures, error
        self.calls = 0
        self.done = threading.Event()

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error("not now")
        self.done.set()


def test_done_at_once(cleanup: Cleanup) -> None:
    work = Work(0)
    cleanup.run("work", work)
    assert (work.calls, cleanup.waiting) == (1, 0)


@pytest.mark.parametrize("error", [StoreUnavailable, Denied, Unavailable])
@pytest.mark.parametrize("failures", [1, 2, 5])
def test_repeated_until_done(cleanup: Cleanup, failures: int, error: type[StoreError]) -> None:
    work = Work(failures, error)
    cleanup.run("work", work)
    assert work.done.wait(20)
    cleanup.close()
    assert (work.calls, cleanup.waiting) == (failures + 1, 0)


def test_one_that_fails_does_not_hold_up_the_others(cleanup: Cleanup) -> None:
    never, others = Work(10**9), [Work(failures) for failures in range(5)]
    for number, work in enumerate([never, *others]):
        cleanup.run(str(number), work)
    assert all(work.done.wait(20) for work in others)
    assert all(work.calls == failures + 1 for failures, work in enumerate(others))
    assert not never.done.is_set()


def test_works_again_after_all_was_done(cleanup: Cleanup) -> None:
    for _ in range(3):
        work = Work(2)
        cleanup.run("work", work)
        assert work.done.wait(20)


def test_close_tries_once_more() -> None:
    cleanup = Cleanup(retry_seconds=3600)
    soon, never = Work(1), Work(10**9)
    cleanup.run("soon", soon)
    cleanup.run("never", never)
    cleanup.close()
    assert soon.done.is_set()
    assert never.calls == 2
    assert cleanup.waiting == 1


def test_close_says_what_was_not_done(caplog: pytest.LogCaptureFixture) -> None:
    use_standard_logging()
    cleanup = Cleanup(retry_seconds=3600)
    cleanup.run("remove the parts", Work(10**9))
    cleanup.close()
    lines = [record.getMessage() for record in caplog.records]
    assert [line for line in lines if "cleanup not done" in line and "remove the parts" in line]


def test_other_errors_are_not_hidden(cleanup: Cleanup) -> None:
    with pytest.raises(ZeroDivisionError):
        cleanup.run("work", Work(1, ZeroDivisionError))
    assert cleanup.waiting == 0


def test_a_defect_in_one_does_not_end_the_others(cleanup: Cleanup) -> None:
    calls: list[int] = []

    def defect() -> None:
        calls.append(1)
        raise Unavailable("first") if len(calls) == 1 else ZeroDivisionError

    cleanup.run("defect", defect)
    for _ in range(2):
        work = Work(3)
        cleanup.run("work", work)
        assert work.done.wait(20)
    cleanup.close()
    assert (len(calls), cleanup.waiting) == (2, 0)


def test_a_defect_at_the_end_does_not_keep_the_others_from_their_last_try() -> None:
    cleanup = Cleanup(retry_seconds=3600)
    errors = iter([Unavailable("first"), ZeroDivisionError()])

    def defect() -> None:
        raise next(errors)

    soon = Work(1)
    cleanup.run("defect", defect)
    cleanup.run("soon", soon)
    cleanup.close()
    assert soon.done.is_set()
    assert cleanup.waiting == 0


def test_many_threads(cleanup: Cleanup) -> None:
    works = [Work(number % 3) for number in range(200)]
    threads = [
        threading.Thread(target=lambda part=part: [cleanup.run("w", work) for work in works[part::8]])
        for part in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(work.done.wait(20) for work in works)
    cleanup.close()
    assert [work.calls for work in works] == [number % 3 + 1 for number in range(200)]
    assert cleanup.waiting == 0


class Watch:
    """Time that passes while the thread waits, until it ends it; does something at one moment."""

    def __init__(self, end: float) -> None:
        self.now, self._end = 0.0, end
        self.at: dict[float, Callable[[], None]] = {}

    def wait(self, seconds: float) -> bool:
        self.at.get(self.now, lambda: None)()
        self.now += seconds
        return self.now >= self._end

    def trying(self, error: type[Exception], tries: list[float], failures: int = 10**9) -> Callable[[], None]:
        """Give work that notes when it was tried."""

        def work() -> None:
            tries.append(self.now)
            if len(tries) <= failures:
                raise error("not now")

        return work


def test_pauses_double_up_to_a_minute() -> None:
    watch, tries = Watch(400), list[float]()
    cleanup = Cleanup(2.0, watch.wait)
    cleanup.run("work", watch.trying(StoreUnavailable, tries))
    cleanup.close()
    assert tries == [0, 2, 6, 14, 30, 62, 126, 190, 254, 318, 382, 400]
    assert cleanup.waiting == 1


def test_new_work_does_not_wait_for_old() -> None:
    watch, old, new = Watch(400), list[float](), list[float]()
    cleanup = Cleanup(2.0, watch.wait)
    watch.at[200.0] = lambda: cleanup.run("new", watch.trying(StoreUnavailable, new, failures=2))
    cleanup.run("old", watch.trying(StoreUnavailable, old))
    cleanup.close()
    assert new == [200, 202, 206]
    assert old[-3:] == [318, 382, 400]


@pytest.mark.parametrize("error", [Denied, NotSupported, Corrupt])
def test_work_that_is_refused_is_given_up(error: type[StoreError], caplog: pytest.LogCaptureFixture) -> None:
    use_standard_logging()
    watch, tries = Watch(400), list[float]()
    cleanup = Cleanup(2.0, watch.wait)
    cleanup.run("remove the parts", watch.trying(error, tries))
    cleanup.close()
    assert tries == [0, 2, 6, 14, 30, 62]
    assert cleanup.waiting == 0
    lines = [record.getMessage() for record in caplog.records if "cleanup given up" in record.getMessage()]
    assert len(lines) == 1
    assert "remove the parts" in lines[0]


def test_refusals_do_not_count_what_an_outage_failed() -> None:
    watch, tries = Watch(130), list[float]()
    cleanup = Cleanup(2.0, watch.wait)
    refused, away = watch.trying(Denied, tries), watch.trying(StoreUnavailable, tries)
    cleanup.run("work", lambda: refused() if watch.now < 30 else away())
    cleanup.close()
    assert tries == [0, 2, 6, 14, 30, 62, 126, 130]
    assert cleanup.waiting == 1

"""Uploads whose client goes away, whatever the moment: nothing stays, and the image can be tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.api.bodies import KIB, Body, lose_connection, pattern, send
from tests.api.support import TEN, Api

PART = 64 * KIB
DATA = pattern(5 * PART + 1)
Cut = tuple[Callable[[], Body], int | None]


def early(size: int) -> Callable[[], Body]:
    """A body that ends in silence after some bytes."""
    return lambda: Body(DATA[:size])


def torn(size: int) -> Callable[[], Body]:
    """A body whose connection is lost after some bytes."""
    return lambda: Body(DATA[:size], lose_connection)


def failing(error: type[BaseException]) -> Callable[[], Body]:
    def fail() -> None:
        raise error("broken")

    return lambda: Body(TEN, fail)


CUTS: dict[str, Cut] = {
    **{f"ends after {size} of all": (early(size), len(DATA)) for size in (0, 1, PART - 1, PART, PART + 1, 5 * PART)},
    **{f"torn after {size} of all": (torn(size), len(DATA)) for size in (0, 1, PART, 3 * PART + 5, 5 * PART)},
    **{f"torn after {size}, chunked": (torn(size), None) for size in (0, 1, PART, PART + 1, 5 * PART + 1)},
    **{f"{error.__name__} while reading": (failing(error), 20)
       for error in (OSError, ValueError, TimeoutError, EOFError, RuntimeError, UnicodeError)},
}  # fmt: skip


@pytest.fixture(scope="module", params=["killed", "queued"])
def parts(request: pytest.FixtureRequest) -> Iterator[Api]:
    made = Api(upload_part_size="64KB", failed_upload=request.param)
    yield made
    made.close()


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_broken_body(parts: Api, cut: Cut) -> None:
    make, length = cut
    image_id = parts.bare()
    answer = send(parts, image_id, make(), length)
    assert answer.status_code == 400
    view = parts.show(image_id)
    assert view["status"] == parts.catalog.settings.failed_upload
    assert (view["size"], view["checksum"], view["os_hash_value"]) == (None, None, None)
    assert parts.blobs(image_id) == []
    assert parts.catalog.services.core.cleanup.waiting == 0
    assert parts.catalog.services.data.budget.left == parts.catalog.settings.transfer_memory
    assert send(parts, image_id, Body(DATA), len(DATA)).status_code == 204
    assert parts.get_file(image_id).data == DATA
    assert len(parts.blobs(image_id)) == 1


def test_killed_image(api: Api) -> None:
    """It is seen by its owner, has no data, is listed only when asked for, and can be deleted."""
    image_id = api.bare()
    assert send(api, image_id, Body(TEN, lose_connection), 20).status_code == 400
    assert api.get_file(image_id).status_code == 204
    assert api.get(f"/v2/images?id={image_id}").json["images"] == []
    listed = api.get(f"/v2/images?id={image_id}&status=killed").json["images"]
    assert [view["id"] for view in listed] == [image_id]
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204


def test_rejection_after_a_broken_try_gives_queued(api: Api) -> None:
    image_id = api.bare()
    assert send(api, image_id, Body(TEN, lose_connection), 20).status_code == 400
    assert send(api, image_id, Body(TEN), None, x_openstack_image_size="5").status_code == 400
    assert api.show(image_id)["status"] == "queued"


def test_many_broken_tries(api: Api) -> None:
    image_id = api.bare()
    for _ in range(60):
        assert send(api, image_id, Body(TEN, lose_connection), 20).status_code == 400
    assert api.put_file(image_id).status_code == 204
    assert len(api.record(image_id).history) <= 100
    assert len(api.blobs(image_id)) == 1


def test_exit_of_the_thread_cleans_up_too(api: Api) -> None:
    """What a server raises to end a request is not an error of the data, and passes on."""
    image_id = api.bare()

    def leave() -> Any:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        send(api, image_id, Body(TEN, leave), 20)
    assert api.show(image_id)["status"] == "killed"
    assert api.blobs(image_id) == []

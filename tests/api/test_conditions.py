"""If-Match on changes: a client changes what it has seen, or learns that somebody else was there."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVE, PATCH_20, PATCH_21, Api

CALLS = [
    ("PATCH", "", {"data": b'[{"op":"add","path":"/a","value":"b"}]', "content_type": PATCH_21}, 200),
    ("PATCH", "", {"data": b'[{"add":"/c","value":"b"}]', "content_type": PATCH_20}, 200),
    ("PATCH", "", {"data": b"[]", "content_type": PATCH_21}, 200),
    ("PUT", "/tags/x", {}, 204),
    ("DELETE", "/tags/there", {}, 204),
    ("POST", "/actions/deactivate", {}, 204),
    ("POST", "/actions/reactivate", {}, 204),
    ("DELETE", "", {}, 204),
]
NAMES = [f"{row[0]} {row[1]}" for row in CALLS]


def send(api: Api, image_id: str, call: tuple[str, str, dict[str, object], int], who: str = ALICE, **headers: str):
    method, path, options, _ = call
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.call(method, f"/v2/images/{image_id}{path}", who, headers=named, **options)


def etag_of(api: Api, image_id: str) -> str:
    return api.get(f"/v2/images/{image_id}").headers["ETag"]


MATCHING: list[tuple[str, Callable[[str], str]]] = [
    ("the one", lambda etag: etag),
    ("in a list", lambda etag: f'"other", {etag}'),
    ("in a list with empty members", lambda etag: f', "other",, {etag} ,'),
    ("beside a weak one", lambda etag: f'W/"other",{etag}'),
    ("any", lambda etag: "*"),
    ("of the compressed form", lambda etag: f'{etag[:-1]}-gzip"'),
]
OTHER: list[tuple[str, Callable[[str], str]]] = [
    ("another", lambda etag: '"other"'),
    ("weak", lambda etag: f"W/{etag}"),
    ("a list of others", lambda etag: '"one", "two"'),
    ("empty tag", lambda etag: '""'),
    ("empty list", lambda etag: ","),
    ("longer", lambda etag: f'{etag[:-1]}0"'),
    ("other case", lambda etag: etag.swapcase().replace('"', '"x', 1)),
]


@pytest.mark.parametrize("given", [row[1] for row in MATCHING], ids=[row[0] for row in MATCHING])
@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_seen_state_can_be_changed(api: Api, call, given: Callable[[str], str]) -> None:
    image_id = api.active(tags=["there"])
    assert send(api, image_id, call, If_Match=given(etag_of(api, image_id))).status_code == call[3]


@pytest.mark.parametrize("given", [row[1] for row in OTHER], ids=[row[0] for row in OTHER])
@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_other_state_is_412_and_nothing_changes(api: Api, call, given: Callable[[str], str]) -> None:
    image_id = api.active(tags=["there"])
    before = api.record(image_id)
    answer = send(api, image_id, call, If_Match=given(etag_of(api, image_id)))
    assert answer.status_code == 412
    assert "If-Match" in answer.text
    assert api.record(image_id) == before


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_without_the_header_all_is_as_ever(api: Api, call) -> None:
    assert send(api, api.active(tags=["there"]), call).status_code == call[3]


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
@pytest.mark.parametrize(("who", "status"), [(BOB, 403), (EVE, 404)])
def test_rules_speak_before_the_condition(api: Api, call, who: str, status: int) -> None:
    image_id = api.active(tags=["there"], visibility="private")
    assert send(api, image_id, call, who, If_Match='"other"').status_code == status


@pytest.mark.parametrize("call", CALLS[:5], ids=NAMES[:5])
def test_absent_image_is_404_even_for_any(api: Api, call) -> None:
    image_id = api.new()["id"]
    api.call("DELETE", f"/v2/images/{image_id}")
    assert send(api, image_id, call, If_Match="*").status_code == 404


def test_etag_is_new_after_every_change(api: Api) -> None:
    image_id = api.active(tags=["there"])
    seen = [etag_of(api, image_id)]
    for call in (CALLS[0], CALLS[3], CALLS[5], CALLS[6]):
        assert send(api, image_id, call, If_Match=seen[-1]).status_code < 300
        seen.append(etag_of(api, image_id))
    assert len(set(seen)) == 5


def test_answer_of_patch_gives_the_next_etag(api: Api) -> None:
    made = api.post({})
    image_id, etag = made.json["id"], made.headers["ETag"]
    for _ in range(3):
        answer = send(api, image_id, CALLS[0], If_Match=etag)
        assert answer.status_code == 200
        etag = answer.headers["ETag"]
    assert etag == etag_of(api, image_id)


def test_of_many_writers_that_saw_the_same_one_wins(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.new()["id"]
    etag = etag_of(api, image_id)
    answers: list[TestResponse] = []
    ready = threading.Barrier(8)

    def write(number: int) -> None:
        ready.wait()
        body = f'[{{"op":"add","path":"/writer","value":"{number}"}}]'.encode()
        call = ("PATCH", "", {"data": body, "content_type": PATCH_21}, 200)
        answers.append(send(api, image_id, call, If_Match=etag))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (winner,) = (answer for answer in answers if answer.status_code == 200)
    assert api.show(image_id)["writer"] == winner.json["writer"]

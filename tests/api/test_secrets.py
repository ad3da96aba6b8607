"""Neither answers, nor sidecars, nor log lines hold anything that lets somebody in."""

from __future__ import annotations

import logging

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Denied
from catalog.store.interface import ObjectStore
from tests.api.bodies import Body, lose_connection, send
from tests.api.conftest import MakeApi
from tests.api.support import TEN, Api, operation

TOKEN = "alice:p1:member,reader"
MARKS = ("sekrit", "alice:p1", "member,reader", "AKIA", "aws_secret", "Signature=", "Traceback", "/tmp/")


class TalkativeStore(FaultyStore):
    """A store that shows credentials in its errors, as SDKs have done."""

    def _around(self, call: Call, run):  # type: ignore[no-untyped-def]
        try:
            return super()._around(call, run)
        except Denied:
            raise Denied("https://AKIASEKRIT:sekrit@store/?Signature=sekrit aws_secret /tmp/x") from None


def stored(store: MemoryStore) -> str:
    return "".join(store.get(info.key).read().decode() for info in store.list("images/") if "/data-" not in info.key)


def everything(api: Api) -> list[str]:
    """Say much to a catalog, good and bad, and give all that it said."""
    texts: list[str] = []

    def note(answer) -> None:  # type: ignore[no-untyped-def]
        texts.append(f"{answer.status}\n{answer.headers}\n{answer.data.decode()}")

    made = api.post({"disk_format": "raw", "container_format": "bare", "tags": ["t"]}, TOKEN)
    note(made)
    path = f"/v2/images/{made.json['id']}"
    note(send(api, made.json["id"], Body(TEN, lose_connection), 20, TOKEN))
    note(api.put_file(made.json["id"], TEN, TOKEN))
    note(api.get(path, TOKEN))
    note(api.get(f"{path}/file", TOKEN))
    note(api.get("/v2/images", TOKEN))
    note(api.patch(made.json["id"], [operation("replace", "owner", "p2")], TOKEN))
    note(api.call("POST", path, TOKEN))
    note(api.get(path, TOKEN, headers={"Accept": "application/json"}, data=b"x"))
    note(api.get(path, "sekrit"))
    note(api.call("DELETE", f"{path}/tags/none", TOKEN, headers={"Accept": "*/*"}))
    return texts


def test_no_secret_in_answers_sidecars_or_logs(make_api: MakeApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = make_api(show_multiple_locations=True, show_image_direct_url=True)
    texts = [*everything(api), stored(api.memory), caplog.text]
    assert len(texts) == 13
    for text in texts:
        assert not [mark for mark in MARKS if mark.lower() in text.lower()]


def test_words_of_the_store_reach_the_log_alone(make_api: MakeApi) -> None:
    def wrap(store: ObjectStore) -> ObjectStore:
        return TalkativeStore(store, lambda call, number: Fault(before=Denied) if "/data-" in call.key else None)

    api = make_api(wrap=wrap)
    image_id = api.bare()
    answer = api.put_file(image_id)
    assert answer.status_code == 503
    assert not [mark for mark in MARKS if mark.lower() in answer.text.lower()]
    for text in (api.get(f"/v2/images/{image_id}").text, stored(api.memory)):
        assert not [mark for mark in MARKS if mark.lower() in text.lower()]


def test_locations_hold_store_and_key_alone(make_api: MakeApi) -> None:
    api = make_api()
    (place,) = api.record(api.active()).locations
    assert (place.store, place.key.split("/")[0]) == ("default", "images")
    assert "://" not in stored(api.memory)

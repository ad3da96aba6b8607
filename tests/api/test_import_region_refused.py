"""``glance-download`` that fails: what is asked wrongly, and sources that are not what they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.importing import ImportApi
from tests.api.regions import Region, changed, importing_from, method, record
from tests.api.support import EVE, TEN, UNUSED
from tests.servers.scripted import Reply, ScriptedServer

KEYS: list[tuple[dict[str, Any], str]] = [
    ({"glance_region": None}, "no region"), ({"glance_region": ""}, "empty region"), ({"glance_region": 5}, "number"),
    ({"glance_image_id": None}, "no id"), ({"glance_image_id": "x"}, "no UUID"), ({"glance_image_id": 5}, "a number"),
    ({"glance_image_id": f"{UNUSED}\n"}, "a line more"), ({"glance_image_id": f"{UNUSED}/../x"}, "a path"),
    ({"glance_service_interface": "x"}, "interface"), ({"glance_service_interface": []}, "interface is a list"),
    ({"glance_region": "nowhere"}, "unknown region"),
]  # fmt: skip


@pytest.mark.parametrize("keys", [row[0] for row in KEYS], ids=[row[1] for row in KEYS])
def test_refused(here: ImportApi, keys: dict[str, Any]) -> None:
    image_id = here.bare()
    wanted = {name: value for name, value in method(UNUSED, **keys).items() if value is not None}
    assert here.start(image_id, wanted).status_code == 400
    assert here.show(image_id)["status"] == "queued"
    assert here.get(f"/v2/images/{image_id}/tasks").json == {"tasks": []}


def test_order_of_refusals(here: ImportApi) -> None:
    nothing = {"name": "glance-download"}
    assert here.start(here.active(), nothing).status_code == 409  # status, then keys, then rules
    assert here.start(here.bare(visibility="community"), nothing, EVE).status_code == 400
    assert here.start(here.bare(visibility="community"), method(UNUSED), EVE).status_code == 403


SOURCES: list[tuple[Callable[[Region], str], str, str]] = [
    (lambda region: UNUSED, "does not have the image", "missing"),
    (lambda region: region.api.active(who=EVE, visibility="private"), "does not have the image", "hidden"),
    (lambda region: region.api.bare(), "status queued", "queued"),
    (lambda region: changed(region, status="deactivated"), "status deactivated", "deactivated"),
    (lambda region: changed(region, checksum="0" * 32), "md5", "checksum"),
    (lambda region: changed(region, os_hash_value="0" * 128), "sha512", "hash"),
    (lambda region: changed(region, os_hash_algo="crc32"), "cannot be checked", "algorithm"),
    (lambda region: changed(region, disk_format="strange"), "disk_format", "format"),
]


@pytest.mark.parametrize(("make", "reason"), [row[:2] for row in SOURCES], ids=[row[2] for row in SOURCES])
def test_bad_source(here: ImportApi, region: Region, make: Callable[[Region], str], reason: str) -> None:
    image_id = here.bare()
    here.done(image_id, method(make(region)))
    assert reason in here.at_rest(image_id, failed="default")["message"]
    assert here.done(image_id, method(region.api.active()))["status"] == "active"  # it can be tried again


ANSWERS: list[tuple[list[Reply], str, str]] = [
    ([Reply(401)], "refuses the caller's token or rights (it answers 401)", "token refused"),
    ([record(), Reply(401)], "(it answers 401)", "token refused for the data"),
    ([record(), Reply(403)], "(it answers 403)", "no right"),
    ([record(), Reply(404)], "does not have the image", "gone"),
    ([record(), Reply(body=TEN[:9])], "its record says 10", "too short"),
    ([record(size=9), Reply(body=TEN)], "its record says 9", "too long"),
    ([record(size="9"), Reply(body=TEN)], "not answer as an image service", "size is a text"),
    ([record(checksum=5), Reply(body=TEN)], "not answer as an image service", "hash is a number"),
    ([Reply(body=b"{")], "not answer as an image service", "no JSON"),
    ([Reply(body=b"[]")], "not answer as an image service", "a list"),
    ([Reply(body=b'"' + b"x" * 2**21 + b'"')], "not answer as an image service", "endless"),
    ([Reply(302, headers={"Location": "http://127.0.0.1:9/x"})], "not allowed", "redirect to an inner place"),
    ([record(), Reply(302, headers={"Location": "http://169.254.169.254/"})], "not allowed", "redirect to metadata"),
]


@pytest.mark.parametrize(("replies", "reason"), [row[:2] for row in ANSWERS], ids=[row[2] for row in ANSWERS])
def test_bad_answers(replies: list[Reply], reason: str) -> None:
    with ScriptedServer() as server:
        server.replies.extend(replies)
        api = importing_from(server.endpoint)
        image_id = api.bare()
        api.done(image_id, method(UNUSED))
        assert reason in api.at_rest(image_id)["message"]
        api.close()

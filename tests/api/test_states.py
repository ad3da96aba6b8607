"""Every operation on an image in every status (Image API v2; statuses of docs/api.md): what it answers, as one table.

The status is set past all rules, with the data that an image of that status has. An operation that is refused changes
nothing; one that is allowed is tested for what it does elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.many import WEB_URL, Many
from tests.api.support import ALICE, OCTETS, ROOT, operation

STATUSES = ["queued", "saving", "uploading", "importing", "active", "deactivated", "killed", "deleted"]
Call = Callable[[Many, str], TestResponse]


def _put(what: str) -> Call:
    return lambda api, one: api.call("PUT", f"/v2/images/{one}/{what}", data=b"0123456789", content_type=OCTETS)


def _ask(method: str, path: str, who: str = ALICE, **options: Any) -> Call:
    return lambda api, one: api.call(method, path.format(one), who, **options)


def _import(**method: str) -> Call:
    body = {"method": method, **({"stores": ["slow"]} if method["name"] == "copy-image" else {})}
    return _ask("POST", "/v2/images/{}/import", ROOT, json=body)


def _patch(op: str, name: str, value: Any = None) -> Call:
    return lambda api, one: api.patch(one, [operation(op, name, value)], ROOT)


def _location() -> dict[str, Any]:
    return {"url": WEB_URL, "metadata": {}}


ALL = dict.fromkeys(STATUSES, 200)
DONE = dict.fromkeys(STATUSES, 204)
OPERATIONS: Mapping[str, tuple[Call, Mapping[str, int], int]] = {
    "upload": (_put("file"), {"queued": 204, "killed": 204}, 409),
    "stage": (_put("stage"), {"queued": 204}, 409),
    "import what was staged": (_import(name="glance-direct"), {"uploading": 202}, 409),
    "import from the web": (_import(name="web-download", uri="http://127.0.0.1/x"), {"queued": 202}, 409),
    "copy": (_import(name="copy-image"), {"active": 202}, 409),
    "deactivate": (_ask("POST", "/v2/images/{}/actions/deactivate", ROOT), {"active": 204, "deactivated": 204}, 403),
    "reactivate": (_ask("POST", "/v2/images/{}/actions/reactivate", ROOT), {"active": 204, "deactivated": 204}, 403),
    "add a location by PATCH": (_patch("add", "locations/-", _location()), {"active": 200, "queued": 200}, 409),
    "remove a location by PATCH": (_patch("remove", "locations/1"), {"active": 200}, 409),
    "add a location": (_ask("POST", "/v2/images/{}/locations", json={"url": WEB_URL}), {"queued": 202}, 409),
    "remove from a store": (_ask("DELETE", "/v2/stores/fast/{}", ROOT), {"active": 204}, 409),
    "queue for the cache": (_ask("PUT", "/v2/cache/{}", ROOT), {"active": 202}, 400),
    "download": (_ask("GET", "/v2/images/{}/file"), {"active": 200, "deactivated": 403}, 204),
    "download as an admin": (_ask("GET", "/v2/images/{}/file", ROOT), {"active": 200, "deactivated": 200}, 204),
    "show": (_ask("GET", "/v2/images/{}"), ALL, 200),
    "history": (_ask("GET", "/v2/images/{}/history"), ALL, 200),
    "add a tag": (_ask("PUT", "/v2/images/{}/tags/x"), DONE, 204),
    "change a property": (_patch("add", "color", "red"), ALL, 200),
    "add a member": (_ask("POST", "/v2/images/{}/members", json={"member": "p9"}), ALL, 200),
    "delete": (_ask("DELETE", "/v2/images/{}"), DONE, 204),
    "undelete": (_ask("POST", "/v2/images/{}/actions/undelete", ROOT), {"deleted": 204}, 409),
}
"""Operation -> how it is asked for, what it answers by status, and what in every other one. What is deleted is 404."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Many]:
    folder: Path = tmp_path_factory.mktemp("cache")
    made = Many(
        show_multiple_locations=True, image_cache_dir=str(folder), allowed_hosts="127.0.0.1,*", deleted_retention=86400
    )
    made.web.offer()
    yield made
    made.finish_tasks()
    made.close()


def image_in(api: Many, status: str) -> str:
    """Give the id of an image in a status, as the service would have brought it there."""
    if status in ("active", "deactivated", "deleted"):
        image_id = api.active()
        api.spread(image_id, "default", "fast")
        if status == "deleted":
            assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
            return image_id
    else:
        image_id = api.bare()
    if status == "uploading":
        assert _put("stage")(api, image_id).status_code == 204
    elif status != "queued":
        api.change(image_id, status=status)
    return image_id


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_in_a_status(api: Many, name: str, status: str) -> None:
    call, answers, refused = OPERATIONS[name]
    image_id = image_in(api, status)
    before = api.record(image_id)
    expected = answers.get(status, refused)
    if status == "deleted" and name != "undelete":
        expected = 404
    answer = call(api, image_id)
    assert answer.status_code == expected, answer.text
    if expected >= 400:
        assert api.record(image_id) == before
        assert not api.stored(image_id) or status in ("active", "deactivated", "uploading", "deleted")


@pytest.mark.parametrize("status", STATUSES)
def test_who_is_listed(api: Many, status: str) -> None:
    """A killed image is listed by its status alone, a deleted one never."""
    image_id = image_in(api, status)

    def listed(query: str) -> bool:
        views = api.get(f"/v2/images?limit=1000&{query}").json["images"]
        return image_id in [view["id"] for view in views]

    assert listed("") == (status not in ("killed", "deleted"))
    assert listed(f"status={status}") == (status != "deleted")
    assert listed("sort=created_at:desc") == (status not in ("killed", "deleted"))

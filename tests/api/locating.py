"""What tests of the locations API say and wait for.

Owns one call of it and a look at its task. Must never assert anything beyond what every test rests on.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.api.many import WEB_URL, Many
from tests.api.support import ALICE, ROOT, TEN, Api

VALUES = {name: hashlib.new(name, TEN).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
"""The hashes of ten bytes by algorithm."""


def given(name: str, value: str | None = None) -> dict[str, str]:
    return {"os_hash_algo": name, "os_hash_value": VALUES[name] if value is None else value}


def post(api: Api, image_id: str, body: Any, who: str = ALICE) -> int:
    data = body if isinstance(body, str) else json.dumps(body)
    answer = api.call("POST", f"/v2/images/{image_id}/locations", who, data=data)
    assert answer.status_code != 202 or answer.data == b""
    return int(answer.status_code)


def done(api: Api, image_id: str, body: Any, who: str = ALICE) -> dict[str, Any]:
    """Add a location, wait for its task and give the view of the image."""
    assert post(api, image_id, body, who) == 202
    api.finish_tasks()
    return api.show(image_id)


def task(api: Api, image_id: str) -> dict[str, Any]:
    (found,) = api.get(f"/v2/images/{image_id}/tasks", ROOT).json["tasks"]
    return dict(found)


SHA512 = hashlib.sha512(TEN).hexdigest()

OTHER_URL = f"{WEB_URL}-2"

GOOD_HASH = {"os_hash_algo": "sha512", "os_hash_value": SHA512}


def value(url: str = WEB_URL, **more: Any) -> dict[str, Any]:
    return {"url": url, "metadata": {}, **more}


def add(api: Api, image_id: str, new: Any, position: str = "-", who: str = ALICE) -> int:
    answer = api.patch(image_id, [{"op": "add", "path": f"/locations/{position}", "value": new}], who)
    return int(answer.status_code)


def put(api: Api, image_id: str, new: Any, who: str = ALICE) -> int:
    return int(api.patch(image_id, [{"op": "replace", "path": "/locations", "value": new}], who).status_code)


def remove(api: Api, image_id: str, position: str, who: str = ROOT) -> int:
    return int(api.patch(image_id, [{"op": "remove", "path": f"/locations/{position}"}], who).status_code)


def web_image(located: Many, *more: str) -> str:
    image_id = located.bare()
    for url in (WEB_URL, *more):
        assert add(located, image_id, value(url)) == 200
    return image_id

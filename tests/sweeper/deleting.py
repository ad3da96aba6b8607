"""A catalog that keeps the data of deleted images for a day, and its deletions.

Owns the short ways to them. Must never sweep.
"""

from __future__ import annotations

from typing import Any

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, ROOT, Api
from tests.sweeper.support import DAY


def keeping(make_api: MakeApi, **options: Any) -> Api:
    return make_api(deleted_retention=DAY, **options)


def delete(api: Api, image_id: str, who: str = ALICE) -> None:
    assert api.call("DELETE", f"/v2/images/{image_id}", who).status_code == 204


def undelete(api: Api, image_id: str, who: str = ROOT) -> int:
    return api.call("POST", f"/v2/images/{image_id}/actions/undelete", who).status_code

"""Every operation on anything but images does what the OpenAPI document says, for an admin."""

from __future__ import annotations

from typing import Any

from tests.contract.generated import SCHEMA, check, generated
from tests.contract.world import ROOT


@SCHEMA.exclude(path_regex="^/v2/images").parametrize()
@generated
def test_admin(case: Any) -> None:
    check(case, ROOT)

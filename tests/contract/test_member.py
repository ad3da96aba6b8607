"""Every operation does what the OpenAPI document says, for a member of a project."""

from __future__ import annotations

from typing import Any

from tests.contract.generated import SCHEMA, check, fewer
from tests.contract.world import MEMBER


@SCHEMA.parametrize()
@fewer
def test_member(case: Any) -> None:
    check(case, MEMBER)

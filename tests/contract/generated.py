"""How every operation of the OpenAPI document is put under generated requests, good and bad.

Owns the settings: all checks of schemathesis are on, and requests are the same in every run. Must never hold a test:
the operations are dealt out to test modules, which workers run beside each other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from tests.api.support import PATCH_20, PATCH_21
from tests.contract import texts
from tests.contract.world import World

EXAMPLES, MEMBER_EXAMPLES = 150, 50
"""Generated requests for an operation: 200 in all."""
BOUNDARIES = [Phase.explicit] if os.environ.get("CALOTYPE_TEST_BOUNDARIES") else []
"""With the variable, admins send some 50 requests more that go through the bounds of each parameter."""
OUTSIDE = {"locations_add_location", "tasks_create_task"}
"""Operations that need a host on the web which answers: right requests are not taken here."""
ANY_METHOD = {"/", "/versions", "/v2/info/usage", "/v2/images/{image_id}/tasks"}
"""Paths that take every method, as the reference does: 405 is not to be had there."""

WORLD = World()
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 2030,
        "generation": {
            "max-examples": EXAMPLES,
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
            "allow-extra-parameters": False,  # unknown parameters are ignored or are properties
            "with-security-parameters": False,
        },
        "analysis": {"constants": {"enabled": False}},
        "phases": {"fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}},
        "checks": {
            "negative_data_rejection": {
                "expected-statuses": [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 416, 431]
            },
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", 401, 403, 404, 405, 409, 410, 412, 413, 416],
            },
        },
    }
)
schemathesis.serializer.alias([PATCH_20, PATCH_21], "application/json")
texts.register()
SCHEMA = schemathesis.openapi.from_dict(texts.exchange(WORLD.api.get("/openapi.json").json), config=CONFIG)
SCHEMA.app = WORLD.api.app
generated = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[*BOUNDARIES, Phase.generate],
)  # fmt: skip
fewer = settings(generated, max_examples=MEMBER_EXAMPLES, phases=[Phase.generate])


def left_out_of(case: Any) -> Iterator[CheckFunction]:
    """Name the checks that cannot hold for an operation."""
    if case.operation.path in ANY_METHOD:
        yield unsupported_method
    if case.operation.definition.raw["operationId"] in OUTSIDE:
        yield positive_data_acceptance


def check(case: Any, token: str) -> None:
    """Send a request as somebody and look at the answer in every way."""
    WORLD.fill(case)
    left_out = list(left_out_of(case))
    headers = {"X-Auth-Token": token, "Accept-Encoding": "identity"}
    case.call_and_validate(headers=headers, excluded_checks=left_out)

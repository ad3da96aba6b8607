"""Every route x every caller x every kind of image, against the grids in ``tests/api/matrix``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from catalog.api.auth import OPEN_ENDPOINTS
from tests.api.conftest import MakeApi
from tests.api.matrix import images, imports, metadefs, old
from tests.api.matrix.grid import CALLERS, KINDS, Grid
from tests.api.matrix.world import World
from tests.api.support import Api

GRIDS: list[Grid] = [*images.GRIDS, *imports.GRIDS, *metadefs.GRIDS, *old.GRIDS]
LISTS = [grid for grid in GRIDS if "yes" in grid.expected.values()]
CALLS = [grid for grid in GRIDS if grid not in LISTS]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("fast"))
    yield made
    made.api.close()


def routes(api: Api) -> Iterator[tuple[str, str]]:
    """Give path and method of every call that an identity is needed for."""
    for rule in api.app.url_map.iter_rules():
        described = getattr(api.app.view_functions[rule.endpoint], "operation", None)
        methods = set(rule.methods or ()) - {"OPTIONS"}
        if described is not None and described.methods:
            methods &= set(described.methods)  # the others are there to be refused
        if rule.endpoint not in OPEN_ENDPOINTS:
            yield from ((rule.rule, method) for method in methods)


def wrong(grid: Grid, answers: dict[tuple[str, str], str]) -> dict[str, str]:
    """Name the cells that are not as the grid says."""
    return {
        f"{kind or 'call'} by {caller}": f"{answers[kind, caller]}, not {expected}"
        for (kind, caller), expected in grid.expected.items()
        if answers[kind, caller] != expected
    }


@pytest.mark.parametrize("grid", CALLS, ids=lambda grid: grid.name)
def test_answers(world: World, grid: Grid) -> None:
    refused = set(grid.expected.values()) == {"405"}
    assert refused or world.route(grid) is not None, "there is no such route"
    answers = {
        (kind, caller): str(world.call(grid, kind, CALLERS[caller]).status_code) for kind, caller in grid.expected
    }
    assert wrong(grid, answers) == {}


@pytest.mark.parametrize("grid", LISTS, ids=lambda grid: grid.name)
def test_lists(world: World, grid: Grid) -> None:
    world.api.clock.move(1)  # so that these are the newest, on the first page
    made = {kind: world.image(kind, "active") for kind in KINDS}
    answers: dict[tuple[str, str], str] = {}
    for caller, token in CALLERS.items():
        page = world.call(grid, "", token)
        seen = {image["id"] for image in page.json["images"]} if page.status_code == 200 else None
        for kind, image_id in made.items():
            answers[kind, caller] = str(page.status_code) if seen is None else "yes" if image_id in seen else "no"
    assert wrong(grid, answers) == {}


def test_every_route_has_a_grid(world: World) -> None:
    covered = {(rule.rule, grid.method) for grid in GRIDS if (rule := world.route(grid))}
    assert set(routes(world.api)) - covered == set()


def test_open_routes_are_these(world: World) -> None:
    paths = {rule.rule for rule in world.api.app.url_map.iter_rules() if rule.endpoint in OPEN_ENDPOINTS}
    assert paths >= {"/", "/versions", "/v2", "/healthcheck"}
    assert not any(path.startswith(("/v1/", "/v2/images", "/v2/tasks", "/v2/cache")) for path in paths)


def test_without_an_identity_nothing_is_open(make_api: MakeApi) -> None:
    api = make_api()
    answers = {
        (path, method): api.call(method, re.sub("<.*?>", "x", path), None).status_code for path, method in routes(api)
    }
    assert {route: status for route, status in answers.items() if status != 401} == {}

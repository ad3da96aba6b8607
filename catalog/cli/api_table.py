"""``calotype api-table``: every call, for docs/api.md.

Owns how the page looks. Must never know what a call does: the routes and their descriptions tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import click

from backends.memory import MemoryStore
from catalog.api.openapi.document import described_routes
from catalog.api.operation import Operation
from catalog.app import EXTENSION, Catalog, create_app
from catalog.cli.reference import REPLACED, ReferenceCall, reference_calls

_HEAD = """\
# Calls

Every call of the reference (Glance 33, Image API 2.18, and the old v1) by number, and what Calotype does. "Rule" names
the rules of the policy file that are asked: "-" means that everybody may call, "any" that an identity is enough.

A running catalog serves the whole description, with parameters, bodies and every status, as OpenAPI at
`/openapi.json` and as a page at `/docs`; neither needs an identity, and the page loads nothing from other hosts.

This page is printed by `calotype api-table`.
"""
_COLUMNS = "| # | Method | Path | Success | Rule | In Calotype |\n|---|---|---|---|---|---|"
_OWN_COLUMNS = "| Method | Path | Success | Rule | Meaning |\n|---|---|---|---|---|"
_VARIABLE = re.compile(r"{[^{}]*}")

Call = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Route:
    """One served call: its path, with names of variables as they are here, and its description."""

    path: str
    described: Operation


def _routes() -> Mapping[Call, _Route]:
    """Give the served calls by method and path, whatever the path's variables are called."""
    app = create_app(store=MemoryStore(), auth="headers")
    catalog: Catalog = app.extensions[EXTENSION]
    try:
        found = described_routes(app)
        return {(method, _anonymous(path)): _Route(path, described) for path, method, _, described in found}
    finally:
        catalog.close()


def _anonymous(path: str) -> str:
    return _VARIABLE.sub("{}", path)


def markdown() -> str:
    """Give the whole page."""
    routes = _routes()
    calls = reference_calls()
    known = {(call.method, _anonymous(call.path)) for call in calls}
    own = sorted((path, method) for method, path in routes.keys() - known)
    lines = [*_table(calls, routes), "\n## Beyond the reference\n", _OWN_COLUMNS]
    lines += [_own_row(method, routes[method, path]) for path, method in own]
    return _HEAD + "\n".join(lines) + "\n"


def _table(calls: Iterable[ReferenceCall], routes: Mapping[Call, _Route]) -> Iterator[str]:
    group = ""
    for call in calls:
        if call.group != group:
            group = call.group
            yield f"\n## {group}\n\n{_COLUMNS}"
        found = routes.get((call.method, _anonymous(call.path)))
        cells = (str(call.number), call.method, f"`{call.path}`", call.success, _rule(found), _state(call, routes))
        yield f"| {' | '.join(cells)} |"


def _state(call: ReferenceCall, routes: Mapping[Call, _Route]) -> str:
    found = routes.get((call.method, _anonymous(call.path)))
    if found is not None:
        return _success(found.described)
    if call.number in REPLACED:
        return REPLACED[call.number]
    return "405" if any(path == _anonymous(call.path) for _, path in routes) else "missing"


def _success(found: Operation) -> str:
    return ",".join(str(status) for status in sorted(found.answers) if status < 400 and status != 304)


def _rule(found: _Route | None) -> str:
    if found is None or found.described.rule is None:
        return "-"
    return found.described.rule or "any"


def _own_row(method: str, found: _Route) -> str:
    cells = (method, f"`{found.path}`", _success(found.described), _rule(found), found.described.summary)
    return f"| {' | '.join(cells)} |"


@click.command("api-table", hidden=True)
def api_table() -> None:
    """Print the table of all calls (Markdown)."""
    click.echo(markdown(), nl=False)

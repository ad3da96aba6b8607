"""Every query of the dashboard and of the alert rules asks for figures, and labels, that the server has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import promql_parser
import pytest
import yaml

from catalog.metrics.families import FAMILIES, HISTOGRAM
from tests.api.support import Api
from tests.docs.markdown import ROOT

DASHBOARD = json.loads((ROOT / "deploy/grafana/calotype.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
TARGET = {"job", "instance"}
"""Labels that Prometheus adds to every figure."""
VARIABLES = {"$__rate_interval": "5m", "$instance": "x", "$job": "x"}


def panels() -> list[dict[str, object]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def rules() -> list[dict[str, object]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def queries() -> Iterator[object]:
    for panel in panels():
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for rule in rules():
        yield pytest.param(rule["expr"], id=rule["alert"])


@pytest.fixture(scope="module")
def exposed() -> Iterator[set[str]]:
    """Names of all samples that a running catalog may show."""
    api = Api()
    names = {"up"}
    for line in api.get("/metrics", who=None).text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == HISTOGRAM else {name}
    yield names
    api.close()


def labels_of(name: str) -> set[str]:
    for family in FAMILIES:
        if family.kind == HISTOGRAM and name.startswith(f"{family.name}_"):
            return {*family.labels, *TARGET, *({"le"} if name.endswith("_bucket") else ())}
        if family.name == name:
            return {*family.labels, *TARGET}
    return TARGET


def selectors(expression: object) -> Iterator[promql_parser.VectorSelector]:
    """Give the selectors of a parsed query, those inside of ranges too."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        if (child := getattr(expression, name, None)) is not None:
            yield from selectors(child)
    for child in getattr(expression, "args", None) or ():
        yield from selectors(child)


def groupings(expression: object) -> Iterator[str]:
    """Give the labels that a query groups by."""
    modifier = getattr(expression, "modifier", None)
    if isinstance(expression, promql_parser.AggregateExpr) and modifier is not None:
        yield from modifier.labels
    for name in ("expr", "lhs", "rhs"):
        if (child := getattr(expression, name, None)) is not None:
            yield from groupings(child)
    for child in getattr(expression, "args", None) or ():
        yield from groupings(child)


@pytest.mark.parametrize("query", list(queries()))
def test_query_asks_for_what_there_is(query: str, exposed: set[str]):
    parsed = promql_parser.parse(_plain(query))
    found = list(selectors(parsed))
    assert found
    for selector in found:
        assert selector.name in exposed
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels_of(selector.name)
    known = set.intersection(*(labels_of(selector.name) for selector in found))
    assert set(groupings(parsed)) <= known


def test_every_figure_is_on_the_dashboard():
    text = json.dumps(DASHBOARD)
    assert [family.name for family in FAMILIES if family.name not in text] == []


def test_legends_name_labels_of_the_result():
    for panel in panels():
        for target in panel["targets"]:
            named = {part.split("}}")[0] for part in target["legendFormat"].split("{{")[1:]}
            expression = promql_parser.parse(_plain(target["expr"]))
            kept = set(groupings(expression)) or set.intersection(*map(labels_of, _names(expression)))
            assert named <= kept, panel["title"]


def _plain(query: str) -> str:
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    return query


def _names(expression: object) -> list[str]:
    return [str(selector.name) for selector in selectors(expression)]


def test_panels_have_places_and_the_variables_are_declared():
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "job", "instance"]
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels())


def test_rules_are_complete():
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 10
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]

"""A list's parameters that take words, labels or texts, one by one."""

from __future__ import annotations

import pytest

from catalog.index.query import Filter, Operator
from catalog.schemas.list_query import MAX_LABELS
from tests.service.listing.querying import only_filter, parse, refusal

# Words


@pytest.mark.parametrize("value", ["public", "private", "shared", "community", "all"])
def test_visibility(value):
    assert parse(f"visibility={value}").visibility == value
    assert parse("").visibility is None


@pytest.mark.parametrize("value", ["accepted", "pending", "rejected", "all"])
def test_member_status(value):
    assert parse(f"member_status={value}").member_status == value
    assert parse("").member_status == "accepted"


@pytest.mark.parametrize("key", ["visibility", "member_status"])
@pytest.mark.parametrize("value", ["", "x", "ALL", "Public", " all", "eq:all", "all,public", "\0"])
def test_other_words_are_refused(key, value):
    assert key in refusal([(key, value)])


@pytest.mark.parametrize(("value", "number"), [("true", 1), ("false", 0)])
def test_protected(value, number):
    assert only_filter(("protected", value)) == Filter("protected", Operator.IN, (number,))


@pytest.mark.parametrize("value", ["True", "TRUE", "1", "", "yes", "eq:true", " true"])
def test_protected_refuses(value):
    assert "protected" in refusal([("protected", value)])


@pytest.mark.parametrize(("value", "hidden"), [("true", True), ("True", True), ("FALSE", False), ("false", False)])
def test_os_hidden(value, hidden):
    assert parse(f"os_hidden={value}").hidden is hidden
    assert parse("").hidden is False


@pytest.mark.parametrize("value", ["", "1", "yes", "eq:true", " true"])
def test_os_hidden_refuses(value):
    assert "os_hidden" in refusal([("os_hidden", value)])


# Tags, properties and the rest


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        ("tag=a", ("a",)),
        ("tag=a&tag=b&tag=a", ("a", "b")),
        ("tag=%20a%20", ("a",)),
        ("tag=", ("",)),
        ("tag=in:a,b", ("in:a,b",)),
        ("tag=%F0%9F%98%80", ("😀",)),
    ],
)
def test_tags(text, tags):
    assert parse(text).tags == tags


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("color=red", {"color": "red"}),
        ("color=", {"color": ""}),
        ("=x", {"": "x"}),
        ("color=in:a", {"color": "in:a"}),
        ("color=red&color=blue", {"color": "blue"}),
        ("color=red&shape=round", {"color": "red", "shape": "round"}),
        ("properties=x", {"properties": "x"}),
        ("Name=x", {"Name": "x"}),
        ("tags=x", {"tags": "x"}),
        ("self=x&file=x&schema=x", {"self": "x", "file": "x", "schema": "x"}),
        ("%F0%9F%98%80=%F0%9F%98%80", {"😀": "😀"}),
        ("a%00b=%00", {"a\0b": "\0"}),
        ("min=1&_mi=1", {"min": "1", "_mi": "1"}),
    ],
)
def test_properties(text, properties):
    assert dict(parse(text).properties) == properties
    assert parse(text).filters == ()


def test_the_last_value_of_a_filter_counts():
    assert only_filter(("name", "a"), ("name", "b")).values == ("b",)
    assert parse("visibility=wrong&visibility=all").visibility == "all"


@pytest.mark.parametrize("value", ["", "2024-01-01", "x"])
def test_changes_since_is_refused(value):
    assert "changes-since" in refusal([("changes-since", value)])


@pytest.mark.parametrize("value", ["true", "false", "", "x"])
def test_deleted_is_ignored(value):
    assert parse([("deleted", value)]) == parse("")


@pytest.mark.parametrize("pair", [("name", "\ud800"), ("\udcff", "x"), ("tag", "a\udc80")])
def test_what_is_not_utf8_is_refused(pair):
    assert "UTF-8" in refusal([pair])
    refusal([pair]).encode()


def test_a_number_of_labels_that_sql_cannot_take_is_refused():
    tags = [("tag", str(number)) for number in range(MAX_LABELS)]
    assert len(parse(tags).tags) == MAX_LABELS
    assert str(MAX_LABELS) in refusal([*tags, ("color", "red")])


def test_all_filters_together():
    query = parse(
        "name=a&size_min=1&size_max=2&tag=t&color=red&status=in:active,queued&limit=5&marker=m&protected=true"
    )
    assert [item.field for item in query.filters] == ["name", "size", "size", "status", "protected"]
    assert (query.tags, query.properties, query.limit) == (("t",), (("color", "red"),), 5)

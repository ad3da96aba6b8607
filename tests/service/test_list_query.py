"""Every rule of the list's parameters, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from catalog.errors import Invalid
from catalog.index.query import SORT_KEYS, Filter, ListQuery, Operator, SortKey
from catalog.schemas.list_query import MAX_LABELS, parse_list_query
from catalog.schemas.list_values import MAX_VALUES

OPERATED = ("name", "id", "status", "container_format", "disk_format")
TIMED = ("created_at", "updated_at")
RANGED = ("size", "virtual_size", "min_ram", "min_disk")
HUGE = "9" * 5000


def parse(text: str | list[tuple[str, str]]) -> ListQuery:
    pairs = parse_qsl(text, keep_blank_values=True) if isinstance(text, str) else text
    return parse_list_query(pairs, 25, 1000).query


def only_filter(*pairs: tuple[str, str]) -> Filter:
    (found,) = parse(list(pairs)).filters
    return found


def refusal(text: str | list[tuple[str, str]]) -> str:
    with pytest.raises(Invalid) as caught:
        parse(text)
    return caught.value.message


def order(text: str) -> list[str]:
    return [("-" if key.descending else "+") + key.field for key in parse(text).sort]


# Paging


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", 25),
        ("limit=1", 1),
        ("limit=0", 0),
        ("limit=1000", 1000),
        ("limit=1001", 1000),
        ("limit=%2B5", 5),
        ("limit=007", 7),
        (f"limit={HUGE}", 1000),
        ("limit=3&limit=4", 4),
    ],
)
def test_limit(text, limit):
    assert parse(text).limit == limit


@pytest.mark.parametrize("value", ["-1", f"-{HUGE}", "", "x", "1.5", "1e3", "0x10", "1_0", "\u0661", "1\0", "true"])
def test_a_limit_that_is_no_count_is_refused(value):
    assert "limit" in refusal([("limit", value)])


@pytest.mark.parametrize(
    ("text", "marker"), [("", None), ("marker=x", "x"), ("marker=", ""), ("marker=a&marker=b", "b")]
)
def test_marker(text, marker):
    assert parse_list_query(parse_qsl(text, keep_blank_values=True), 25, 1000).marker == marker


# Sorting


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", "-created_at -id"),
        ("sort=name", "-name -created_at -id"),
        ("sort=name:", "-name -created_at -id"),
        ("sort=name:asc", "+name +created_at +id"),
        ("sort=name:desc", "-name -created_at -id"),
        ("sort=name:asc,size", "+name -size -created_at -id"),
        ("sort=name:asc,size:asc", "+name +size -created_at -id"),
        ("sort=%20name%20:%20asc%20,%20size%20", "+name -size -created_at -id"),
        ("sort=id:asc", "+id"),
        ("sort=id:asc,name:desc", "+id"),
        ("sort=created_at:asc", "+created_at +id"),
        ("sort=created_at:asc,id:desc", "+created_at -id"),
        ("sort=name:asc,name:desc", "+name -created_at -id"),
        ("sort=size&sort=name:asc", "+name +created_at +id"),
        ("sort_key=name", "-name -created_at -id"),
        ("sort_key=name&sort_dir=asc", "+name +created_at +id"),
        ("sort_key=name&sort_key=size", "-name -size -created_at -id"),
        ("sort_key=name&sort_key=size&sort_dir=asc", "+name +size +created_at +id"),
        ("sort_key=name&sort_key=size&sort_dir=asc&sort_dir=desc", "+name -size -created_at -id"),
        ("sort_key=name&sort_key=size&sort_dir=asc&sort_dir=asc", "+name +size -created_at -id"),
        ("sort_dir=asc", "+created_at +id"),
        ("sort_dir=desc", "-created_at -id"),
        ("sort_key=%20name%20&sort_dir=%20asc", "+name +created_at +id"),
    ],
)
def test_sort(text, keys):
    assert order(text) == keys.split()


@pytest.mark.parametrize("key", SORT_KEYS)
def test_every_sort_key(key):
    for text in (f"sort={key}:asc", f"sort_key={key}&sort_dir=asc"):
        assert parse(text).sort[0] == SortKey(key, descending=False)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sort=", "sort"),
        ("sort=,", "sort"),
        ("sort=name,", "sort"),
        ("sort=owner", "owner"),
        ("sort=min_disk:asc", "min_disk"),
        ("sort=Name", "Name"),
        ("sort=name:up", "up"),
        ("sort=name:ASC", "ASC"),
        ("sort=name:asc:desc", "asc:desc"),
        ("sort_key=", "sort_key"),
        ("sort_key=visibility", "visibility"),
        ("sort_key=name,size", "name,size"),
        ("sort_dir=up", "sort_dir"),
        ("sort_key=name&sort_dir=", "sort_dir"),
        ("sort_dir=asc&sort_dir=desc", "Number of sort dirs"),
        ("sort_key=name&sort_dir=asc&sort_dir=desc", "Number of sort dirs"),
        ("sort_key=name&sort_key=id&sort_key=size&sort_dir=asc&sort_dir=desc", "Number of sort dirs"),
        ("sort=name&sort_key=name", "cannot be combined"),
        ("sort=name&sort_dir=asc", "cannot be combined"),
        ("sort=name%00", "sort"),
    ],
)
def test_a_wrong_sort_is_refused(text, named):
    assert named in refusal(text)


# Equality, eq: and in:


@pytest.mark.parametrize("field", OPERATED)
@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("a", ["a"]),
        ("", [""]),
        ("eq:a", ["a"]),
        ("eq:", [""]),
        ("eq:a:b", ["a:b"]),
        ("eq:in:a,b", ["in:a,b"]),
        ('eq:"a"', ['"a"']),
        ('"a"', ['"a"']),
        ("a,b", ["a,b"]),
        ("in:a", ["a"]),
        ("in:a,b", ["a", "b"]),
        ("in:", []),
        ("in:a,", ["a"]),
        ("in:,", [""]),
        ("in:,a", ["", "a"]),
        ("in:a,,b", ["a", "", "b"]),
        ("in: a , b ", [" a ", " b "]),
        ('in:""', [""]),
        ('in:"a,b",c', ["a,b", "c"]),
        ('in:c,"a,b"', ["c", "a,b"]),
        ('in:"a","b"', ["a", "b"]),
        (r'in:"a\"b",c', ['a"b', "c"]),
        (r"in:a\"b", ['a"b']),
        (r"in:a\b", [r"a\b"]),
        (r'in:"a\b"', [r"a\b"]),
        ("in:a:b,c:d", ["a:b", "c:d"]),
        ("in:a,a", ["a"]),
        ("in:é,😀,\0", ["é", "😀", "\0"]),
        ("x" * 100_000, ["x" * 100_000]),
        ('in:"' + "x" * 100_000 + '"', ["x" * 100_000]),
        ("IN", ["IN"]),
    ],
)
def test_operated_fields(field, value, values):
    assert only_filter((field, value)) == Filter(field, Operator.IN, tuple(values))


@pytest.mark.parametrize("field", OPERATED)
@pytest.mark.parametrize(
    "value",
    [
        'in:"a',
        'in:a"',
        'in:a"b',
        'in:"a"b',
        'in:"a""b"',
        'in:"',
        r'in:"a\"',
        'in:a,"b',
        'in: "a"',
        "neq:a",
        "gt:a",
        "a:b",
        ":a",
        "EQ:a",
        "In:a",
        "http://x",
        "in:" + ",".join(str(n) for n in range(MAX_VALUES + 1)),
    ],
)
def test_operated_fields_refuse(field, value):
    assert field in refusal([(field, value)])


# Times

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("field", TIMED)
@pytest.mark.parametrize(
    ("value", "operator", "moment"),
    [
        ("2024-01-01", Operator.IN, NEW_YEAR),
        ("20240101", Operator.IN, NEW_YEAR),
        ("2024-01-01T00:00:00Z", Operator.IN, NEW_YEAR),
        ("2024-01-01T00:00:00", Operator.IN, NEW_YEAR),
        ("2024-01-01 00:00:00", Operator.IN, NEW_YEAR),
        ("2024-01-01t00:00z", Operator.IN, NEW_YEAR),
        ("2024-01-01T00", Operator.IN, NEW_YEAR),
        ("20240101T000000Z", Operator.IN, NEW_YEAR),
        ("2024-01-01T02:00:00+02:00", Operator.IN, NEW_YEAR),
        ("2023-12-31T19:00:00-0500", Operator.IN, NEW_YEAR),
        ("2024-01-01T05:30:00+05:30", Operator.IN, NEW_YEAR),
        ("2024-01-01T00:00:00.000Z", Operator.IN, NEW_YEAR),
        ("2024-01-01T00:00:00,5Z", Operator.IN, NEW_YEAR.replace(microsecond=500_000)),
        ("2024-01-01T00:00:00.123456789Z", Operator.IN, NEW_YEAR.replace(microsecond=123_456)),
        ("eq:2024-01-01T00:00:00Z", Operator.IN, NEW_YEAR),
        ("neq:2024-01-01T00:00:00Z", Operator.NEQ, NEW_YEAR),
        ("gt:2024-01-01T00:00:00Z", Operator.GT, NEW_YEAR),
        ("gte:2024-01-01", Operator.GTE, NEW_YEAR),
        ("lt:2024-01-01T02:00:00+02:00", Operator.LT, NEW_YEAR),
        ("lte:2024-01-01T00:00:00Z", Operator.LTE, NEW_YEAR),
        ("gt:0001-01-01", Operator.GT, datetime(1, 1, 1, tzinfo=UTC)),
        ("lt:9999-12-31T23:59:59Z", Operator.LT, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times(field, value, operator, moment):
    assert only_filter((field, value)) == Filter(field, operator, (moment,))


@pytest.mark.parametrize("field", TIMED)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "gt:",
        "yesterday",
        "gt:yesterday",
        "2024-13-01",
        "2024-02-30",
        "2024-01-01T25:00:00Z",
        "2024-01-01T00:00:60Z",
        "in:2024-01-01",
        "between:2024-01-01",
        "GT:2024-01-01",
        "gt:gt:2024-01-01",
        "2024-01-01T00:00:00Zjunk",
        "2024-01-01x00:00:00",
        "2024-01-01T00:00:00 00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "\u0662\u0660\u0662\u0664-01-01",
        "2024-01-01\0",
        "0000-01-01",
        "10000-01-01",
        "2024-01-01T00:00:00+99:00",
        "1" * 100_000,
        "1704067200",
    ],
)
def test_times_refuse(field, value):
    assert field in refusal([(field, value)])


# Numbers


@pytest.mark.parametrize("field", RANGED)
@pytest.mark.parametrize(("suffix", "operator"), [("_min", Operator.GTE), ("_max", Operator.LTE)])
@pytest.mark.parametrize(
    ("value", "number"), [("5", 5), ("-1", -1), ("+5", 5), (" 5 ", 5), ("0005", 5), ("0", 0), ("000", 0)]
)
def test_ranges(field, suffix, operator, value, number):
    assert only_filter((field + suffix, value)) == Filter(field, operator, (number,))


@pytest.mark.parametrize("key", [field + suffix for field in RANGED for suffix in ("_min", "_max")])
@pytest.mark.parametrize("value", ["", "x", "1.5", "1,2", "eq:1", "1_0", "\u0661", "0" * 60_000 + "x", "5\0", "--1"])
def test_ranges_refuse(key, value):
    assert key in refusal([(key, value)])


@pytest.mark.parametrize(
    "key", ["foo_min", "name_max", "_min", "created_at_min", "owner_max", "size_min_max", "SIZE_min", "os_distro_max"]
)
def test_ranges_of_unknown_fields_are_refused(key):
    assert key in refusal([(key, "1")])


@pytest.mark.parametrize("sign", ["", "-"])
def test_huge_numbers_stay_huge(sign):
    (number,) = only_filter(("size_min", sign + HUGE)).values
    assert abs(number) > 2**63
    assert (number < 0) == bool(sign)


@pytest.mark.parametrize("field", RANGED)
@pytest.mark.parametrize(
    ("value", "values"), [("5", (5,)), ("x", ()), ("", ()), ("1.0", ()), ("eq:5", ()), ("in:5", ())]
)
def test_plain_equality_of_numbers(field, value, values):
    assert only_filter((field, value)) == Filter(field, Operator.IN, values)


@pytest.mark.parametrize("field", ["owner", "checksum", "os_hash_algo", "os_hash_value"])
@pytest.mark.parametrize("value", ["a", "", "in:a,b", "eq:a", "a:b", '"', "😀", "\0"])
def test_plain_equality_of_texts(field, value):
    assert only_filter((field, value)) == Filter(field, Operator.IN, (value,))


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

"""Limit, marker and sort of a list, one by one."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from catalog.index.query import SORT_KEYS, SortKey
from catalog.schemas.list_query import parse_list_query
from tests.service.listing.querying import HUGE, parse, refusal


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

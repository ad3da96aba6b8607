"""A list's filters of numbers and plain equality, one by one."""

from __future__ import annotations

import pytest

from catalog.index.query import Filter, Operator
from tests.service.listing.querying import HUGE, only_filter, refusal

RANGED = ("size", "virtual_size", "min_ram", "min_disk")


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

"""Filters that meet images."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.index.samples import NOON, image, image_id


def half(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name=", {2}),
        ("name=a", {1}),
        ("name=eq:c:d", {3}),
        ("name=in:a,c:d", {1, 3}),
        ('name=in:"x,%20y","a"', {1, 4}),
        ("name=in:", set()),
        ("name=A", set()),
        (f"id={image_id(3)}", {3}),
        (f"id=in:{image_id(3)},{image_id(4)},{image_id(9)}", {3, 4}),
        ("status=queued", {2}),
        ("status=in:queued,active", {1, 2, 3, 4}),
        ("status=bogus", set()),
        ("status=killed", {5}),
        ("status=eq:killed", {5}),
        ("status=in:killed,queued", {2, 5}),
        ("status=deleted", set()),
        ("status=in:deleted,pending_delete", set()),
        ("name=killed", set()),
        ("disk_format=raw", {1}),
        ("disk_format=", set()),
        ("container_format=in:bare,ova", {1, 2}),
        ("size=10", {1}),
        ("size=abc", set()),
        ("size=", set()),
        ("size=-1", set()),
        ("size_min=0", {1, 2}),
        ("size_max=100", {1, 2}),
        ("size_min=10&size_max=10", {1}),
        ("size_min=11", {2}),
        ("size_max=9", set()),
        (f"size_min={'9' * 50}", set()),
        (f"size_max={'9' * 50}", {1, 2}),
        (f"size_min=-{'9' * 50}", {1, 2}),
        (f"size={2**63}", set()),
        ("virtual_size_min=0", {2}),
        ("virtual_size=30", {2}),
        ("min_ram_min=1", {3}),
        ("min_ram_max=0", {1, 2, 4}),
        ("min_ram=512", {3}),
        ("min_disk_min=1&min_disk_max=5", {4}),
        ("min_disk=5", {4}),
        ("owner=beta", {4}),
        ("owner=", set()),
        ("checksum=c1", {1}),
        ("os_hash_algo=sha512", {1}),
        ("os_hash_value=h1", {1}),
        ("protected=true", {3}),
        ("protected=false", {1, 2, 4}),
        ("os_hidden=true", {6}),
        ("os_hidden=FALSE", {1, 2, 3, 4}),
        ("tag=x", {1, 2}),
        ("tag=x&tag=y", {2}),
        ("tag=%20x%20", {1, 2}),
        ("tag=", {3}),
        ("tag=none", set()),
        ("color=red", {1}),
        ("color=in:a", {2}),
        ("color=red&shape=round", {1}),
        ("color=red&shape=flat", set()),
        ("color=red&color=in:a", {2}),
        ("properties=odd", {3}),
        ("color=%F0%9F%98%80", set()),
        ("tag=%F0%9F%98%80&name=%00", set()),
        ("deleted=true", {1, 2, 3, 4}),
        ("name=a&status=active&tag=x&color=red&size_min=1", {1}),
        ("name=a&status=queued", set()),
    ],
)
def test_filters(catalog, text, numbers):
    catalog.add(
        image(1, name="a", size=10, disk_format="raw", container_format="bare", tags=("x",), checksum="c1"),
        image(2, name="", size=20, virtual_size=30, status="queued", container_format="ova", tags=("x", "y")),
        image(3, name="c:d", min_ram=512, protected=True, tags=("",), properties={"properties": "odd"}),
        image(4, name="x, y", min_disk=5, owner="beta"),
        image(5, name="killed", status="killed"),
        image(6, name=None, os_hidden=True),
        image(7, name="a", status="deleted"),
        image(8, name="a", status="pending_delete"),
    )
    extra = {1: {"os_hash_algo": "sha512", "os_hash_value": "h1", "properties": {"color": "red", "shape": "round"}}}
    extra[2] = {"properties": {"color": "in:a"}}
    for number, fields in extra.items():
        found = catalog.table.find(image_id(number))
        catalog.add(replace(found, revision=2, **fields))
    assert catalog.numbers(text) == numbers


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize(
    ("operator", "seconds", "numbers"),
    [
        ("", 1, {1, 2}),
        ("eq:", 1, {1, 2}),
        ("neq:", 1, {0, 3}),
        ("gt:", 1, {3}),
        ("gte:", 1, {1, 2, 3}),
        ("lt:", 1, {0}),
        ("lte:", 1, {0, 1, 2}),
        ("eq:", 1.5, set()),
        ("neq:", 1.5, {0, 1, 2, 3}),
        ("gt:", 1.5, {3}),
        ("gte:", 1.5, {3}),
        ("lt:", 1.5, {0, 1, 2}),
        ("lte:", 1.5, {0, 1, 2}),
        ("gt:", -5, {0, 1, 2, 3}),
        ("gt:", 2, set()),
        ("gte:", 2, {3}),
    ],
)
def test_times_are_those_that_views_show(catalog, field, operator, seconds, numbers):
    moments = {0: 0.25, 1: 1, 2: 1.999999, 3: 2}
    catalog.add(*[image(number, **{field: NOON + timedelta(seconds=at)}) for number, at in moments.items()])
    assert catalog.numbers(f"{field}={operator}{half(seconds)}") == numbers

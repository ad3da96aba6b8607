"""Image records of any shape, for properties that hold for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from catalog.model import Image, Location, Member, StatusChange

ID = "11111111-2222-4333-8444-555555555555"
NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))
sizes = st.none() | st.integers(0, 2**63 - 1)
optional = st.none() | texts
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
statuses = st.sampled_from(["queued", "saving", "active", "deactivated", "killed", "deleted", "importing"])
images: st.SearchStrategy[Image] = st.builds(
    Image,
    id=st.uuids().map(str),
    created_at=times,
    updated_at=times,
    name=optional,
    status=statuses,
    visibility=st.sampled_from(["public", "private", "shared", "community"]),
    protected=st.booleans(),
    os_hidden=st.booleans(),
    owner=optional,
    container_format=optional,
    disk_format=optional,
    min_disk=st.integers(0, 2**31 - 1),
    min_ram=st.integers(0, 2**31 - 1),
    size=sizes,
    virtual_size=sizes,
    checksum=optional,
    os_hash_algo=optional,
    os_hash_value=optional,
    tags=st.lists(texts, unique=True, max_size=5).map(tuple),
    properties=st.dictionaries(texts, texts, max_size=5),
    members=st.lists(st.builds(Member, texts, texts, times, times, st.booleans()), max_size=3).map(tuple),
    locations=st.lists(st.builds(Location, texts, texts), max_size=3).map(tuple),
    attempt=optional,
    judged=st.dictionaries(texts, optional, max_size=2),
    deleted_at=st.none() | times,
    history=st.lists(st.builds(StatusChange, statuses, times, texts), max_size=3).map(tuple),
    revision=st.integers(0, 10**9),
    op=texts,
    recent_ops=st.lists(texts, max_size=3).map(tuple),
)

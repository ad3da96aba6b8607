"""Random images and random queries for lists of them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from catalog.index.query import SORT_KEYS, Filter, ListQuery, Operator, SortKey, total_order
from tests.index.samples import NOON, member

words = st.sampled_from(["", "a", "b", "A:b", "\0", "😀", "é"])


moments = st.builds(
    lambda second, micro: NOON + timedelta(seconds=second, microseconds=micro),
    st.integers(0, 3),
    st.sampled_from([0, 1, 999_999]),
)


projects = st.sampled_from(["alpha", "beta", "gamma"])


visibilities = st.sampled_from(["public", "private", "shared", "community"])


statuses = st.sampled_from(["active", "queued", "killed", "deleted", "pending_delete", "deactivated"])


images = st.fixed_dictionaries(
    {
        "name": st.none() | words,
        "status": statuses,
        "visibility": visibilities,
        "owner": st.none() | projects,
        "os_hidden": st.sampled_from([False, False, False, True]),
        "protected": st.booleans(),
        "size": st.none() | st.integers(0, 3),
        "virtual_size": st.none() | st.integers(0, 3),
        "min_ram": st.integers(0, 3),
        "disk_format": st.none() | st.sampled_from(["raw", "qcow2"]),
        "created_at": moments,
        "updated_at": moments,
        "tags": st.lists(words, unique=True, max_size=3).map(tuple),
        "properties": st.dictionaries(words, words, max_size=2),
        "members": st.lists(
            st.builds(member, projects, st.sampled_from(["accepted", "pending", "rejected"])),
            unique_by=lambda one: one.member_id,
            max_size=2,
        ).map(tuple),
    }
)


texts = st.lists(words, max_size=3).map(tuple)


filters = st.one_of(
    st.builds(Filter, st.sampled_from(["name", "owner", "checksum"]), st.just(Operator.IN), texts),
    st.builds(Filter, st.just("status"), st.just(Operator.IN), st.lists(statuses, max_size=3).map(tuple)),
    st.builds(
        Filter, st.just("disk_format"), st.just(Operator.IN), st.sampled_from([("",), ("raw",), ("raw", "qcow2")])
    ),
    st.builds(Filter, st.just("protected"), st.just(Operator.IN), st.sampled_from([(0,), (1,)])),
    st.builds(
        Filter,
        st.sampled_from(["size", "virtual_size", "min_ram"]),
        st.sampled_from([Operator.GTE, Operator.LTE, Operator.IN]),
        st.tuples(st.integers(-1, 4)),
    ),
    st.builds(
        Filter, st.sampled_from(["created_at", "updated_at"]), st.sampled_from(list(Operator)), st.tuples(moments)
    ),
)


sorts = st.lists(st.builds(SortKey, st.sampled_from(SORT_KEYS), st.booleans()), max_size=3)


queries = st.builds(
    ListQuery,
    filters=st.lists(filters, max_size=2, unique_by=lambda one: one.field).map(tuple),
    properties=st.dictionaries(words, words, max_size=1).map(lambda pairs: tuple(pairs.items())),
    tags=st.lists(words, unique=True, max_size=1).map(tuple),
    visibility=st.none() | st.just("all") | visibilities,
    member_status=st.sampled_from(["accepted", "pending", "rejected", "all"]),
    hidden=st.sampled_from([False, False, True]),
    sort=st.builds(total_order, sorts, st.booleans()),
    limit=st.integers(1, 5),
    project=st.none() | projects,
    is_admin=st.booleans(),
)

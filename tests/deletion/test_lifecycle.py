"""Rules of a bucket: installed, compared, refused where the server changes them, carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backends.s3 import S3Store
from backends.s3.lifecycle import TAG, Days
from catalog.clock import new_token
from catalog.store.errors import NotFound, NotSupported
from catalog.store.interface import Overwrite
from catalog.store.keeping import expires
from tests.servers.seaweedfs import SeaweedFS

OTHERS = [
    {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 90}},
    {
        "ID": "calotype other/ tasks",
        "Status": "Enabled",
        "Filter": {"Prefix": "other/tasks/"},
        "Expiration": {"Days": 9},
    },
]


@pytest.fixture
def bucket(seaweedfs: SeaweedFS) -> Iterator[tuple[Any, str]]:
    client, name = seaweedfs.client(), f"rules-{new_token()}"
    client.create_bucket(Bucket=name)
    yield client, name
    client.close()


def rules_of(client: Any, name: str) -> list[Any]:
    rules: list[Any] = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    return sorted(rules, key=lambda rule: str(rule["ID"]))


@pytest.mark.parametrize("prefix", ["", "catalog"])
def test_rules_of_others_stay_and_ours_come_and_go(bucket: tuple[Any, str], prefix: str) -> None:
    client, name = bucket
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": OTHERS})
    before = rules_of(client, name)
    lifecycle = S3Store(client, name, prefix).lifecycle
    assert len(lifecycle.differences(home=True)) == len(lifecycle.wanted(home=True)) == 8
    assert lifecycle.install(home=True) == []
    assert lifecycle.differences(home=True) == []
    assert rules_of(client, name) == sorted([*before, *lifecycle.wanted(home=True)], key=lambda rule: str(rule["ID"]))
    assert all(rule["Status"] == "Enabled" for rule in rules_of(client, name))
    assert lifecycle.install(home=True) == []  # again is the same
    lifecycle.days = Days(noncurrent=90)
    assert len(lifecycle.differences(home=True)) == 5
    lifecycle.remove()
    assert rules_of(client, name) == before


def test_no_rule_reaches_a_record(bucket: tuple[Any, str]) -> None:
    """Whatever expires current objects below ``images/`` asks for the tag, which no record ever has."""
    client, name = bucket
    for rule in S3Store(client, name, "catalog").lifecycle.wanted(home=True):
        if "Expiration" in rule and "images/" in str(rule["Filter"]):
            assert rule["Filter"]["And"]["Tags"] == [{"Key": TAG[0], "Value": TAG[1]}]
        assert "catalog/" in str(rule["Filter"])


class Forgetful:
    """A client of a server that drops what it does not know from filters (or from names)."""

    def __init__(self, client: Any, what: str) -> None:
        self._client, self._what = client, what
        self.stored: list[list[Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_bucket_lifecycle_configuration(self, **given: Any) -> Any:
        rules = [self._kept(rule) for rule in given["LifecycleConfiguration"]["Rules"]]
        self.stored.append(rules)
        return self._client.put_bucket_lifecycle_configuration(**{**given, "LifecycleConfiguration": {"Rules": rules}})

    def _kept(self, rule: Any) -> Any:
        if self._what == "tags" and "And" in rule["Filter"]:
            return {**rule, "Filter": {"Prefix": rule["Filter"]["And"]["Prefix"]}}
        if self._what == "days" and "Expiration" in rule and rule["ID"] != "logs":
            return {**rule, "Expiration": {"Days": 2}}
        return rule


@pytest.mark.parametrize("what", ["tags", "days"])
def test_a_server_that_changes_our_rules_keeps_none_of_them(bucket: tuple[Any, str], what: str) -> None:
    client, name = bucket
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": OTHERS[:1]})
    forgetful = Forgetful(client, what)
    store = S3Store(forgetful, name, "catalog")  # type: ignore[arg-type]
    wrong = store.lifecycle.install(home=True)
    assert wrong
    assert all("another form" in line for line in wrong)
    assert rules_of(client, name) == OTHERS[:1]
    assert all(rule["Status"] == "Disabled" for rule in forgetful.stored[0] if rule["ID"].startswith("calotype"))
    store.prepare(create=False)
    assert not store.capabilities.expire


class SideBySide:
    """A client of a server that shows several conditions without ``And``, or beside it, and reads no such rule.

    Ceph RGW 16.2.15 was seen to do both.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_bucket_lifecycle_configuration(self, **given: Any) -> Any:
        answer = self._client.get_bucket_lifecycle_configuration(**given)
        return {**answer, "Rules": [self._shown(rule) for rule in answer["Rules"]]}

    def put_bucket_lifecycle_configuration(self, **given: Any) -> Any:
        for rule in given["LifecycleConfiguration"]["Rules"]:
            assert list(rule["Filter"]) in (["Prefix"], ["And"]), "this would be read without some of its conditions"
        return self._client.put_bucket_lifecycle_configuration(**given)

    def _shown(self, rule: Any) -> Any:
        if "And" not in rule["Filter"]:
            return rule
        prefix, tags = rule["Filter"]["And"]["Prefix"], rule["Filter"]["And"]["Tags"]
        several = {"And": {"Tags": tags}} if len(tags) > 1 else {"Tag": tags[0]}
        return {**rule, "Filter": {"Prefix": prefix, **several}}


def test_a_server_that_shows_conditions_side_by_side_keeps_all_rules_as_they_are(bucket: tuple[Any, str]) -> None:
    client, name = bucket
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    tagged = {**OTHERS[0], "ID": "tagged", "Filter": {"And": {"Prefix": "logs/", "Tags": tags[:1]}}}
    others = [*OTHERS, tagged, {**tagged, "ID": "twice tagged", "Filter": {"And": {"Prefix": "logs/", "Tags": tags}}}]
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": others})
    before = rules_of(client, name)
    store = S3Store(SideBySide(client), name, "catalog")  # type: ignore[arg-type]
    assert store.lifecycle.install(home=True) == []
    assert store.lifecycle.differences(home=True) == []
    store.prepare(create=False)
    assert store.capabilities.expire
    store.lifecycle.remove()
    assert rules_of(client, name) == before


def test_tags_are_set_only_where_a_rule_waits_for_them(bucket: tuple[Any, str]) -> None:
    client, name = bucket
    store = S3Store(client, name, "catalog")
    store.put("images/x/data-1", b"x", Overwrite())
    now = datetime.now(UTC)
    for _ in range(2):
        store.prepare(create=False)
        assert not expires(store)
        with pytest.raises(NotSupported):
            store.expire("images/x/data-1", now)
        assert store.lifecycle.install(home=True) == []
        store.prepare(create=False)
        assert expires(store)
        with pytest.raises(NotSupported):
            store.expire("images/x/data-1", now + timedelta(days=2))
        store.expire("images/x/data-1", now + timedelta(days=1))
        assert _tags(client, name) == [{"Key": TAG[0], "Value": TAG[1]}]
        store.keep("images/x/data-1")
        assert _tags(client, name) == []
        store.lifecycle.remove()
    with pytest.raises(NotFound):
        store.keep("images/x/data-2")


def _tags(client: Any, name: str) -> list[Any]:
    found: list[Any] = client.get_object_tagging(Bucket=name, Key="catalog/images/x/data-1")["TagSet"]
    return found

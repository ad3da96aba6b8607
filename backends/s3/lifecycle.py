"""Lifecycle rules of a bucket: the safety net under the sweep.

Owns the document of our rules, which are known by their names, and how it gets into the bucket and out of it. Must
never touch a rule of others, never leave one of ours that the server keeps in another form than we gave it (a filter
that a server does not know is dropped, and then the rule matches more), and never let a rule reach a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.s3.place import S3Place
from catalog.store import keys
from catalog.store.errors import NotFound, StoreError

TAG = ("calotype", "deleted")
"""The tag of data that may go."""
_NAME = "calotype"
LifecycleRule = Mapping[str, Any]
"""One rule as S3 writes it (PutBucketLifecycleConfiguration)."""


@dataclass(frozen=True, slots=True)
class Days:
    """After how many days things go; S3 counts an object's days from its making, not from its deletion."""

    deleted: int = 1
    uploads: int = 7
    tasks: int = 30
    noncurrent: int = 30


class Lifecycle:
    """The rules of one bucket, as far as they are about objects below our prefix."""

    def __init__(self, place: S3Place, days: Days | None = None) -> None:
        self._place, self.days = place, days or Days()

    def wanted(self, home: bool) -> list[LifecycleRule]:
        """Give our rules; a store that is not the home store holds image data alone."""
        days = self.days
        rules = [
            self._rule("deleted images", keys.IMAGES, {"Expiration": {"Days": days.deleted}}, tagged=True),
            self._rule("unfinished uploads", keys.IMAGES,
                       {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days.uploads}}),
        ]  # fmt: skip
        if home:
            rules.append(self._rule("tasks", keys.TASKS, {"Expiration": {"Days": days.tasks}}))
        for folder in (keys.IMAGES, keys.TASKS, keys.INDEX, keys.METADEFS, keys.LEASES) if home else (keys.IMAGES,):
            action = {"NoncurrentVersionExpiration": {"NoncurrentDays": days.noncurrent}}
            rules.append(self._rule(f"versions of {folder[:-1]}", folder, action))
        return rules

    def _rule(self, name: str, folder: str, action: Mapping[str, Any], tagged: bool = False) -> LifecycleRule:
        prefix = self._place.prefix + folder
        tags = [{"Key": TAG[0], "Value": TAG[1]}]
        where: Mapping[str, Any] = {"And": {"Prefix": prefix, "Tags": tags}} if tagged else {"Prefix": prefix}
        return {"ID": f"{self._own}{name}", "Status": "Enabled", "Filter": where, **action}

    @property
    def _own(self) -> str:
        return f"{_NAME} {self._place.prefix or '-'} "

    def present(self) -> list[LifecycleRule]:
        """Give all rules of the bucket, those of others too. Raises StoreError."""
        try:
            answer = self._place.call_bucket("get_bucket_lifecycle_configuration")
        except NotFound:
            return []
        return [_gathered(rule) for rule in answer.get("Rules", ())]

    def split(self, rules: Sequence[LifecycleRule]) -> tuple[list[LifecycleRule], list[LifecycleRule]]:
        """Tell our rules from those of others."""
        ours = [rule for rule in rules if str(rule.get("ID", "")).startswith(self._own)]
        return ours, [rule for rule in rules if rule not in ours]

    def removes_tagged(self) -> bool:
        """Tell whether our rule on tagged data is in force. Raises StoreError."""
        return self.wanted(home=False)[0] in self.present()

    def document(self, home: bool) -> list[LifecycleRule]:
        """Give all rules as the bucket would have them: those of others as they are, then ours. Raises StoreError."""
        return [*self.split(self.present())[1], *self.wanted(home)]

    def differences(self, home: bool) -> list[str]:
        """Say what differs from the rules that we want, a line for each rule; none: all is as it should be."""
        return self.compare(self.present(), home)

    def compare(self, rules: Sequence[LifecycleRule], home: bool) -> list[str]:
        """Say how our own ones among these rules differ from those that we want."""
        ours, _ = self.split(rules)
        found, wanted = _by_name(ours), _by_name(self.wanted(home))
        lines = [f"{name}: is missing" for name in wanted if name not in found]
        lines += [f"{name}: differs" for name in wanted if name in found and found[name] != wanted[name]]
        return lines + [f"{name}: is not wanted" for name in found if name not in wanted]

    def install(self, home: bool) -> list[str]:
        """Put our rules in, leaving others as they are; gives what the server made of them where that is wrong.

        They are first stored disabled: a server that keeps them in another form shows it before any rule acts. Ours
        are removed again then. Raises StoreError.
        """
        _, others = self.split(self.present())
        wanted = self.wanted(home)
        try:
            for rules in ([{**rule, "Status": "Disabled"} for rule in wanted], wanted):
                self._put([*others, *rules])
                if wrong := self._changed(others, rules):
                    self._put(others)
                    return wrong
        except StoreError:
            self._put(others)
            raise
        return []

    def remove(self) -> None:
        """Take our rules out. Raises StoreError."""
        ours, others = self.split(self.present())
        if ours:
            self._put(others)

    def _changed(self, others: Sequence[LifecycleRule], rules: Sequence[LifecycleRule]) -> list[str]:
        found, put = _by_name(self.present()), _by_name([*others, *rules])
        return [f"{name}: the server keeps it in another form" for name in put if found.get(name) != put[name]] + [
            f"{name}: the server added it" for name in found if name not in put
        ]

    def _put(self, rules: Sequence[LifecycleRule]) -> None:
        if rules:
            configuration = {"Rules": list(rules)}
            self._place.call_bucket("put_bucket_lifecycle_configuration", LifecycleConfiguration=configuration)
        else:
            self._place.call_bucket("delete_bucket_lifecycle")


def _gathered(rule: LifecycleRule) -> LifecycleRule:
    """Give a rule with its conditions in ``And`` if it has several, as S3 wants it.

    Ceph RGW 16 gives some or all of them beside ``And``, but drops those when it is given such a rule again.
    """
    where = dict(rule.get("Filter") or {})
    where |= where.pop("And", {})
    if tag := where.pop("Tag", None):
        where["Tags"] = [*where.get("Tags", ()), tag]
    conditions = [*where.get("Tags", ()), *(where.keys() - {"Tags"})]
    return {**rule, "Filter": {"And": where}} if len(conditions) > 1 else rule


def _by_name(rules: Sequence[LifecycleRule]) -> dict[str, LifecycleRule]:
    """Give rules by their names; those without one, which are not ours, by their text."""
    return {str(rule.get("ID") or rule): rule for rule in rules}

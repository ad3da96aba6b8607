"""The default rules, as the reference's table of rules has them, and how they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from catalog.errors import Forbidden, Missing
from catalog.model import Image, Member
from catalog.service.identity import Caller
from catalog.service.policy import Policy, visible
from catalog.service.policy_file import RuleSet
from catalog.service.policy_rules import DEFAULT_RULES

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def caller(project: str | None, *roles: str) -> Caller:
    return Caller("somebody", project, frozenset(roles))


CALLERS: Mapping[str, Caller] = {
    "admin": caller("p0", "admin"),
    "owner's member": caller("p1", "member", "reader"),
    "owner's reader": caller("p1", "reader"),
    "manager token": caller("p1", "manager", "member", "reader"),
    "manager alone": caller("p1", "manager"),
    "image member": caller("p2", "member", "reader"),
    "its reader": caller("p2", "reader"),
    "service": caller("p2", "service"),
    "owner without role": caller("p1"),
}
SHARED = Image(
    "x", NOW, NOW, owner="p1", visibility="shared", members=(Member("p2", "accepted", NOW, NOW),), status="active"
)

# A admin, M R owner's member and reader, T manager token, G manager alone, i r image member and its reader,
# S service, N owner without role. "." is no, anything else is yes.
GRID = """
                                             A M R T G i r S N
get_image                                    y y y y . y y . .
add_image                                    y y . y . . . . .
modify_image                                 y y . y . . . . .
delete_image                                 y y . y . . . . .
upload_image                                 y y . y . . . . .
download_image                               y y . y . y . . .
download_from_store                          y y . y . y . . .
publicize_image                              y . . . . . . . .
communitize_image                            y y . y . . . . .
deactivate                                   y y . y . . . . .
reactivate                                   y y . y . . . . .
set_image_location                           y y . y . . . . .
get_image_location                           y y y y . . . . .
delete_image_location                        y . . . . . . . .
add_image_location                           y y . y . . . y .
fetch_image_location                         y . . . . . . y .
copy_image                                   y . . . . . . . .
add_member                                   y y . y . . . . .
delete_member                                y y . y . . . . .
get_member                                   y y y y . y y . .
get_members                                  y y y y . y y . .
modify_member                                y . . . . y . . .
get_image_history                            y y y y . . . . .
copy_from                                    y y . y . . . . .
undelete_image                               y . . . . . . . .
"""
ROWS = [line.split() for line in GRID.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_rules_on_a_shared_image(row: list[str]) -> None:
    policy = Policy()
    answers = [policy.allows(row[0], who, SHARED) for who in CALLERS.values()]
    assert answers == [mark == "y" for mark in row[1:]]


CALLS = """
                                             A M R T G i r S N
get_images                                   y y y y . y y . .
stores_info_detail                           y . . . . . . y .
tasks_api_access                             y . . . . . . . .
get_task                                     y y y y y y y y y
get_tasks                                    y y y y y y y y y
add_task                                     y y y y y y y y y
modify_task                                  y y y y y y y y y
cache_list                                   y . . . . . . . .
cache_image                                  y . . . . . . . .
cache_delete                                 y . . . . . . . .
cache_clean                                  y . . . . . . . .
cache_prune                                  y . . . . . . . .
list_cached_nodes                            y . . . . . . . .
manage_image_cache                           y . . . . . . . .
get_metadef_namespaces                       y y y y . y y . .
add_metadef_namespace                        y . . . . . . . .
"""
CALL_ROWS = [line.split() for line in CALLS.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", CALL_ROWS, ids=[row[0] for row in CALL_ROWS])
def test_rules_without_an_image(row: list[str]) -> None:
    policy = Policy()
    for who, mark in zip(CALLERS.values(), row[1:], strict=True):
        if mark == "y":
            policy.require(row[0], who)
        else:
            with pytest.raises(Forbidden):
                policy.require(row[0], who)


NAMESPACES = """
                                             own public private
get_metadef_namespace                        R   R      .
get_metadef_object                           R   R      .
get_metadef_objects                          R   R      .
get_metadef_property                         R   R      .
get_metadef_properties                       R   R      .
get_metadef_tag                              R   R      .
get_metadef_tags                             R   R      .
get_metadef_resource_type                    R   R      .
list_metadef_resource_types                  R   R      .
modify_metadef_namespace                     .   .      .
delete_metadef_namespace                     .   .      .
add_metadef_object                           .   .      .
modify_metadef_object                        .   .      .
delete_metadef_object                        .   .      .
add_metadef_property                         .   .      .
modify_metadef_property                      .   .      .
remove_metadef_property                      .   .      .
add_metadef_tag                              .   .      .
add_metadef_tags                             .   .      .
modify_metadef_tag                           .   .      .
delete_metadef_tag                           .   .      .
delete_metadef_tags                          .   .      .
add_metadef_resource_type_association        .   .      .
remove_metadef_resource_type_association     .   .      .
"""
NAMESPACE_ROWS = [line.split() for line in NAMESPACES.strip().splitlines()[1:]]
TARGETS = (("p1", "private"), ("p9", "public"), ("p9", "private"))


@pytest.mark.parametrize("row", NAMESPACE_ROWS, ids=[row[0] for row in NAMESPACE_ROWS])
def test_rules_of_metadefs(row: list[str]) -> None:
    policy = Policy()
    for (owner, visibility), mark in zip(TARGETS, row[1:], strict=True):
        target = {"project_id": owner, "visibility": visibility}
        assert policy.allows_target(row[0], CALLERS["admin"], target)
        assert policy.allows_target(row[0], CALLERS["owner's reader"], target) is (mark == "R")
        assert not policy.allows_target(row[0], CALLERS["owner without role"], target)


def test_every_rule_has_a_row() -> None:
    named = {row[0] for row in (*ROWS, *CALL_ROWS, *NAMESPACE_ROWS)}
    assert named | {"default", "context_is_admin", "metadef_default", "metadef_admin"} == set(DEFAULT_RULES)


def test_missing_before_forbidden() -> None:
    policy = Policy()
    private = Image("x", NOW, NOW, owner="p1", visibility="private")
    public = Image("x", NOW, NOW, owner="p1", visibility="public")
    for rule in ("modify_image", "copy_image", "add_member", "fetch_image_location"):
        with pytest.raises(Missing):
            policy.enforce(rule, CALLERS["image member"], private)
        with pytest.raises(Forbidden):
            policy.enforce(rule, CALLERS["image member"], public)
        with pytest.raises(Missing):
            policy.enforce(rule, caller("p2"), public)


@pytest.mark.parametrize("project", [None, "None", ""])
def test_nobody_owns_the_image_of_nobody(project: str | None) -> None:
    image = Image("x", NOW, NOW, owner=None, visibility="public")
    who = caller(project, "member", "reader")
    assert visible(who, image)
    policy = Policy()
    assert not policy.allows("modify_image", who, image)
    assert policy.allows("get_image", who, image)


def test_answers_are_remembered_and_differ_by_all_that_counts() -> None:
    asked: list[str] = []

    class Counting(RuleSet):
        def decide(self, rule: str, *rest: object) -> bool:
            asked.append(rule)
            return super().decide(rule, *rest)  # type: ignore[arg-type]

    policy = Policy(Counting())
    for _ in range(3):
        for owner in ("p1", "p9"):
            image = Image("x", NOW, NOW, owner=owner, visibility="private")
            assert policy.allows("modify_image", caller("p1", "member"), image) is (owner == "p1")
            assert not policy.allows("modify_image", caller("p1", "reader"), image)
    assert len(asked) == 4

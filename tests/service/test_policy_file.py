"""Policy files: what is taken, and what stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.service.identity import Caller
from catalog.service.policy_file import load_rules
from catalog.settings import SettingsError

WHO = Caller("u1", "p1", frozenset({"member", "editor"}), frozenset({"service"}))


def decide(tmp_path: Path, text: str, rule: str = "get_image", **fields: str) -> bool:
    """Write a policy file and ask one of its rules."""
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    rules = load_rules(str(path))
    return rules.decide(rule, WHO, tuple(fields.get(name) for name in rules.fields(rule)))


EXPRESSIONS: list[tuple[str, bool]] = [
    ("", True),
    ("@", True),
    ("!", False),
    ("role:editor", True),
    ("role:EDITOR", True),
    ("role:reader", False),
    ("not role:reader", True),
    ("not (role:reader or role:editor)", False),
    ("role:editor and role:reader", False),
    ("role:reader or role:editor", True),
    ("role:reader and role:editor or role:member", True),
    ("role:reader and (role:editor or role:member)", False),
    ("(role:reader) OR (NOT role:nobody AND role:member)", True),
    ("rule:editors", True),
    ("rule:nested and not rule:readers", True),
    ("project_id:%(project_id)s", True),
    ("tenant:%(owner)s", True),
    ("project_id:%(member_id)s", False),
    ("user_id:u1", True),
    ("user_id:%(classification)s", False),
    ("'public':%(visibility)s", True),
    ('"public":%(visibility)s', True),
    ("'private':%(visibility)s", False),
    ("service_roles:service", True),
    ("service_roles:member", False),
    ("is_admin:True", False),
    ("is_admin:False", True),
    ("system_scope:all", False),
    ("no_such_field:1", False),
    ("'secret':%(classification)s", True),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expressions(tmp_path: Path, text: str, expected: bool) -> None:
    document = f"""
# a comment, as in Glance's sample
"editors": "role:editor"
"readers": "role:reader"
"nested": "rule:editors or rule:readers"
"get_image": {text!r}
"""
    fields = {"project_id": "p1", "owner": "p1", "visibility": "public", "classification": "secret"}
    assert decide(tmp_path, document, **fields) is expected


@pytest.mark.parametrize("text", ["", "# all rules are commented out\n#get_image: '!'\n", "{}"])
def test_file_without_rules_changes_nothing(tmp_path: Path, text: str) -> None:
    assert decide(tmp_path, text, "context_is_admin") is False
    assert decide(tmp_path, text, "modify_image", project_id="p1") is True


def test_json_is_yaml(tmp_path: Path) -> None:
    assert decide(tmp_path, '{"modify_image": "!"}', "modify_image", project_id="p1") is False


def test_alias_changes_the_rules_that_name_it(tmp_path: Path) -> None:
    assert decide(tmp_path, "metadef_admin: role:editor", "add_metadef_tag") is True
    assert decide(tmp_path, "context_is_admin: role:editor", "copy_image") is True


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("get_image: role:admin or", "get_image"),
        ("get_image: admin", "'admin'"),
        ("get_image: (role:admin", "get_image"),
        ("get_image: role:admin)", "get_image"),
        ("get_image: role:a role:b", "get_image"),
        ("get_image: and", "get_image"),
        ("get_image: ()", "get_image"),
        ("get_image: role:a not role:b", "get_image"),
        ("get_image: rule:no_such_rule", "no_such_rule"),
        ("get_image: rule:other\nother: rule:get_image", "leads back"),
        ("get_image: rule:get_image", "leads back"),
        ("get_image: http://example.org/check", "not supported"),
        ("get_image: project_id:%(owner", "get_image"),
        ("get_image: project_id:%(owner)d", "get_image"),
        ("get_image: project_id:%s", "get_image"),
        ("get_image: user.id:7", "get_image"),
        ("get_image:", "get_image: must be a text"),
        ("get_image: true", "get_image: must be a text"),
        ("get_image: [[role:admin]]", "get_image: must be a text"),
        ("5: role:admin", "rule 5"),
        ("- get_image", "must be a map"),
        ("get_image", "must be a map"),
        ("get_image: 'role:admin", "quoted scalar"),
        ("\tget_image: x", "cannot start any token"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(SettingsError) as caught:
        decide(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"setting policy_file: {tmp_path}/policy.yaml: ")
    assert names in message
    assert "\n" not in message


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"policy_file: .*/policy\.yaml: No such file"):
        load_rules(str(tmp_path / "policy.yaml"))


def test_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_bytes(b"get_image: \xff")
    with pytest.raises(SettingsError, match="policy_file"):
        load_rules(str(tmp_path / "policy.yaml"))


@pytest.mark.parametrize(
    ("text", "always"), [("", True), ("role:editor", True), ("role:editor or project_id:%(owner)s", True),
                         ("project_id:%(owner)s", False), ("not project_id:%(owner)s", False), ("rule:closed", False)]
)  # fmt: skip
def test_what_passes_for_every_image(tmp_path: Path, text: str, always: bool) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(f'get_image: "{text}"\nclosed: "not project_id:%(owner)s"')
    assert load_rules(str(path)).always("get_image", WHO) is always

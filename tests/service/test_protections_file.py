"""Files of property protections that stop the start, each with its reason in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.service.policy_file import RuleSet
from catalog.service.protections import load_protections
from catalog.settings import SettingsError, build


def load(tmp_path: Path, text: str, **settings: str) -> None:
    """Write a file and read it with the settings that go with it."""
    path = tmp_path / "protections.conf"
    path.write_text(text)
    load_protections(build({"property_protection_file": str(path), **settings}), RuleSet())


SECTION = "[x]\ncreate={0}\nread={0}\nupdate={0}\ndelete={0}\n"


@pytest.mark.parametrize(
    ("text", "settings", "names"),
    [
        ("", {}, "no section"),
        ("create = @", {}, "File contains no section headers"),
        ("[x]\ncreate=@\nread=@\nupdate=@", {}, r"\[x\]: delete is missing"),
        (SECTION.format("@,!"), {}, "both @ and !"),
        (SECTION.format("@") + "remove=@", {}, "unknown key remove"),
        (SECTION.format("@").replace("[x]", "[(x]"), {}, "not a regular expression"),
        (SECTION.format("@") * 2, {}, "section 'x' already exists"),
        (SECTION.format("a,b"), {"property_protection_rule_format": "policies"}, "takes one rule"),
        (SECTION.format("nope"), {"property_protection_rule_format": "policies"}, "there is no rule 'nope'"),
        (SECTION.format("@"), {"property_protection_rule_format": "rules"}, "must be one of: roles, policies"),
    ],
)
def test_bad_file_stops_the_start(tmp_path: Path, text: str, settings: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names) as caught:
        load(tmp_path, text, **settings)
    assert "property_protection" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"property_protection_file: .*: No such file"):
        load_protections(build({"property_protection_file": str(tmp_path / "nothing.conf")}), RuleSet())

"""Property protections: who may create, read, update and delete which additional properties.

Owns the sections of the operator's file and what they decide. Must never change an image. The file is INI: the name
of a section is a regular expression that is searched in the property's name, the first section that matches counts,
and where none matches nobody may do anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from configparser import Error, RawConfigParser
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from catalog.model import Image
from catalog.schemas.image import RESERVED_PREFIX
from catalog.service.identity import Caller
from catalog.service.policy_file import RuleSet
from catalog.settings import Settings, SettingsError

ACTIONS = ("create", "read", "update", "delete")
_EVERYBODY, _NOBODY = "@", "!"
_NAMES_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Section:
    """The properties that a pattern matches: action -> roles, or the one rule, that may do it."""

    pattern: re.Pattern[str]
    allowed: Mapping[str, frozenset[str]]


_OWN = Section(re.compile(f"^{RESERVED_PREFIX}"), dict.fromkeys(ACTIONS, frozenset({_EVERYBODY})))
"""What the service keeps in properties is not the operator's to protect; clients cannot write it anyway."""


class Protections:
    """What protects properties; with no sections at all nothing is protected."""

    def __init__(self, sections: Sequence[Section] = (), rules: RuleSet | None = None) -> None:
        """Protect by roles, or by the rules of ``rules`` where given."""
        self.active = bool(sections)
        self._sections = (_OWN, *sections)
        self._rules = rules
        self._section = lru_cache(maxsize=_NAMES_REMEMBERED)(self._find)

    def allows(self, action: str, name: str, caller: Caller) -> bool:
        """Tell whether the caller may create, read, update or delete a property of this name."""
        if not self.active:
            return True
        section = self._section(name)
        allowed = section.allowed[action] if section else frozenset[str]()
        if _NOBODY in allowed or _EVERYBODY in allowed:
            return _EVERYBODY in allowed
        if self._rules is None:
            return not allowed.isdisjoint(caller.roles | caller.service_roles)
        rules = self._rules
        return any(rules.decide(rule, caller, (None,) * len(rules.fields(rule))) for rule in allowed)

    def shown(self, caller: Caller, image: Image) -> Image:
        """Give the image as the caller may see it: without the properties that it may not read. Never store it."""
        if not self.active:
            return image
        readable = {name: value for name, value in image.properties.items() if self.allows("read", name, caller)}
        return image if len(readable) == len(image.properties) else replace(image, properties=readable)

    def _find(self, name: str) -> Section | None:
        return next((section for section in self._sections if section.pattern.search(name)), None)


NO_PROTECTIONS = Protections()


def load_protections(settings: Settings, rules: RuleSet) -> Protections:
    """Read the file of property protections, if there is one. Raises SettingsError."""
    path = settings.property_protection_file
    if not path:
        return NO_PROTECTIONS
    by_rule = settings.property_protection_rule_format == "policies"
    try:
        parser = RawConfigParser()
        parser.read_string(Path(path).read_text(encoding="utf-8"), path)
        names = [name for name in parser.sections() if not name.startswith(RESERVED_PREFIX)]
        if not names:
            raise ValueError("it has no section")
        sections = [_section(name, parser[name], rules if by_rule else None) for name in names]
    except OSError as error:
        raise SettingsError(f"setting property_protection_file: {path}: {error.strerror}") from error
    except (ValueError, Error) as error:
        raise SettingsError(f"setting property_protection_file: {path}: {' '.join(str(error).split())}") from error
    return Protections(sections, rules if by_rule else None)


def _section(name: str, values: Mapping[str, str], rules: RuleSet | None) -> Section:
    try:
        pattern = re.compile(name)
    except re.error as error:
        raise ValueError(f"section [{name}]: its name is not a regular expression: {error}") from error
    for key in values:
        if key not in ACTIONS:
            raise ValueError(f"section [{name}]: unknown key {key}")
    return Section(pattern, {action: _allowed(name, action, values, rules) for action in ACTIONS})


def _allowed(name: str, action: str, values: Mapping[str, str], rules: RuleSet | None) -> frozenset[str]:
    if action not in values:
        raise ValueError(f"section [{name}]: {action} is missing")
    words = frozenset(word.strip() for word in values[action].split(",") if word.strip())
    if {_EVERYBODY, _NOBODY} <= words:
        raise ValueError(f"section [{name}]: {action} says both @ and !")
    if rules is None:
        return frozenset(word.lower() for word in words)
    if len(words) > 1:
        raise ValueError(f"section [{name}]: {action} takes one rule of the policy file")
    if unknown := words - {_EVERYBODY, _NOBODY} - {word for word in words if word in rules}:
        raise ValueError(f"section [{name}]: {action}: there is no rule {next(iter(unknown))!r}")
    return words

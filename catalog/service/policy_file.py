"""Rules as an operator writes them: the defaults, overridden by name from a YAML file in the language of oslo.policy.

Owns reading and checking the texts once, at start, and the decision of one rule. Must never know an image or decide
between 403 and 404. What oslo.policy would take silently for "nobody" or "everybody" (a word that is no check, a rule
that does not exist, a circle) is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from oslo_policy.policy import Enforcer, Rules, parse_file_contents

from catalog.service.identity import Caller
from catalog.service.policy_rules import DEFAULT_RULES
from catalog.settings import SettingsError

_OPERATORS = frozenset({"and", "or", "not"})
_ALWAYS = frozenset({"@", "!"})
_CHECK = re.compile(r"""(?P<kind>[A-Za-z_]\w*|'[^']*'|"[^"]*"|\d+):(?P<match>.+)""")
_FIELD = re.compile(r"%\((\w+)\)")
_REMOTE = frozenset({"http", "https"})


class RuleSet:
    """Checked rules. ``texts`` are complete: the defaults with what a file says instead."""

    def __init__(self, texts: Mapping[str, str] = DEFAULT_RULES) -> None:
        """Parse all rules. Raises ValueError, naming the rule, for what is not right."""
        words = {name: _checked(name, text, texts) for name, text in texts.items()}
        reached = {name: _reached(name, words) for name in words}
        self._texts = texts
        self._checks = Rules.from_dict(dict(texts))
        self._names = cast(Enforcer, SimpleNamespace(rules=self._checks))  # all that a check asks of an enforcer
        self._fields = {
            name: tuple(sorted(set(_FIELD.findall(" ".join(word for rule in rules for word in words[rule])))))
            for name, rules in reached.items()
        }
        self._negating = {name for name, rules in reached.items() if any("not" in words[rule] for rule in rules)}

    def __contains__(self, rule: str) -> bool:
        """Tell whether a rule of this name exists."""
        return rule in self._texts

    def fields(self, rule: str) -> tuple[str, ...]:
        """Name what the rule looks at in the thing that it is asked about."""
        return self._fields[rule]

    def is_default(self, rule: str) -> bool:
        """Tell whether the rule itself is as it comes."""
        return self._texts[rule] == DEFAULT_RULES.get(rule)

    def decide(self, rule: str, caller: Caller, values: tuple[Hashable, ...]) -> bool:
        """Apply a rule; ``values`` are those of ``fields(rule)``: None, where the thing has none, equals nothing."""
        if not caller.in_project:
            return False
        target = {name: value for name, value in zip(self._fields[rule], values, strict=True) if value is not None}
        return bool(self._checks[rule](target, _credentials(caller), self._names))

    def always(self, rule: str, caller: Caller) -> bool:
        """Tell whether the rule is known to let the caller do it to anything.

        Without ``not``, what passes where no comparison with the thing holds passes wherever one does.
        """
        return rule not in self._negating and self.decide(rule, caller, (None,) * len(self._fields[rule]))


def load_rules(path: str) -> RuleSet:
    """Give the default rules, with those of a policy file instead where there is one. Raises SettingsError."""
    if not path:
        return RuleSet()
    try:
        given: Any = parse_file_contents(Path(path).read_text(encoding="utf-8"))
        if not isinstance(given, dict):
            raise ValueError("must be a map from rule names to check strings")
        return RuleSet({**DEFAULT_RULES, **given})
    except OSError as error:
        raise SettingsError(f"setting policy_file: {path}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"setting policy_file: {path}: {' '.join(str(error).split())}") from error


def _checked(name: Any, text: Any, texts: Mapping[str, str]) -> list[str]:
    """Give the words of a check string; operators are in lower case and brackets are gone."""
    if not isinstance(name, str) or not isinstance(text, str):
        raise ValueError(f"rule {name}: must be a text")
    words = re.split(r"\s+", text.strip())
    found = [word.lstrip("(") for word in words]
    # A bracket can stand inside of a check, as in %(owner)s, but never at its end.
    found = [word.rstrip(")") for word in found if word.rstrip(")")]
    found = [word.lower() if word.lower() in _OPERATORS else word for word in found]
    for word in found:
        if word not in _OPERATORS | _ALWAYS and (problem := _problem(word, texts)):
            raise ValueError(f"rule {name}: {problem}")
    if text.strip() and not _is_expression(words):
        raise ValueError(f"rule {name}: {text[:200]!r} is not an expression of and, or, not and brackets")
    return found


def _problem(word: str, texts: Mapping[str, str]) -> str | None:
    """Say what is wrong with one check."""
    check = _CHECK.fullmatch(word)
    if check is None:
        return f"{word[:80]!r} is not a check"
    kind, match = check["kind"], check["match"]
    if kind in _REMOTE:
        return f"{word[:80]!r}: checks by a remote server are not supported"
    if kind == "rule" and match not in texts:
        return f"there is no rule {match[:80]!r}"
    if set("%()") & set(re.sub(r"%\(\w+\)s", "", match)):
        return f"{word[:80]!r}: a field of the image is written %(name)s"
    return None


def _is_expression(words: Iterable[str]) -> bool:
    """Tell whether words are joined as the language wants it, which is also how Python does."""
    skeleton = []
    for word in words:
        inner = word.lstrip("(")
        bare = inner.rstrip(")")
        name = bare.lower() if bare.lower() in _OPERATORS else "x" if bare else ""
        skeleton.append("(" * (len(word) - len(inner)) + name + ")" * (len(inner) - len(bare)))
    try:
        compile(" ".join(skeleton), "rule", "eval")
    except (SyntaxError, RecursionError, MemoryError):
        return False
    return "x" in skeleton or any("x" in part for part in skeleton)


def _reached(name: str, words: Mapping[str, list[str]]) -> set[str]:
    """Give a rule and all that it refers to. Raises ValueError for a rule that leads back to itself."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        rule = waiting.pop()
        reached.add(rule)
        for word in words[rule]:
            if word.startswith("rule:"):
                if word[5:] == name:
                    raise ValueError(f"rule {name}: it leads back to itself")
                if word[5:] not in reached:
                    waiting.append(word[5:])
    return reached


def _credentials(caller: Caller) -> dict[str, Any]:
    """Give what rules can say about the caller, in the names of the reference; what it has not is left out."""
    names = {"user_id": caller.user, "user": caller.user, "project_id": caller.project, "tenant": caller.project}
    return {
        **{name: value for name, value in names.items() if value is not None},
        "roles": sorted(caller.roles),
        "service_roles": sorted(caller.service_roles),
        "is_admin": caller.is_admin,
    }

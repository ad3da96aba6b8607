"""What callers may do: rules, and protected properties.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class RightsSettings:
    """What callers may do."""

    allow_anonymous_access: bool = setting(
        False, values.boolean,
        "Let callers without an identity read what the policy file gives them; they write nothing.",
    )  # fmt: skip
    policy_file: str = setting(
        "", values.text, "YAML file with rules that replace default ones by name (the format of Glance's policy.yaml)."
    )
    property_protection_file: str = setting(
        "", values.text, "INI file that says who may create, read, update and delete which additional properties."
    )
    property_protection_rule_format: str = setting(
        "roles", values.one_of("roles", "policies"),
        "What `property_protection_file` names: `roles`, or one rule of the policy file (`policies`).",
    )  # fmt: skip

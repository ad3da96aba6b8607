"""What a route says about itself, for docs/api.md and the OpenAPI document.

Owns the description that stands above each view. Must never check a request: the description is compared with what
the routes do by tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter or header of a request; ``schema`` is a JSON Schema."""

    name: str
    where: str = "query"
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of one method of one path.

    ``rule`` names the policy rules that are asked (empty: any caller with an identity; ``None``: everybody).
    ``answers`` maps each status that a caller may see, errors of this call included, to the name of the schema of
    its body ("" where there is none; errors have the schema ``error``); statuses that every call shares (401, 404
    for an unknown path, 413, 431, 503) are added to the document for all. ``bodies`` maps each accepted media type to
    the name of its schema.
    """

    summary: str
    group: str
    rule: str | None
    answers: Mapping[int, str]
    bodies: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()


def operation(
    summary: str,
    group: str,
    rule: str | None,
    answers: Mapping[int, str],
    bodies: Mapping[str, str] | None = None,
    parameters: tuple[Parameter, ...] = (),
) -> Callable[[View], View]:
    """Describe the view below; see ``Operation``."""

    def describe(view: View) -> View:
        view.__dict__["operation"] = Operation(summary, group, rule, answers, bodies or {}, parameters)
        return view

    return describe

"""What a route says about itself, for docs/api.md and the OpenAPI document.

Owns the description that stands above each view. Must never check a request: the description is compared with what
the routes do by tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

JSON = "application/json"
ATTRIBUTE = "operation"


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
    its body ("" where there is none; errors have the schema ``error``); statuses that every call shares (400 for a
    path that is not UTF-8, 401, 413, 431, 503) are added to the document for all. ``bodies`` maps each accepted
    media type to the name of its schema.

    ``media_types`` names the media type of an answer by status, where it is not JSON. ``headers`` maps a status to
    the names of the headers that its answer always has (``catalog.api.openapi.answers`` describes them).
    ``methods`` are those that are documented, where a view answers more of them (empty: all).
    ``body_required`` tells whether the call fails without a body.
    """

    summary: str
    group: str
    rule: str | None
    answers: Mapping[int, str]
    bodies: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    media_types: Mapping[int, str] = field(default_factory=dict)
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    body_required: bool = True


def operation(
    summary: str,
    group: str,
    rule: str | None,
    answers: Mapping[int, str],
    bodies: Mapping[str, str] | None = None,
    parameters: tuple[Parameter, ...] = (),
    **more: Any,
) -> Callable[[View], View]:
    """Describe the view below; see ``Operation`` for the meaning, and for what ``more`` may hold."""

    def describe(view: View) -> View:
        view.__dict__[ATTRIBUTE] = Operation(summary, group, rule, answers, bodies or {}, parameters, **more)
        return view

    return describe

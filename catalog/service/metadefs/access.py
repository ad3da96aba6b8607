"""Who may do what to metadata definitions.

Owns which namespaces a caller sees and the choice between 404 and 403. Must never hold a rule: those are the policy's.
"""

from __future__ import annotations

from catalog.errors import Forbidden
from catalog.service.identity import Caller
from catalog.service.metadefs.model import Namespace
from catalog.service.metadefs.records import no_namespace
from catalog.service.policy import Policy, forbidden

_SHOW = "get_metadef_namespace"


class Access:
    """The policy, asked about namespaces."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def require(self, caller: Caller, *rules: str) -> None:
        """Let a call pass that is about no namespace yet. Raises Forbidden."""
        for rule in rules:
            self._policy.require(rule, caller)

    def enforce(self, caller: Caller, namespace: Namespace, *rules: str) -> None:
        """Let a call pass, or raise: Missing where the caller may not show the namespace, else Forbidden."""
        if not _visible(caller, namespace):
            raise no_namespace(namespace.name)
        for rule in rules:
            if not self._allows(rule, caller, namespace):
                raise forbidden(rule) if self._allows(_SHOW, caller, namespace) else no_namespace(namespace.name)

    def shows(self, caller: Caller, namespace: Namespace) -> bool:
        """Tell whether a list shows the namespace to the caller."""
        return _visible(caller, namespace) and self._allows(_SHOW, caller, namespace)

    def _allows(self, rule: str, caller: Caller, namespace: Namespace) -> bool:
        target = {"project_id": namespace.owner, "visibility": namespace.visibility}
        return self._policy.allows_target(rule, caller, target)


def _visible(caller: Caller, namespace: Namespace) -> bool:
    return (
        caller.is_admin
        or namespace.owner is None
        or namespace.visibility == "public"
        or (caller.project is not None and caller.project == namespace.owner)
    )


def refuse_protected(namespace: Namespace, what: str) -> None:
    """Raise Forbidden if the namespace is protected: nothing of it may go."""
    if namespace.protected:
        raise Forbidden(f"Metadata definition namespace {namespace.name} is protected: {what} cannot be deleted.")

"""Domain errors, and the only table from an error to its HTTP status.

Owns what can go wrong in the words of an image catalog. Must never build a response: that is
``catalog.api.errors``. The texts go to the client, so they hold no credential and no local path.

    CatalogError
    |-- NotModified          304  the client has it already; no error, but the end of the call
    |-- Invalid              400  the request's own content is wrong; the text names the field
    |-- TransferBroken       400  the body ended or was damaged before its end
    |-- Unauthenticated      401
    |-- Forbidden            403  seen, but not allowed
    |-- Missing              404  absent, deleted or invisible: the caller may not learn which
    |-- Clash                409  the state of the image does not allow it, or somebody was faster
    |-- Gone                 410  the image went away during the call
    |-- Outdated             412  the client means another state of the thing than it has (If-Match)
    |-- TooLarge             413  a quota or a cap
    |-- WrongMediaType       415
    |-- RangeUnsatisfiable   416
    |-- TooMany              429  too many requests of one address (Retry-After)
    |-- HeaderTooLong        431
    `-- Unavailable          503  come back later (Retry-After)
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from catalog.store import errors as store_errors

RETRY_AFTER_SECONDS = 5
"""What a 503 tells the client to wait."""


class CatalogError(Exception):
    """Base of all domain errors; ``message`` is shown to the client."""

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class NotModified(CatalogError):
    """The client has named the very thing by its ETag."""


class Invalid(CatalogError):
    """The request's content is wrong; the text names the field."""


class Refused(Invalid):
    """A source of data wants credentials, or others than those that it got; ``status`` is its answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TransferBroken(CatalogError):
    """The request body ended or was damaged before its end."""


class Unauthenticated(CatalogError):
    """No acceptable identity came with the request."""


class Forbidden(CatalogError):
    """The caller may see the thing but not do this to it."""


class Missing(CatalogError):
    """The thing is absent, deleted or invisible to the caller."""


class Clash(CatalogError):
    """The state of the thing does not allow the operation."""


class Gone(CatalogError):
    """The image was deleted or taken over by another call in the meantime."""


class Outdated(CatalogError):
    """The thing is no longer in the state that the client has named."""


class TooLarge(CatalogError):
    """A quota or a size cap is exceeded."""


class WrongMediaType(CatalogError):
    """The body's media type or format is not acceptable."""


class RangeUnsatisfiable(CatalogError):
    """The asked range lies outside the image."""


class TooMany(CatalogError):
    """The address has sent too many requests lately."""


class HeaderTooLong(CatalogError):
    """A header of the request is longer than allowed."""


class Unavailable(CatalogError):
    """Not possible at the moment; the same request may work later."""


STATUS: Mapping[type[Exception], HTTPStatus] = {
    NotModified: HTTPStatus.NOT_MODIFIED,
    Invalid: HTTPStatus.BAD_REQUEST,
    TransferBroken: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Missing: HTTPStatus.NOT_FOUND,
    Clash: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    Outdated: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    RangeUnsatisfiable: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    HeaderTooLong: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.NotModified: HTTPStatus.NOT_MODIFIED,
    store_errors.Full: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    store_errors.NotSupported: HTTPStatus.BAD_REQUEST,
    store_errors.PreconditionFailed: HTTPStatus.CONFLICT,
    store_errors.AlreadyExists: HTTPStatus.CONFLICT,
    store_errors.Conflict: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.OutcomeUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.Denied: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.NotFound: HTTPStatus.SERVICE_UNAVAILABLE,
    store_errors.Corrupt: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Error -> HTTP status. A store's own text is for the log; the client gets ``STORE_TEXT``."""

STORE_TEXT: Mapping[type[Exception], str] = {
    store_errors.Full: "The image store has no room left.",
    store_errors.NotSupported: "The image store cannot do this.",
    store_errors.PreconditionFailed: "The image was changed by another request at the same time.",
    store_errors.AlreadyExists: "The image was created by another request at the same time.",
}
STORE_UNAVAILABLE_TEXT = "The image store is not available at the moment; try again later."

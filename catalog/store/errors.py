"""The closed set of store errors, chosen by what the caller does next.

Owns their names and meaning. Must never carry an HTTP status or a credential.

    StoreError
    |-- NotFound             there is no such object, upload or bucket
    |-- NotModified          the object is the one that the caller already has
    |-- AlreadyExists        Create(): somebody else was first
    |-- PreconditionFailed   Update(etag): changed or gone; read again and decide again
    |-- Conflict             nothing was written; try again
    |-- OutcomeUnknown       the answer was lost; read back and compare before any retry
    |-- Unavailable          the store does not answer now; tell the client to come back
    |-- Denied               credentials or permissions are wrong
    |-- Full                 no room is left in the store
    |-- NotSupported         this store cannot do that, ever
    `-- Corrupt              what the store gave is not what was stored
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all store errors; the text says what was tried and what the store said."""


class NotFound(StoreError):
    """There is no such object, upload or bucket."""


class NotModified(StoreError):
    """The object still has the ETag that the caller named."""


class AlreadyExists(StoreError):
    """Create(): the key is taken; nothing was written."""


class PreconditionFailed(StoreError):
    """The object does not have the named ETag any more; nothing was written."""


class Conflict(StoreError):
    """The store saw a concurrent request and wrote nothing; the same request may succeed now."""


class OutcomeUnknown(StoreError):
    """A conditional write was sent and its answer lost: it may or may not have happened."""


class Unavailable(StoreError):
    """The store cannot be reached or does not work at the moment."""


class Denied(StoreError):
    """The store refuses these credentials or this operation."""


class Full(StoreError):
    """The store has no room or quota left."""


class NotSupported(StoreError):
    """The store cannot do this at all."""


class Corrupt(StoreError):
    """Bytes or parts are not what was stored."""

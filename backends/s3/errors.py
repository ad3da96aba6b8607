"""What an error of the SDK or of an S3 server means to a store.

Owns the tables from codes and statuses to store errors. Must never put a credential, a signature or a signed URL
into a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from backends.statuses import STATUSES, leaves_open, otherwise
from catalog.store.errors import (
    AlreadyExists,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotSupported,
    OutcomeUnknown,
    PreconditionFailed,
    StoreError,
    Unavailable,
)


class Intent(Enum):
    """What kind of call failed: a lost answer means something else for each."""

    PLAIN = auto()
    CREATE = auto()
    UPDATE = auto()
    COMPLETE = auto()


_CODES: dict[str, type[StoreError]] = {
    "NoSuchBucket": Unavailable,  # objects are not gone because their bucket is: somebody has to look
    "NoSuchUpload": NotFound,
    "InvalidPart": Corrupt,
    "InvalidPartOrder": Corrupt,
    "EntityTooSmall": Corrupt,
    "BadDigest": Corrupt,
    "QuotaExceeded": Full,
    "QuotaExceededException": Full,
    "InsufficientStorage": Full,
    "InsufficientCapacity": Full,
    "XMinioStorageFull": Full,
    "XMinioAdminBucketQuotaExceeded": Full,
    "TooManyRequests": Unavailable,
    "RequestTimeout": Unavailable,
    "SlowDown": Unavailable,
    "ExpiredToken": Denied,
    "InvalidToken": Denied,
    "InvalidAccessKeyId": Denied,
    "SignatureDoesNotMatch": Denied,
    "RequestTimeTooSkewed": Denied,
    "AuthorizationHeaderMalformed": Denied,
    "IllegalLocationConstraintException": Denied,
}
_STATUSES: dict[int, type[StoreError]] = {**STATUSES, 301: Denied, 307: Denied}
_WRONG_REGION = {
    "301",
    "307",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
_NO_CREDENTIALS = (
    sdk.NoCredentialsError,
    sdk.PartialCredentialsError,
    sdk.CredentialRetrievalError,
    sdk.TokenRetrievalError,
    sdk.SSOError,
)
_NEVER_SENT = (sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError)
_SECRET = re.compile(r"(?i)((?:x-amz-[\w-]+|signature|credential|awsaccesskeyid|security-?token)[=:]\s*)[^\s&,<>\"']+")
_USER = re.compile(r"//[^/@\s]+@")

SDK_ERRORS = (sdk.ClientError, sdk.BotoCoreError, ResponseParserError, HTTPError)
"""All that a call of the client, or the reading of a body, may raise."""


@contextmanager
def sdk_errors(what: str, endpoint: str, intent: Intent = Intent.PLAIN) -> Iterator[None]:
    """Raise store errors in place of those of the SDK; ``what`` names operation and object."""
    try:
        yield
    except sdk.ClientError as error:
        raise _answered(error, what, intent) from error
    except SDK_ERRORS as error:
        raise _unanswered(error, what, endpoint, intent) from error


def clean(text: str) -> str:
    """Take out of a text whatever could be a credential or a signature; at most 300 characters are kept."""
    return _USER.sub("//", _SECRET.sub(r"\1...", text))[:300]


def _answered(error: sdk.ClientError, what: str, intent: Intent) -> StoreError:
    """Judge an answer of the server."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = clean(str(error.response.get("Error", {}).get("Message", "")))
    text = " ".join([f"{what}:", str(status), *([code] if code != str(status) else []), message])
    if code in _WRONG_REGION or (status == 400 and "HeadBucket" in str(error)):
        text += " (the bucket seems to be in another region than the one that is set)"
    if code == "NoSuchBucket":
        text = f"{what}: the bucket does not exist"
    return _kind(code, status, intent)(text)


def _kind(code: str, status: int, intent: Intent) -> type[StoreError]:
    if status == 412:
        return AlreadyExists if intent is Intent.CREATE else PreconditionFailed
    if status == 404 and intent is Intent.UPDATE and code != "NoSuchBucket":
        return PreconditionFailed
    if intent is not Intent.PLAIN and leaves_open(status):
        return OutcomeUnknown
    return _CODES.get(code) or _STATUSES.get(status) or otherwise(status)


def _unanswered(error: BaseException, what: str, endpoint: str, intent: Intent) -> StoreError:
    """Judge an error of the SDK itself: no credentials, no connection, no answer."""
    if isinstance(error, _NO_CREDENTIALS):
        return Denied(f"{what}: no usable credentials were found ({clean(str(error))})")
    if isinstance(error, sdk.ParamValidationError):
        return NotSupported(f"{what}: {clean(str(error))}")
    reason = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return Unavailable(f"{what}: {clean(endpoint)} cannot be reached ({reason})")
    if isinstance(error, sdk.SSLError):
        reason += f": {clean(str(error))}"
    kind = Unavailable if intent is Intent.PLAIN else OutcomeUnknown
    return kind(f"{what}: {clean(endpoint)} gave no full answer ({reason})")

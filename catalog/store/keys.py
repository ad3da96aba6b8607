"""Every object name is built, checked and taken apart here and nowhere else.

Owns the layout of the bucket. Must never touch a store.
"""

from __future__ import annotations

import re
import string
from base64 import urlsafe_b64encode

from catalog.store.errors import NotSupported

IMAGES = "images/"
METADEFS = "metadefs/"
METADEF_RESOURCE_TYPES = "metadefs-resource-types.json"
"""Name of the one object that lists all resource types of metadata definitions."""
TASKS = "tasks/"
LEASES = "leases/"
PROBES = "probes/"
LEASES = "leases/"
_OWN_FOLDERS = frozenset(
    {"images", "staging", "metadefs", "tasks", "index", "leases", "probes", METADEF_RESOURCE_TYPES}
)

HEARTBEATS = "leases/transfers-"
"""Prefix of the signs of life of processes."""
CLOCKS = "leases/clock-"
"""Prefix of the objects that live for a moment, to tell the store's time."""
_SIDECAR = re.compile(r"images/([0-9a-f-]{36})/image\.json")
_OF_IMAGE = re.compile(r"images/([0-9a-f-]{36})/.+")
_BLOB = re.compile(r"images/([0-9a-f-]{36})/data-[A-Za-z0-9._-]+")
_TASK = re.compile(r"tasks/([0-9a-f-]{36})\.json")
_PLAIN = frozenset(string.ascii_letters + string.digits)
_MAX_READABLE = 200
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")


def sidecar(image_id: str) -> str:
    """Name the sidecar of an image; ids differ in more than case, so names are in lower case."""
    return f"{IMAGES}{image_id.lower()}/image.json"


def blob(image_id: str, attempt: str) -> str:
    """Name the blob of one upload attempt; an attempt's token makes two uploads two objects."""
    return f"{IMAGES}{image_id.lower()}/data-{attempt}"


def image_folder(image_id: str) -> str:
    """Give the prefix of everything that belongs to one image."""
    return f"{IMAGES}{image_id.lower()}/"


def is_blob_of(image_id: str, key: str) -> bool:
    """Tell whether a key names data that this catalog stored for an image: no sidecar, and nothing of another one."""
    return key.startswith((f"{image_folder(image_id)}data-", f"staging/{image_id.lower()}/data-"))


def is_own(key: str) -> bool:
    """Tell whether a key lies where a catalog keeps its own objects, of any kind and any image."""
    return key.split("/")[0] in _OWN_FOLDERS


def sidecar_image_id(key: str) -> str | None:
    """Give the image id if the key names a sidecar, else None."""
    match = _SIDECAR.fullmatch(key)
    return match.group(1) if match else None


def image_of(key: str) -> str | None:
    """Give the id of the image that an object belongs to, None if it belongs to none."""
    match = _OF_IMAGE.fullmatch(key)
    return match.group(1) if match else None


def blob_image_id(key: str) -> str | None:
    """Give the image id if the key names a blob, else None."""
    match = _BLOB.fullmatch(key)
    return match.group(1) if match else None


def task(task_id: str) -> str:
    """Name the object of a task."""
    return f"{TASKS}{task_id.lower()}.json"


def task_id(key: str) -> str | None:
    """Give the task id if the key names a task, else None."""
    match = _TASK.fullmatch(key)
    return match.group(1) if match else None


def metadef_namespace(name: str) -> str:
    """Name the object of a metadata namespace; names of up to 80 characters that differ give keys that differ.

    Letters and digits of ASCII stand for themselves, other characters as ``_`` and two hexadecimal digits or ``_u``
    and four or more. A name that gets too long by that is written as ``_z`` and the Base64 of its UTF-16.
    """
    readable = "".join(_escaped(character) for character in name)
    if len(readable) > _MAX_READABLE:
        packed = urlsafe_b64encode(name.encode("utf-16-be", "surrogatepass")).decode("ascii")
        readable = f"_z{packed.rstrip('=')}"
    return f"{METADEFS}{readable}.json"


def _escaped(character: str) -> str:
    if character in _PLAIN:
        return character
    code = ord(character)
    return f"_{code:02x}" if code < 0x100 else f"_u{code:04x}"


def check_key(key: str) -> str:
    """Give the key back if every server stores it faithfully: flat ASCII segments of at most 255 bytes.

    Raises NotSupported for all others (see docs/stores.md).
    """
    if len(key) > 800 or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise NotSupported(f"object name {key[:80]!r} is not portable")
    return key


def check_prefix(prefix: str) -> str:
    """Give a listing prefix back if some portable key could begin with it, else raise NotSupported."""
    if prefix:
        check_key(prefix + "x" if prefix.endswith("/") else prefix)
    return prefix


INDEX = "index/v1/"
CURRENT_EPOCH = f"{INDEX}current"


def journal_folder(epoch: str) -> str:
    """Give the prefix of an epoch's journal."""
    return f"{INDEX}{epoch}/journal/"


def journal_entry(epoch: str, number: int) -> str:
    """Name a journal entry; twenty digits, so that byte order is the order of the numbers."""
    return f"{journal_folder(epoch)}{number:020d}"


def journal_number(epoch: str, key: str) -> int | None:
    """Give the number of an entry's key, None for any other key."""
    text = key.removeprefix(journal_folder(epoch))
    return int(text) if re.fullmatch(r"\d{20}", text) else None


def snapshot_folder(epoch: str) -> str:
    """Give the prefix of an epoch's snapshots."""
    return f"{INDEX}{epoch}/snapshot/"


def snapshot_manifest(epoch: str, number: int) -> str:
    """Name the manifest of the snapshot at a journal position."""
    return f"{snapshot_folder(epoch)}{number:020d}/manifest.json"


def snapshot_piece(epoch: str, number: int, token: str, piece: int) -> str:
    """Name a piece; the token keeps two nodes that cut the same snapshot apart."""
    return f"{snapshot_folder(epoch)}{number:020d}/{token}-{piece:05d}"


def snapshot_number(epoch: str, key: str) -> int | None:
    """Give the journal position of a manifest's key, None for any other key."""
    match = re.fullmatch(r"(\d{20})/manifest\.json", key.removeprefix(snapshot_folder(epoch)))
    return int(match[1]) if match else None


def index_epoch(key: str) -> str | None:
    """Give the epoch that an object of the index belongs to; None for the one that names the current epoch."""
    epoch, slash, _ = key.removeprefix(INDEX).partition("/")
    return epoch if slash and key.startswith(INDEX) else None


def heartbeat(process: str) -> str:
    """Name the sign of life of a process that takes data."""
    return f"{HEARTBEATS}{process}.json"


def lease(name: str) -> str:
    """Name an object that gives advice only: no correctness rests on it."""
    return f"{LEASES}{name}.json"


def clock(token: str) -> str:
    """Name an object that is made to tell the store's time."""
    return f"{CLOCKS}{token}.json"


def probe_folder(run: str) -> str:
    """Give the prefix of all that one examination of a store writes; none of it outlives the examination."""
    return f"{PROBES}{run}/"


def probe(run: str, name: str) -> str:
    """Name an object that an examination writes."""
    return f"{probe_folder(run)}{name}"

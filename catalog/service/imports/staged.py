"""What is known of data that was staged: kept in the image's record, never shown.

Owns the form of ``Image.staged``. Must never touch a store. Staged data lies where it stays when the image becomes
active in the home store: an import moves the record alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from catalog.model import Image
from catalog.store import keys
from catalog.transfer.inspection import Finding, Findings


@dataclass(frozen=True, slots=True)
class Staged:
    """Staged data: size in bytes, hashes in hexadecimal, and which formats it may be."""

    attempt: str
    size: int
    md5: str
    sha512: str
    findings: Findings

    def key(self, image_id: str) -> str:
        """Name the blob in the home store."""
        return keys.blob(image_id, self.attempt)

    def encode(self) -> Mapping[str, Any]:
        """Give the form that the record keeps."""
        return {
            "attempt": self.attempt,
            "size": self.size,
            "md5": self.md5,
            "sha512": self.sha512,
            "formats": [asdict(finding) for finding in self.findings.formats],
        }


def staged_of(image: Image) -> Staged | None:
    """Give what an image has staged, None if nothing whole."""
    kept = image.staged
    if not kept:
        return None
    findings = Findings(kept["size"], tuple(Finding(**finding) for finding in kept["formats"]))
    return Staged(kept["attempt"], kept["size"], kept["md5"], kept["sha512"], findings)

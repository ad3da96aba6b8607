"""What an image looks like, in the index file: the served JSON and the record, compressed.

Owns the compression and the text that it starts from. Must never change what comes out. Each image is compressed
alone, so that a row can be read alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import zstandard

from catalog.index.sample import SAMPLE
from catalog.model import Image, encode

_LEVEL = 1
_LENGTH = 4
"""Bytes that tell the length of what is served."""
_USUAL = {
    "architecture": "x86_64",
    "base_image_ref": "",
    "build_date": "2025-01-01",
    "hw_boot_menu": "false",
    "hw_cdrom_bus": "sata",
    "hw_disk_bus": "virtio",
    "hw_firmware_type": "uefi",
    "hw_machine_type": "q35",
    "hw_qemu_guest_agent": "yes",
    "hw_rng_model": "virtio",
    "hw_scsi_model": "virtio-scsi",
    "hw_video_model": "virtio",
    "hw_vif_model": "virtio",
    "hw_vif_multiqueue_enabled": "true",
    "image_type": "snapshot",
    "instance_uuid": "",
    "hypervisor_type": "kvm",
    "os_admin_user": "ubuntu",
    "os_distro": "debian",
    "os_require_quiesce": "no",
    "os_secure_boot": "optional",
    "os_type": "linux",
    "os_version": "12",
    "user_id": "",
    "version": "latest",
}
"""Properties that images of virtual machines often have."""


class Packer(threading.local):
    """Compresses and restores bodies; every thread has its own tools."""

    def __init__(self, render: Callable[[Image], bytes]) -> None:
        usual = replace(
            SAMPLE,
            status="active",
            visibility="private",
            container_format="bare",
            disk_format="qcow2",
            tags=("stable",),
            properties=_USUAL,
        )
        self.words = render(usual) + encode(usual)
        """What every body is told by its difference from."""
        dictionary = zstandard.ZstdCompressionDict(self.words, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        dictionary.precompute_compress(level=_LEVEL)
        self._compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=dictionary, write_checksum=True, write_dict_id=False
        )
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)

    def pack(self, served: bytes, record: bytes) -> bytes:
        """Give both in a shorter form; they say much the same, so that the second takes little."""
        return self._compressor.compress(len(served).to_bytes(_LENGTH) + served + record)

    def unpack(self, packed: bytes) -> tuple[bytes, bytes]:
        """Give both back. Raises zstandard.ZstdError if they are damaged."""
        body = self._decompressor.decompress(packed)
        end = _LENGTH + int.from_bytes(body[:_LENGTH])
        return body[_LENGTH:end], body[end:]

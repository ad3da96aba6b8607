"""What the conversion of images needs of this node, found at start.

Owns the check of the settings ``work_dir`` and ``image_import_plugins`` against the machine. Must never be satisfied
with less: a node that could not convert would fail every import.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from catalog.conversion.qemu_img import QemuImg, find_qemu_img
from catalog.conversion.work_files import WorkFiles
from catalog.settings import Settings, SettingsError

CONVERSION = "image_conversion"


@dataclass(frozen=True, slots=True)
class Tools:
    """The program and the disk."""

    qemu_img: QemuImg
    files: WorkFiles


def check_tools(settings: Settings) -> str | None:
    """Give the path of qemu-img; None where the plug-in is not enabled. Raises SettingsError for what is missing."""
    if CONVERSION not in settings.image_import_plugins:
        return None
    program = find_qemu_img()
    if program is None:
        raise SettingsError("setting image_import_plugins: image_conversion needs qemu-img, which is not installed")
    if not settings.work_dir:
        raise SettingsError("setting work_dir: must name a folder on this node's disk for image_conversion")
    folder = Path(settings.work_dir).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"setting work_dir: {folder} cannot be used: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingsError(f"setting work_dir: {folder} cannot be used: it must be readable and writable")
    return program


def open_tools(settings: Settings) -> Tools | None:
    """Open what the plug-in needs and remove what dead processes left; None where it is not enabled.

    Raises SettingsError.
    """
    program = check_tools(settings)
    if program is None:
        return None
    try:
        files = WorkFiles(Path(settings.work_dir))
    except OSError as error:
        raise SettingsError(f"setting work_dir: {settings.work_dir} cannot be used: {error.strerror}") from error
    return Tools(QemuImg(program, settings.conversion_timeout, settings.image_size_cap), files)

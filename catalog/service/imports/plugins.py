"""Plug-ins that change the record of every imported image, by the setting ``image_import_plugins``.

Owns the table of these. Must never see data, which are the business of ``transforms``: these change the record
alone, in the write that makes it active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog.model import Image
from catalog.schemas.image import RESERVED_PREFIX
from catalog.service.imports.job import COPY_IMAGE, Job
from catalog.service.imports.marks import with_properties
from catalog.settings import Settings

Plugin = Callable[[Settings, Job, Image], Image]


def _no_op(settings: Settings, job: Job, image: Image) -> Image:
    return image


def _inject_image_metadata(settings: Settings, job: Job, image: Image) -> Image:
    """Set configured properties, unless a role of who asked for the import is to be left alone."""
    if set(job.roles) & {role.lower() for role in settings.ignore_user_roles}:
        return image
    return with_properties(
        image, {name: value for name, value in settings.inject if not name.startswith(RESERVED_PREFIX)}
    )


PLUGINS: Mapping[str, Plugin] = {"no_op": _no_op, "inject_image_metadata": _inject_image_metadata}


def apply_plugins(settings: Settings, job: Job, image: Image) -> Image:
    """Give the image as the configured plug-ins leave it; a copy to further stores is left as it is."""
    if job.method != COPY_IMAGE:
        for name in settings.image_import_plugins:
            image = PLUGINS.get(name, _no_op)(settings, job, image)
    return image

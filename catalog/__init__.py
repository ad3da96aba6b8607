"""Calotype: an image catalog that speaks the OpenStack Image API and keeps everything in a bucket.

Owns the public entry point ``create_app``. Must never import the application before it is asked for: drivers
import parts of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.app import create_app as create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from catalog.app import create_app

        return create_app
    raise AttributeError(name)

"""Uploads in parts."""

from __future__ import annotations

KEY = "images/1/data-1"

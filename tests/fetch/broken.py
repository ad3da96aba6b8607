"""Data of a source, and sources that break off."""

from __future__ import annotations

import random

import pytest

from catalog.errors import TransferBroken
from tests.fetch.conftest import Fetching

DATA = random.Random(7).randbytes(300_000)


def broken(fetching: Fetching, url: str, **options: object) -> str:
    with pytest.raises(TransferBroken) as caught:
        fetching.read(url, **options)
    return caught.value.message

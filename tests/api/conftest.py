"""Fixtures: one catalog that tests share while they look at their own images only, and catalogs of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from catalog.store.interface import Overwrite
from tests.api.disks import Disks
from tests.api.importing import ImportApi, files
from tests.api.locating import OTHER_URL
from tests.api.many import TABLES, Many
from tests.api.metadefs import Metadefs, catalog_of_metadefs
from tests.api.regions import Region, importing_from
from tests.api.support import TEN, Api
from tests.servers.web_source import WebSource

MakeApi = Callable[..., Api]
settings.register_profile("calotype", deadline=None, database=None)
settings.load_profile("calotype")


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """A catalog with default settings; its store holds the images of many tests."""
    made = Api()
    yield made
    made.close()


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Makes catalogs: ``make_api(wrap=..., memory=..., image_tag_quota=1)``."""
    made: list[Api] = []

    def make(**options: Any) -> Api:
        made.append(Api(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Disks:
    """Disk images of real formats by kind."""
    return Disks(tmp_path_factory.mktemp("disks"))


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSource]:
    """A web server with files to import."""
    with WebSource(files(tmp_path_factory.mktemp("web") / "files")) as made:
        yield made


@pytest.fixture(scope="module")
def metadefs() -> Iterator[Metadefs]:
    """A catalog for namespaces whose names no two tests share."""
    with catalog_of_metadefs() as made:
        yield made


@pytest.fixture
def located() -> Iterator[Many]:
    """Several stores, with data on the web and beside the catalog."""
    made = Many(show_multiple_locations=True)
    made.web.offer()
    made.web.offer(url=OTHER_URL)
    made.slow.put("exports/disk.raw", TEN, Overwrite())
    yield made
    made.close()


@pytest.fixture
def several() -> Iterator[Many]:
    """Several stores with texts and weights."""
    made = Many(stores=TABLES, store_description="at home")
    yield made
    made.close()


@pytest.fixture
def cached(make_api: MakeApi, tmp_path: Path) -> MakeApi:
    """Makes catalogs with an image cache."""

    def make(**options: Any) -> Api:
        return make_api(image_cache_dir=str(tmp_path / "cache"), **options)

    return make


@pytest.fixture(scope="module")
def region() -> Iterator[Region]:
    """Another region."""
    with Region() as made:
        yield made


@pytest.fixture(scope="module")
def here(region: Region) -> Iterator[ImportApi]:
    """A catalog that imports from it."""
    made = importing_from(region.endpoint, cold=True)
    yield made
    made.close()

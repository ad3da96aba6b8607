"""What tests of conversions share: the catalog, and images brought to it.

Owns the way in by either method. Must never assert anything beyond what every test rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.api.importing import ImportApi

Make = Callable[..., ImportApi]
METHODS = ("web-download", "glance-direct")


def bring(api: ImportApi, data: bytes, disk_format: str, name: str = "web-download", **body: Any) -> str:
    """Import data by a method and give the image's id."""
    image_id = api.bare(disk_format=disk_format)
    if name == "glance-direct":
        assert api.stage(image_id, data).status_code == 204
        api.done(image_id, name, **body)
        return image_id
    assert api.source is not None
    (api.source.folder / image_id).write_bytes(data)
    api.done(image_id, api.web(image_id), **body)
    (api.source.folder / image_id).unlink()
    return image_id


@contextmanager
def converting(source: Any, folder: Path) -> Iterator[Make]:
    """Give what makes catalogs that convert in a folder; none may leave a file there."""
    made: list[ImportApi] = []

    def run(output_format: str = "raw", plugins: str = "image_conversion", **options: Any) -> ImportApi:
        options = {"image_size_cap": "64MB", "work_dir": str(folder), **options}
        made.append(ImportApi(source, True, image_import_plugins=plugins, output_format=output_format, **options))
        return made[-1]

    yield run
    for api in made:
        api.close()
    assert list(folder.iterdir()) == []

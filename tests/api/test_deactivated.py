"""A deactivated image gives no bytes, no export and no copy to anyone but admins, by any way there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.api.importing import COLD, ImportApi
from tests.api.support import ALICE, BOB, EVE, MEMBER_ONLY, ROOT, TEN

Ask = Callable[[ImportApi, str, str], TestResponse]
EVERYBODY = (ALICE, BOB, EVE, MEMBER_ONLY)
WAYS: dict[str, Ask] = {
    "all bytes": lambda api, image_id, who: api.get_file(image_id, who),
    "some bytes": lambda api, image_id, who: api.get_file(image_id, who, Range="bytes=0-3"),
    "bytes from a store": lambda api, image_id, who: api.get(f"/v2/images/{image_id}/file?prefer=default", who),
    "bytes by v1": lambda api, image_id, who: api.get(f"/v1/images/{image_id}", who),
    "places": lambda api, image_id, who: api.get(f"/v2/images/{image_id}/locations", who),
    "a copy": lambda api, image_id, who: api.start(image_id, "copy-image", who, stores=[COLD]),
}


@pytest.fixture(scope="module")
def open_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImportApi]:
    """A catalog whose rules let everybody do everything to images that they see; it has a cache."""
    folder: Path = tmp_path_factory.mktemp("open")
    rules = ("download_image", "copy_image", "get_image", "get_image_location")
    (folder / "policy.yaml").write_text("".join(f'"{rule}": ""\n' for rule in rules))
    api = ImportApi(cold=True, policy_file=str(folder / "policy.yaml"), image_cache_dir=str(folder / "cache"))
    yield api
    api.close()


@pytest.fixture(scope="module")
def image_id(open_api: ImportApi) -> str:
    """An image that was downloaded, and so cached, before it was deactivated."""
    made = open_api.active(visibility="community")
    assert open_api.get_file(made).data == TEN
    assert open_api.call("POST", f"/v2/images/{made}/actions/deactivate", ROOT).status_code == 204
    return made


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_its_bytes(open_api: ImportApi, image_id: str, way: str, who: str) -> None:
    answer = WAYS[way](open_api, image_id, who)
    assert answer.status_code in (403, 409)
    assert TEN[:4] not in answer.data
    assert list(open_api.cold.list()) == []
    shown = open_api.get(f"/v2/images/{image_id}", who).json
    assert not {"direct_url", "locations", "stores"} & shown.keys()


def test_admins_still_get_it(open_api: ImportApi, image_id: str) -> None:
    assert open_api.get_file(image_id, ROOT).data == TEN
    assert open_api.get_file(image_id, ROOT, Range="bytes=0-3").data == TEN[:4]


def test_it_can_be_had_again_when_it_is_reactivated(open_api: ImportApi) -> None:
    made = open_api.active()
    for action in ("deactivate", "reactivate"):
        open_api.call("POST", f"/v2/images/{made}/actions/{action}", ROOT)
    assert open_api.get_file(made).data == TEN

"""Removal of data from one of several stores, and stores that are down."""

from __future__ import annotations

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.faulty import Fault, FaultyStore
from catalog.store.errors import Unavailable
from tests.api.many import Many, image
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api


@pytest.mark.parametrize(
    ("who", "status"), [(ROOT, 204), (ALICE, 403), (BOB, 403), (EVE, 404), ("root:p9:admin", 204)]
)
def test_who_may_remove_data_from_a_store(several: Many, who: str, status: int) -> None:
    image_id = image(several, visibility="private", protected=True)
    several.spread(image_id, "fast", "slow")
    assert several.call("DELETE", f"/v2/stores/fast/{image_id}", who).status_code == status
    assert several.show(image_id)["stores"] == ("slow" if status == 204 else "fast,slow")
    assert several.get_file(image_id).data == TEN


def test_removal_takes_the_data_of_that_store_alone(several: Many) -> None:
    image_id = image(several)
    several.spread(image_id, "fast", "slow")
    before = several.stored(image_id)
    assert several.call("DELETE", f"/v2/stores/fast/{image_id}", ROOT).status_code == 204
    assert several.stored(image_id) == {name: keys for name, keys in before.items() if name != "fast"}
    assert several.call("DELETE", f"/v2/stores/slow/{image_id}", ROOT).status_code == 403  # the last one


def test_order_of_refusals_of_a_removal(several: Many) -> None:
    def remove(store: str, image_id: str, who: str = ROOT) -> int:
        return several.call("DELETE", f"/v2/stores/{store}/{image_id}", who).status_code

    queued, single, double = several.bare(), image(several), image(several, visibility="community")
    several.spread(double, "fast", "slow")
    assert remove("nowhere", UNUSED) == 409
    assert remove("fast", UNUSED) == remove("fast", "no-uuid") == 404
    assert remove("fast", queued, EVE) == 404
    assert remove("fast", double, EVE) == 403
    assert remove("fast", queued) == 409
    assert remove("fast", single) == 403  # the only location, although it is in another store
    assert remove("default", double) == 404
    assert several.call("DELETE", f"/v2/stores/fast/{double}", ROOT, data=b"x").status_code == 400
    several.call("POST", f"/v2/images/{double}/actions/deactivate", ROOT)
    assert remove("fast", double) == 409


def test_data_that_is_gone_already_can_be_removed(several: Many) -> None:
    image_id = image(several)
    several.spread(image_id, "fast", "slow")
    several.fast.delete(several.record(image_id).locations[0].key)
    assert several.call("DELETE", f"/v2/stores/fast/{image_id}", ROOT).status_code == 204


def test_a_store_that_is_down_stops_only_what_needs_it() -> None:
    """Everything about it fails; records, uploads elsewhere, other locations and deletions go on."""
    down: set[str] = set()
    broken = FaultyStore(MemoryStore(name="far"), lambda call, number: Fault(before=Unavailable) if down else None)
    api = Api(blobs={"far": CheckedStore(broken)})
    copied, only = api.active(), api.bare()
    assert api.put_file(only, headers={"X-Image-Meta-Store": "far"}).status_code == 204
    body = {"method": {"name": "copy-image"}, "stores": ["far"]}
    assert api.call("POST", f"/v2/images/{copied}/import", ROOT, json=body).status_code == 202
    api.finish_tasks()
    down.add("far")
    assert api.get_file(copied).data == api.get_file(api.active()).data == TEN
    assert api.get("/v2/images?status=active").status_code == 200
    assert api.put_file(api.bare(), headers={"X-Image-Meta-Store": "far"}).status_code == 503
    refused = api.get_file(only)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert api.call("DELETE", f"/v2/images/{only}").status_code == 204
    assert api.call("DELETE", f"/v2/stores/far/{copied}", ROOT).status_code == 204
    down.clear()
    api.close()  # tries once more what could not be removed
    assert list(broken.inner.list()) == []

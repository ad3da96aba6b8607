"""What rests on the times that stores tell: signs of life of uploads, and the way back after a deletion."""

from __future__ import annotations

from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.store.keeping import expires
from tests.api.support import ROOT, Api
from tests.sweeper.ground import Ground
from tests.sweeper.support import ended, sweep

LIMIT = 3600.0
"""``upload_stall_time``, in seconds."""
SLACK = 120.0
"""More than a slow machine takes for a test, in seconds."""


def test_young_parts_keep_an_old_upload(ground: Ground) -> None:
    """Of a transfer whose server says nothing, the newest part counts, however old its upload is."""
    node, home = ground.node(), ground.stores[HOME_STORE]
    image_id = node.bare()
    node.change(image_id, status="saving", attempt="x", attempt_by="nobody")
    key = keys.blob(image_id, "x")
    upload = home.begin_upload(key)
    for number in (1, 2, 3):
        ground.clock.move(LIMIT - SLACK)
        home.put_part(key, upload, number, b"part", 4 * (number - 1))
        assert ended(sweep(node)) == {}
    ground.clock.move(LIMIT - SLACK)
    assert ended(sweep(node)) == {}
    ground.clock.move(2 * SLACK)
    assert ended(sweep(node)) == {"dead-transfers": 1}
    assert node.record(image_id).status == "killed"
    assert list(home.list_uploads()) == []
    node.close()


def undelete(node: Api, image_id: str) -> int:
    return node.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT).status_code


def test_the_way_back(ground: Ground) -> None:
    """Where the store itself was told to remove the data, it opens when that can be taken back for sure."""
    node, data = ground.node(), b"d" * (ground.part * 3 // 2)
    image_id = node.active(data)
    node.call("DELETE", f"/v2/images/{image_id}", ROOT)
    if expires(ground.stores[HOME_STORE]):
        assert undelete(node, image_id) == 409
    ground.clock.move(300 + SLACK)
    assert ended(sweep(node)) == {}
    assert undelete(node, image_id) == 204
    ground.clock.move(10 * 86400)
    assert ended(sweep(node)) == {}
    assert node.get_file(image_id).data == data
    node.close()

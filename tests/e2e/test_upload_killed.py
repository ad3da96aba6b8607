"""A server killed in the middle of an upload: its successor on the same node ends the upload as it starts."""

from __future__ import annotations

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection
from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.places import Place

DATA = random_bytes(8 * MIB)


def test_upload_of_a_killed_process_is_ended_by_the_next_one(start: Start, place: Place) -> None:
    """The default limits hold: nobody waits for an hour of silence."""
    catalog = start(place, upload_part_size="1MB")
    client = Client(catalog.url)
    image_id, kept = client.create(), client.add("kept", DATA)
    connection = RawConnection(catalog.url)
    connection.put(image_id, f"Content-Length: {len(DATA)}", body=DATA[: 6 * MIB])
    wait_for(lambda: place.pending(image_id), "parts")
    assert client.status(image_id) == "saving"
    catalog.kill_worker()
    connection.close()
    client.wait_status(image_id, "killed")
    wait_for(lambda: place.leftovers(image_id) == [], "an end of the parts")
    history = client.call("GET", f"/v2/images/{image_id}/history").json()["history"]
    assert history[-1]["why"] == "The server process that took the data has ended"
    assert [view["id"] for view in client.call("GET", "/v2/images?status=killed").json()["images"]] == [image_id]
    client.check_reusable(image_id, DATA)
    assert client.data(kept) == DATA

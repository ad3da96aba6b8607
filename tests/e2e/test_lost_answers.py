"""Changes of which the store's answer is lost: show and list say the same of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests

from tests.e2e.conftest import Start
from tests.e2e.hasty import hasty
from tests.e2e.support import Client, wait_for
from tests.servers.places import Place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.throttle import Throttle

PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
LOST = {
    "rename": ("PATCH", "/v2/images/{id}", {"json": [{"op": "replace", "path": "/name", "value": "after"}]}),
    "tag": ("PUT", "/v2/images/{id}/tags/added", {}),
    "delete": ("DELETE", "/v2/images/{id}", {}),
}


@pytest.mark.parametrize("name", LOST)
def test_change_whose_answer_was_lost_is_the_same_in_show_and_list(
    start: Start, new_bucket: Place, seaweedfs: SeaweedFS, tmp_path: Path, name: str
):
    method, path, options = LOST[name]
    image_id = Client(start(new_bucket).url).create("before")
    with Throttle(seaweedfs.port) as line:
        far = replace(new_bucket, settings={**new_bucket.settings, "s3_endpoint": line.endpoint})
        with hasty(tmp_path / "hasty", far) as client:
            line.lose_from = b"PUT "
            answer = client.call(method, path.format(id=image_id), headers=PATCH, **options)
            assert answer.status_code == 503
            line.lose_from, line.answers = None, True
            shown = _answered(client, f"/v2/images/{image_id}")
            listed = _answered(client, "/v2/images").json()["images"]
            assert listed == ([shown.json()] if shown.status_code == 200 else [])


def _answered(client: Client, path: str) -> requests.Response:
    """Ask until the answer is not that the store is silent."""
    answers: list[requests.Response] = []

    def is_answered() -> bool:
        answers.append(client.call("GET", path))
        return answers[-1].status_code != 503

    wait_for(is_answered, "an answer")
    return answers[-1]

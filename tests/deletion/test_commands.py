"""``calotype sweep``, ``calotype store`` and ``calotype image`` beside a running catalog."""

from __future__ import annotations

import json

from catalog.store.interface import Overwrite
from catalog.store.keeping import expires
from tests.deletion.conftest import DATA, Place


def test_sweep_says_what_it_would_do_and_does_it(place: Place) -> None:
    kept, gone = place.active(), place.active()
    place.delete(gone)
    young = place.run("sweep", "--json")
    assert (young.exit_code, json.loads(young.stdout)["candidates"]) == (0, [])
    place.outlive()
    plan = place.run("sweep", "--dry-run", "--json", deleted_retention=0)
    (candidate,) = json.loads(plan.stdout)["candidates"]
    assert (candidate["rule"], candidate["key"], candidate["size"]) == ("deleted-data", f"images/{gone}/", len(DATA))
    told = place.run("sweep", "--dry-run", deleted_retention=0)
    assert f"deleted-data: data default:images/{gone}/ (deleted, retention over;" in told.stdout
    assert place.stored(gone) == ["data-", "image"]
    done = place.run("sweep", deleted_retention=0)
    assert done.exit_code == 0, done.output
    assert "deleted-data" in done.stdout
    assert place.stored(gone) == ["image"]
    assert place.data(kept) == DATA


def test_what_no_record_names_goes_with_age(place: Place) -> None:
    kept = place.active()
    place.home.put(f"images/{kept}/data-litter", b"x", Overwrite())
    place.home.put("images/11111111-2222-4333-8444-555555555555/data-litter", b"x", Overwrite())
    place.home.begin_upload(f"images/{kept}/data-upload")
    assert json.loads(place.run("sweep", "--json").stdout)["candidates"] == []
    place.outlive()
    report = json.loads(place.run("sweep", "--json", sweep_min_age=0).stdout)
    ended = {name: tally["ended"] for name, tally in report["rules"].items() if tally["ended"]}
    assert ended == {"orphans": 2, "stray-uploads": 1}
    assert place.stored(kept) == ["data-", "image"]
    assert place.data(kept) == DATA
    assert list(place.home.list_uploads()) == []


def test_undelete_beside_a_running_server(place: Place) -> None:
    image_id = place.active()
    refused = place.run("image", "undelete", image_id)
    assert (refused.exit_code, "is not deleted" in refused.output) == (1, True)
    place.delete(image_id)
    assert place.data(image_id) is None
    if not expires(place.home):  # else that has to wait, see below
        done = place.run("image", "undelete", image_id)
        assert (done.exit_code, done.stdout) == (0, f"{image_id} is active again\n")
        assert place.data(image_id) == DATA
        listed = place.app.test_client().get("/v2/images").json["images"]
        assert [image["id"] for image in listed] == [image_id]
        place.delete(image_id)
    place.outlive()
    place.run("sweep", deleted_retention=0)
    late = place.run("image", "undelete", image_id)
    assert (late.exit_code, "is gone" in late.output) == (1, True)
    unknown = place.run("image", "undelete", "11111111-2222-4333-8444-555555555555")
    assert (unknown.exit_code, "Failed to find image" in unknown.output) == (1, True)


def test_rules_of_the_store(place: Place) -> None:
    bucket = place.home.capabilities.kind == "s3"
    dry = place.run("store", "prepare", "--dry-run")
    assert dry.exit_code == 0, dry.output
    if bucket:
        rules = json.loads(dry.stdout)["Rules"]
        assert len(rules) == 8
        assert all("catalog/" in json.dumps(rule["Filter"]) for rule in rules)
    before = place.run("store", "check")
    assert (before.exit_code, "is missing" in before.stdout) == (int(bucket), bucket)
    done = place.run("store", "prepare")
    assert (done.exit_code, done.stdout) == (
        0, "default: 8 rules installed\n" if bucket else "default: needs no rules; the sweep does it all\n",
    )  # fmt: skip
    after = place.run("store", "check")
    assert (after.exit_code, after.stdout) == (
        0, "default: all rules are there\n" if bucket else "default: needs no rules; the sweep does it all\n",
    )  # fmt: skip
    assert place.run("store", "check", "--noncurrent-days", "9").exit_code == int(bucket)
    assert place.run("store", "clear").exit_code == 0
    assert place.run("store", "check").exit_code == int(bucket)


def test_deleted_data_is_tagged_where_a_rule_waits_for_it(place: Place) -> None:
    """And an image that was deleted a moment ago comes back only when no tag can be on its way any more."""
    if place.home.capabilities.kind not in ("s3", "swift"):
        assert not place.home.capabilities.expire
        return
    assert place.run("store", "prepare").exit_code == 0
    place.home.prepare(create=False)
    image_id = place.active()
    place.delete(image_id)
    soon = place.run("image", "undelete", image_id)
    assert (soon.exit_code, "try again in" in soon.output) == (1, True)
    place.outlive()
    assert place.run("sweep", deleted_retention=0).exit_code == 0
    assert place.stored(image_id) == ["image"]

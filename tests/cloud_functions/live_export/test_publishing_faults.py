"""What an export does when the bucket is not as it should be: it says so, and what stands there stays."""

import json

import pytest

from shared.exports import layout
from tests.cloud_functions.live_export import scenes

DOCUMENTS = ("live", "live-grading", "tonight", "tonight-day", "status")
CREATE, UPDATE = "storage.objects.create", "storage.objects.delete"


def test_a_bucket_that_cannot_be_written_keeps_what_it_has(scene: scenes.Scene) -> None:
    """Each document and the manifest is an error with the reason; the report is not complete; readers see the last."""
    scene.export()
    before = scene.generations()
    scene.minute(66)
    scene.deny(CREATE)

    told = scene.export()

    found = {name: scenes.of(told, name) for name in (*DOCUMENTS, "manifest")}
    assert {one["reason"] for one in found.values()} == {"write_access_denied"}
    assert {one["status"] for one in found.values()} == {"error"}
    assert (told["complete"], told["status"]) == (False, "error")
    assert scene.generations() == before
    scene.deny()
    assert scene.export()["status"] == "pass"
    scene.assert_whole()


def test_a_bucket_that_may_be_added_to_only_keeps_what_it_has(scene: scenes.Scene) -> None:
    """Without the right to overwrite, new immutable objects come, and no name that readers know moves."""
    scene.export()
    before = scene.generations()
    scene.minute(66)
    scene.deny(UPDATE)

    told = scene.export()

    assert scenes.of(told, "live")["reason"] == "write_access_denied"
    assert scenes.of(told, "manifest")["reason"] == "write_access_denied"
    after = scene.generations()
    assert {path: made for path, made in after.items() if not path.startswith("objects/")} == {
        path: made for path, made in before.items() if not path.startswith("objects/")
    }
    assert len(after) > len(before)


def test_a_bucket_that_is_not_there_is_told(scene: scenes.Scene) -> None:
    """Without a bucket nothing can be begun: the run as a whole failed, and says which bucket."""
    scene.declare(bucket="nobody-made-it")
    told = scene.export()
    assert (told["complete"], told["error"]["code"]) == (False, "not_found")
    assert "gs://nobody-made-it" in told["summary"]


@pytest.mark.parametrize("right", ["storage.buckets.getIamPolicy", "storage.buckets.get"])
def test_a_policy_that_cannot_be_read_stops_a_private_export(scene: scenes.Scene, right: str) -> None:
    """Whether everybody may read is not known: nothing is published where that is not declared."""
    scene.declare(public=False, cors=None)
    scene.deny(right)

    told = scene.export()

    assert scenes.reasons(told) == {"bucket": "access_unknown"}
    assert (told["complete"], scene.generations()) == (False, {})
    scene.declare()
    assert scenes.of(scene.export(), "live")["reason"] == "published"


def test_a_public_bucket_that_is_not_declared_is_refused(scene: scenes.Scene) -> None:
    """Everybody may read it, and nobody said that they should: nothing is written."""
    scene.declare(public=False, cors=None)
    told = scene.export()
    assert [(one["reason"], one["status"]) for one in told["findings"]] == [("public", "fail")]
    assert scene.generations() == {}


def test_prevented_access_is_private_whatever_the_policy_says(scene: scenes.Scene) -> None:
    """With public access prevention the policy lets nobody in: a private export goes on."""
    bucket = scene.storage.get_bucket(scene.bucket)
    bucket.iam_configuration.public_access_prevention = "enforced"
    bucket.patch()
    scene.declare(public=False, cors=None)
    told = scene.export()
    assert {scenes.of(told, name)["reason"] for name in DOCUMENTS} == {"published"}


@pytest.mark.parametrize(
    ("cors", "reason", "status"),
    [
        ([{**scenes.READ, "origin": ["*"]}], "cors_wildcard", "fail"),
        ([scenes.READ, {**scenes.READ, "origin": ["https://*.example"]}], "cors_wildcard", "fail"),
        ([{**scenes.READ, "method": ["GET", "PUT"]}], "cors_methods", "fail"),
        ([{**scenes.READ, "origin": ["https://other.example"]}], "cors_differs", "warn"),
        ([], "cors_differs", "warn"),
        ([scenes.READ], "declared", "pass"),
    ],
)
def test_cors_is_what_is_declared(scene: scenes.Scene, cors: list[object], reason: str, status: str) -> None:
    """Pages of every site, methods that write, and sites that differ are findings; the documents come all the same."""
    bucket = scene.storage.bucket(scene.bucket)
    bucket.cors = cors
    bucket.patch()
    told = scene.export(only=["status"])
    assert (scenes.of(told, f"gs://{scene.bucket}#cors")["reason"], told["status"]) == (reason, status)
    assert scenes.of(told, "status")["reason"] == "published"


def test_a_manifest_of_garbage_stops_everything(scene: scenes.Scene) -> None:
    """Without knowing what stands there, worse could replace good: nothing is written until a person mended it."""
    scene.export()
    scene.put(layout.MANIFEST, "{")
    before = scene.generations()
    scene.minute(66)

    told = scene.export()

    assert (told["complete"], told["error"]["code"]) == (False, "garbled")
    assert layout.MANIFEST in told["summary"]
    assert scene.generations() == before
    scene.storage.bucket(scene.bucket).blob(f"{scenes.PREFIX}/{layout.MANIFEST}").delete()
    assert scene.export()["status"] == "pass"
    scene.assert_whole()


@pytest.mark.parametrize("action", ["refuse", "drop_answer"])
def test_hiccups_of_storage_are_not_noticed(scene: scenes.Scene, action: str) -> None:
    """Each kind of write fails once, or its answer is lost: everything is published, each name once."""
    scene.export()
    scene.minute(66)
    for name in (r"objects/live/[^\"]*", 'live/[^"]*', "manifest.json"):
        scene.fault(match=scenes.upload(f"{scenes.PREFIX}/{name}"), action=action)
    before = scene.generations()

    told = scene.export()

    assert told["status"] == "pass"
    assert scene.committed() == 3
    scene.assert_whole()
    named = {entry.content.object for entry in scene.manifest().documents.values() if entry.content}
    assert scene.generations().keys() - before.keys() == named - before.keys()


def test_what_is_not_known_is_refused_before_anything_is_asked(scene: scenes.Scene) -> None:
    """An unknown document, a bad day, a pattern to force and an unknown parameter are the caller's mistakes."""
    requests: tuple[dict[str, object], ...] = (
        {"only": ["lives"]},
        {"force": ["lives"]},
        {"force": ["live*"]},
        {"only": ["status"], "force": ["live"]},
        {"day": "2026-2-12"},
        {"day": "tomorrow"},
        {"days": "today"},
    )
    told = [scene.export(**request) for request in requests]
    assert {one["error"]["code"] for one in told} == {"invalid_request"}
    assert scene.generations() == {}
    assert "there are live, live-grading" in json.dumps(told[0])

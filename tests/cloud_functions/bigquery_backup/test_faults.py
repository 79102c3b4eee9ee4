"""Bad input and faults: whatever goes wrong is told, and nothing half-done is called a backup."""

import concurrent.futures
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from google.cloud import bigquery

from tests.cloud_functions.bigquery_backup import scenes
from tests.cloud_functions.bigquery_backup.scenes import Scene, statuses

INSERT = r"POST /bigquery/v2/projects/[^/]+/jobs[^/]*\n"


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_missing_table_fails_and_the_others_pass(scene: Scene) -> None:
    """A declared table that is gone is loud; the one that is there is backed up."""
    scene.table("a")
    scene.declare("a", "gone", "old_*")

    report = scene.call()

    assert report["status"] == "fail"
    assert statuses(report) == {
        "a": ("pass", "verified"),
        "gone": ("fail", "missing_table"),
        "old_*": ("fail", "matches_nothing"),
    }
    assert scene.read(scene.manifests()[0])["complete"] is False


def test_missing_dataset_fails_and_the_others_pass(scene: Scene) -> None:
    """A declared dataset that is gone does not stop the rest."""
    scene.table("a")
    scene.declare(datasets=[{"dataset": scene.dataset}, {"dataset": "nowhere"}])

    assert statuses(scene.call()) == {"a": ("pass", "verified"), "nowhere": ("fail", "missing_dataset")}


def test_view_external_and_empty_tables(scene: Scene) -> None:
    """Views and external tables are skipped with the reason; an empty table's definition is its backup."""
    scene.table("a")
    scene.table("empty", 0)
    view = bigquery.Table(f"{scene.cloud.project}.{scene.dataset}.v")
    view.view_query = f"SELECT day FROM `{scene.cloud.project}.{scene.dataset}.a`"
    scene.bigquery.create_table(view)
    outside = bigquery.Table(f"{scene.cloud.project}.{scene.dataset}.x", schema=scenes.COLUMNS[:2])
    outside.external_data_configuration = bigquery.ExternalConfig("CSV")
    outside.external_data_configuration.source_uris = [f"gs://{scene.bucket}/x.csv"]
    scene.bigquery.create_table(outside)

    report = scene.call()

    assert statuses(report) == {
        "a": ("pass", "verified"),
        "empty": ("pass", "empty"),
        "v": ("skip", "view"),
        "x": ("skip", "external"),
    }
    entries = {entry["subject"].split(".")[-1]: entry for entry in scene.read(scene.manifests()[0])["tables"]}
    assert "CREATE VIEW" in entries["v"]["ddl"]


def test_twins_do_not_meet(scene: Scene) -> None:
    """The same name in two datasets, a hyphen, and a prefix of another name: each table has its own rows."""
    other = f"{scene.dataset}_b"
    scene.bigquery.create_dataset(other)
    for name, rows, dataset in (("a", 10, None), ("a-b", 20, None), ("ab", 30, None), ("a", 40, other)):
        scene.table(name, rows, dataset=dataset)
    scene.declare(datasets=[{"dataset": scene.dataset}, {"dataset": other}])

    report = scene.call()

    assert report["status"] == "pass", report["findings"]
    assert {found["subject"]: found["observed"] for found in report["findings"]} == {
        f"{scene.dataset}.a": 10,
        f"{scene.dataset}.a-b": 20,
        f"{scene.dataset}.ab": 30,
        f"{other}.a": 40,
    }


@pytest.mark.parametrize("mode", ["clone", "direct"])
def test_row_access_policy_cannot_make_a_green_backup(scene: Scene, mode: str) -> None:
    """A policy hides rows from the extract, whose job succeeds: the count of rows tells."""
    scene.table("a", 20)
    scene.bigquery.query_and_wait(
        f"CREATE ROW ACCESS POLICY some ON `{scene.dataset}.a` "
        "GRANT TO ('user:somebody@example.com') FILTER USING (name = 'p1')"
    )
    scene.declare(mode=mode)

    report = scene.call()

    assert report["status"] in ("fail", "error"), report["findings"]
    if mode == "direct":
        assert statuses(report) == {"a": ("fail", "rows_differ")}
        assert report["findings"][0]["fix"]


def test_no_bucket_is_an_error_before_any_job(scene: Scene) -> None:
    """Nothing is begun that could not be finished."""
    scene.table("a")
    scene.declare(bucket="there-is-no-such-bucket")

    report = scene.call()

    assert report["error"]["code"] == "not_found"
    assert "there-is-no-such-bucket" in report["summary"]


def test_no_right_to_write_is_an_error_before_any_job(scene: Scene) -> None:
    """Without the right to write there is no plan, and without a plan no job."""
    scene.table("a")
    denied = {"permissions": ["storage.objects.create"]}
    address = f"{scene.cloud.storage.url}/_buckets/{scene.bucket}/deny"
    requests.post(address, json=denied, timeout=10).raise_for_status()

    report = scene.call()

    assert report["error"]["code"] == "access_denied"
    assert scene.names() == []


def test_job_that_fails_half_way_is_told_and_stops_nothing(scene: Scene) -> None:
    """One file was written before the job failed: the table is not backed up, the other is."""
    scene.table("a")
    scene.table("b")
    scene.fault("bigquery", match=INSERT + r".*extract.*/b/run-", action="fail_job", reason="invalid", message="no")

    report = scene.call()

    assert statuses(report) == {"a": ("pass", "verified"), "b": ("error", "rejected")}
    assert scene.read(scene.manifests()[0])["complete"] is False


def test_passing_failure_is_tried_again_in_another_folder(scene: Scene) -> None:
    """The half-written files of the first attempt are not mixed with those of the second."""
    scene.table("a")
    scene.fault("bigquery", match=INSERT + r".*extract", action="fail_job", reason="backendError", message="try again")

    report = scene.call()

    assert statuses(report) == {"a": ("pass", "verified")}
    (shard,) = [scene.read(name) for name in scene.names() if name.endswith("/a.json")]
    assert shard["attempt"] == 2
    assert all("/attempt-2/" in file["name"] for file in shard["files"])


@pytest.mark.parametrize("stage", ["copy", "extract"])
def test_lost_answer_makes_no_second_job(scene: Scene, stage: str) -> None:
    """The job was accepted and the answer lost: the retry finds its own job."""
    scene.table("a")
    scene.fault("bigquery", match=INSERT + f'.*"{stage}"', action="drop_answer")

    report = scene.call()

    assert scene.committed("bigquery") == 1
    assert statuses(report) == {"a": ("pass", "verified")}
    assert len([name for name in scene.names() if "/attempt-" in name]) == 1


def test_quota_refusal_is_told_per_table(scene: Scene) -> None:
    """A job that a quota refuses is that table's error; what to do is said."""
    scene.table("a")
    scene.table("b")
    scene.fault(
        "bigquery",
        match=INSERT + r".*extract.*/b/run-",
        action="refuse",
        status=403,
        reason="quotaExceeded",
        message="Quota exceeded: extract bytes per day",
        times=9,
    )

    report = scene.call()

    assert statuses(report) == {"a": ("pass", "verified"), "b": ("error", "quota_exceeded")}
    assert "quota" in report["findings"][0]["fix"]


def test_second_caller_is_sent_away(scene: Scene) -> None:
    """While one run holds the lease, another is skipped, and says who runs."""
    scene.table("a")
    scene.fault("bigquery", match=INSERT + r".*extract", action="slow_job", seconds=3)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(scene.call)
        wait_until(lambda: scene.committed("bigquery") == 1)

        second = scene.call()

        assert (second["status"], second["findings"][0]["reason"]) == ("skip", "already_running")
        assert first.result()["status"] == "pass"
    assert len(scene.manifests()) == 1


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda scene, name: scene.storage.bucket(scene.bucket).delete_blob(name), "files_missing"),
        (lambda scene, name: scene.rot(name), "checksum_differs"),
        (
            lambda scene, name: scene.storage.bucket(scene.bucket).blob(f"{name}.more").upload_from_string("x"),
            "files_unexpected",
        ),
    ],
    ids=["deleted", "flipped", "added"],
)
def test_harm_between_extract_and_verification_is_seen(
    scene: Scene, harm: Callable[[Scene, str], None], reason: str
) -> None:
    """A file that is deleted, damaged or added after the job ended is never called a backup."""
    scene.table("a")
    scene.fault("storage", match=r"GET /storage/v1/b/[^/]+/o\?[^\n]*attempt-1", action="hold")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = pool.submit(scene.call)
        wait_until(lambda: scene.committed("storage") == 1)
        (name,) = [name for name in scene.names() if name.endswith(".parquet")]
        harm(scene, name)
        scene.mend()

        report = running.result()

    assert statuses(report) == {"a": ("fail", reason)}


def test_malformed_calls_run_nothing(scene: Scene) -> None:
    """Every malformed body, method and path: status 200, a valid report, an error code, and no deed."""
    scene.table("a")
    calls: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "", {"data": b"{"}, "invalid_request"),
        ("POST", "", {"data": b"[]"}, "invalid_request"),
        ("POST", "", {"data": b"null"}, "invalid_request"),
        ("POST", "", {"data": b'"text"'}, "invalid_request"),
        ("POST", "", {"data": b"\xff\xfe"}, "invalid_request"),
        ("POST", "", {"data": b'{"only": NaN}'}, "invalid_request"),
        ("POST", "", {"data": b'{"dry_run": true, "dry_run": false}'}, "invalid_request"),
        ("POST", "", {"data": b"[" * 60_000}, "invalid_request"),
        ("POST", "", {"data": b" " * 70_000}, "body_too_large"),
        ("POST", "", {"data": iter([b" " * 70_000])}, "body_too_large"),
        ("POST", "", {"json": {"dryrun": True}}, "invalid_request"),
        ("POST", "", {"json": {"dry_run": "yes"}}, "invalid_request"),
        ("POST", "", {"json": {"only": "a.b"}}, "invalid_request"),
        ("POST", "", {"json": {"only": [1]}}, "invalid_request"),
        ("POST", "", {"json": {"only": ["no_dot"]}}, "invalid_request"),
        ("POST", "", {"json": {"dry_run": True}, "params": {"dry_run": "1"}}, "invalid_request"),
        ("GET", "", {"params": {"dry_run": "perhaps"}}, "invalid_request"),
        ("GET", "", {"params": {"dry_run": ["1", "1"]}}, "invalid_request"),
        ("GET", "", {"params": {"probe": "2"}}, "invalid_request"),
        ("GET", "", {"params": {"probe": "1", "only": "a.b"}}, "invalid_request"),
        ("GET", "anything", {}, "not_found"),
        ("POST", "v1/run", {"json": {}}, "not_found"),
        *((method, "", {}, "method_not_allowed") for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")),
    ]
    for method, path, options, code in calls:
        report = scenes.checked(requests.request(method, scene.url + path, timeout=60, **options))
        assert report["error"]["code"] == code, (method, path, options, report["error"])
        assert (report["status"], report["findings"]) == ("error", [])
    assert requests.head(scene.url, timeout=60).status_code == 200
    assert scene.names() == []


def test_broken_declaration_is_told_with_every_mistake(scene: Scene) -> None:
    """A declaration with two mistakes is one answer that names both, with their lines."""
    path = scene.folder / "bigquery_backup" / "backups.yaml"
    path.write_text("bucket: UPPER\ndatasets:\n  - datset: d\n", "utf-8")

    report = scene.call()

    assert report["error"]["code"] == "invalid_declaration"
    assert "backups.yaml:1: bucket" in report["error"]["message"]
    assert "backups.yaml:3: datasets[0].datset" in report["error"]["message"]

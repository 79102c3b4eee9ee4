"""A backup from call to manifest: what is written, what is told, and that it can be loaded again."""

import json
from typing import Any

import requests
from google.cloud import bigquery

from tests.cloud_functions.bigquery_backup import scenes
from tests.cloud_functions.bigquery_backup.scenes import Scene, statuses


def test_backup_is_verified_and_closed_by_its_manifest(scene: Scene) -> None:
    """Two tables: a finding each, files that are there, and a manifest that names them."""
    scene.table("a", 20)
    scene.table("b", 30)

    report = scene.call()

    assert report["status"] == "pass", report["summary"]
    assert statuses(report) == {"a": ("pass", "verified"), "b": ("pass", "verified")}
    (name,) = scene.manifests()
    manifest = scene.read(name)
    assert manifest["complete"] is True
    assert {entry["subject"]: entry["rows"] for entry in manifest["tables"]} == {
        f"{scene.dataset}.a": 20,
        f"{scene.dataset}.b": 30,
    }
    assert report["as_of"][:23] == manifest["t0"][:23]
    for entry in manifest["tables"]:
        shard = scene.read(entry["shard"])
        for file in shard["files"]:
            blob = scene.storage.bucket(scene.bucket).get_blob(file["name"])
            assert (blob.size, blob.crc32c, blob.generation) == (file["size"], file["crc32c"], file["generation"])


def test_files_load_into_an_equal_table(scene: Scene) -> None:
    """What a backup is for: the shard alone is enough to make the table again, equal in every row."""
    scene.table("a", 50)
    scene.call()
    (name,) = [name for name in scene.names() if name.endswith("/a.json")]
    shard = scene.read(name)

    config = bigquery.LoadJobConfig(
        source_format="PARQUET",
        schema=[bigquery.SchemaField.from_api_repr(field) for field in shard["definition"]["schema"]],
    )
    uris = [f"gs://{scene.bucket}/{file['name']}" for file in shard["files"]]
    scene.bigquery.load_table_from_uri(uris, f"{scene.dataset}.again", job_config=config).result(timeout=60)

    columns = "day, name, points, ARRAY_TO_STRING(tags, ',') AS tags, TO_JSON_STRING(facts) AS facts"
    sql = f"SELECT {columns} FROM `{scene.dataset}.{{}}` ORDER BY name"
    first, again = (
        [tuple(row) for row in scene.bigquery.query_and_wait(sql.format(table))] for table in ("a", "again")
    )
    assert len(first) == 50
    assert first == again


def test_shard_holds_the_definition(scene: Scene) -> None:
    """Schema, partitioning, clustering and DDL are kept with the data."""
    scene.table("a", 5)
    scene.call()

    (name,) = [name for name in scene.names() if name.endswith("/a.json")]
    definition = scene.read(name)["definition"]

    assert definition["partitioning"]["timePartitioning"]["field"] == "day"
    assert definition["clustering"] == ["name"]
    assert [field["name"] for field in definition["schema"]] == ["day", "name", "points", "tags", "facts"]
    assert "PARTITION BY" in definition["ddl"]


def test_second_run_of_a_day_is_a_new_run(scene: Scene) -> None:
    """Nothing of the first is touched, nothing is mixed."""
    scene.table("a", 20)
    scene.call()
    before = set(scene.names())

    report = scene.call()

    assert report["status"] == "pass"
    assert [name.split("/")[-2] for name in scene.manifests()] == ["run-01", "run-02"]
    assert before < set(scene.names())
    assert not [name for name in set(scene.names()) - before if "run-01" in name]


def test_report_names_the_code_that_answered(scene: Scene) -> None:
    """The stage that is deployed is the stage that reports."""
    staged = json.loads((scene.folder.parent / "stages" / "bigquery_backup" / "build.json").read_text("utf-8"))

    assert scene.call()["build"]["stage_hash"] == staged["stage_hash"]


def test_clones_are_gone_after_the_backup(scene: Scene) -> None:
    """A run leaves no clone behind, neither of a table that was verified nor of one that broke."""
    scene.table("a", 20)
    scene.table("b", 20)
    scene.call()
    before = {item.table_id for item in scene.bigquery.list_tables("pressbox_scratch_us")}
    scene.fault("bigquery", match="POST .*/jobs[^/]*\\n.*extract.*/b/run-", action="fail_job", reason="invalid")

    report = scene.call()

    assert statuses(report) == {"a": ("pass", "verified"), "b": ("error", "rejected")}
    assert {item.table_id for item in scene.bigquery.list_tables("pressbox_scratch_us")} == before


def test_direct_mode_needs_no_clone(scene: Scene) -> None:
    """Without scratch rights a table can still be backed up, one at a time."""
    scene.table("a", 20)
    scene.declare(mode="direct")

    assert statuses(scene.call()) == {"a": ("pass", "verified")}


def test_avro_is_verified_too(scene: Scene) -> None:
    """A table whose types Avro carries is written as Avro; one with JSON stays Parquet."""
    plain = bigquery.Table(f"{scene.cloud.project}.{scene.dataset}.plain", schema=scenes.COLUMNS[:4])
    scene.bigquery.create_table(plain)
    scene.bigquery.query_and_wait(
        f"INSERT INTO `{scene.dataset}.plain` (day, name, points) VALUES (DATE '2026-02-12', 'x', 1.5)"
    )
    scene.table("a", 20)
    scene.declare(format="avro")

    report = scene.call()

    assert report["status"] == "pass", [f["message"] for f in report["findings"]]
    assert {name.rsplit(".", 1)[1] for name in scene.names() if "/attempt-" in name} == {"avro", "parquet"}


def test_dry_run_tells_and_does_nothing(scene: Scene) -> None:
    """A plan is put into the report; nothing is written, nothing passes."""
    scene.table("a", 20)

    report = scene.call({"dry_run": True})

    assert (report["status"], statuses(report)) == ("skip", {"a": ("skip", "dry_run")})
    assert report["findings"][0]["expected"] == 20
    assert scene.names() == []


def test_only_narrows_the_run(scene: Scene) -> None:
    """What was not asked for is told as such; the query says the same as the body."""
    scene.table("a", 5)
    scene.table("b", 5)
    query = {"only": f"{scene.dataset}.a"}

    by_body = scene.call({"only": [f"{scene.dataset}.a"]})
    by_query = scenes.checked(requests.get(scene.url, params=query, timeout=60))

    assert statuses(by_body) == statuses(by_query) == {"a": ("pass", "verified"), "b": ("skip", "not_requested")}


def test_probe_touches_nothing(scene: Scene) -> None:
    """A probe says what is reachable, and changes nothing."""
    scene.table("a", 5)

    report = scenes.checked(requests.get(scene.url, params={"probe": "1"}, timeout=60))

    found = {finding["subject"]: finding["status"] for finding in report["findings"]}
    assert found[f"bucket {scene.bucket}"] == "pass"
    assert found[f"dataset {scene.dataset}"] == "pass"
    assert found["declaration"] == "pass"
    assert scene.names() == []


def test_redelivered_tick_is_answered_once(scene: Scene) -> None:
    """The Scheduler delivers at least once: the same tick does not make a second backup."""
    scene.table("a", 5)
    tick = {"X-CloudScheduler-JobName": scene.bucket, "X-CloudScheduler-ScheduleTime": "2026-02-12T10:00:00Z"}

    first, again = scene.call(headers=tick), scene.call(headers=tick)
    later = scene.call(headers=tick | {"X-CloudScheduler-ScheduleTime": "2026-02-12T10:10:00Z"})

    assert first["status"] == later["status"] == "pass"
    assert (again["status"], again["findings"][0]["reason"]) == ("skip", "tick_done")
    assert len(scene.manifests()) == 2


def test_report_is_delivered_as_an_object(scene: Scene) -> None:
    """The report that the caller got stands in the operations bucket."""
    report = scene.call()
    name = f"reports/bigquery_backup/{report['run_id'][:8]}/{report['run_id']}.json"

    content: Any = scene.storage.bucket("ops-of-tests").blob(name).download_as_bytes()

    assert report["delivery"]["object"] == "delivered"
    assert report["run_id"].encode() in content

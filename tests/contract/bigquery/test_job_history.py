"""Claims about past jobs: what is told of them over `/_jobs`, the views of jobs tell, for as long as data is kept."""

import json
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery

JOB = {"job_id": "a", "creation_time": "2026-02-10T12:00:00Z", "user_email": "loader@demo", "job_type": "LOAD"}
WHOLE = {
    "job_id": "whole",
    "creation_time": "2026-02-10T12:00:00.25+02:00",
    "start_time": "2026-02-10T10:00:01Z",
    "end_time": "2026-02-10T10:00:02Z",
    "user_email": "loader@demo",
    "job_type": "QUERY",
    "statement_type": "MERGE",
    "parent_job_id": "script",
    "priority": "BATCH",
    "query": "SELECT 1",
    "total_bytes_processed": 11,
    "total_bytes_billed": 10485760,
    "total_slot_ms": 7,
    "cache_hit": False,
    "labels": {"purpose": "claim"},
    "error_result": {"reason": "quotaExceeded", "message": "too much"},
}


@pytest.fixture
def project(name: str) -> str:
    """Return a project whose past no other test tells of."""
    return name.replace("_", "-")


def tell(running: Any, *jobs: dict[str, Any], **changes: Any) -> None:
    """Add past jobs, each with the changes."""
    running.ask("POST", "/_jobs", [job | changes for job in jobs])


def told(client: bigquery.Client, project: str, *, view: str = "JOBS_BY_PROJECT", where: str = "TRUE") -> list[Any]:
    """Return the rows of a view of jobs, in the order of their ids."""
    sql = f"SELECT * FROM `{project}`.`region-us`.INFORMATION_SCHEMA.{view} WHERE {where} ORDER BY job_id"
    return list(client.query_and_wait(sql))


def test_a_past_job_has_the_columns_of_any_job(stand_in: Any, client: bigquery.Client, project: str) -> None:
    """Everything that was told of a job stands in its row, instants in UTC, labels as pairs."""
    tell(stand_in, WHOLE, project_id=project)
    (row,) = told(client, project)
    assert {name: str(row[name]) for name in ("creation_time", "start_time", "end_time")} == {
        "creation_time": "2026-02-10 10:00:00.250000+00:00",
        "start_time": "2026-02-10 10:00:01+00:00",
        "end_time": "2026-02-10 10:00:02+00:00",
    }
    odd = ("creation_time", "start_time", "end_time", "labels", "error_result")
    assert {name: row[name] for name in WHOLE if name not in odd} == {k: v for k, v in WHOLE.items() if k not in odd}
    assert row.labels == [{"key": "purpose", "value": "claim"}]
    assert {k: v for k, v in row.error_result.items() if v} == {"reason": "quotaExceeded", "message": "too much"}
    assert (row.project_id, row.state) == (project, "DONE")


def test_little_need_be_told(stand_in: Any, client: bigquery.Client, project: str) -> None:
    """Four fields make a job: it took no time, and of what was not told, or is null, nothing is known."""
    tell(stand_in, JOB | {"statement_type": None, "total_bytes_billed": None}, project_id=project)
    (row,) = told(client, project)
    assert (row.job_id, row.job_type, row.user_email, row.labels) == ("a", "LOAD", "loader@demo", [])
    assert row.creation_time == row.start_time == row.end_time
    assert {row[name] for name in ("statement_type", "total_bytes_billed", "error_result", "query")} == {None}


@pytest.mark.parametrize("view", ["JOBS", "JOBS_BY_PROJECT"])
def test_past_jobs_stand_beside_own_ones(stand_in: Any, client: bigquery.Client, name: str, view: str) -> None:
    """A past job that names no project is of the stand-in's own, and one query tells of both."""
    tell(stand_in, JOB, job_id=f"{name}_past")
    client.query("SELECT 1", job_id=f"{name}_own", job_retry=None).result()
    rows = told(client, client.project, view=view, where=f"STARTS_WITH(job_id, '{name}')")
    assert [row.job_id for row in rows] == [f"{name}_own", f"{name}_past"]
    assert {row.project_id for row in rows} == {client.project}


def test_jobs_of_a_user_are_their_own(stand_in: Any, client: bigquery.Client, load_rows: Any, own_table: str) -> None:
    """JOBS_BY_USER leaves out what others ran, and has the loads of the one who asks."""
    prefix = own_table.rsplit(".", 1)[1]
    tell(stand_in, JOB, job_id=f"{prefix}_past")
    job = load_rows(own_table, [{"id": 1}], "id:INTEGER")
    everyone = f"job_id IN ('{prefix}_past', '{job.job_id}')"
    assert [row.job_id for row in told(client, client.project, view="JOBS_BY_USER", where=everyone)] == [job.job_id]
    assert len(told(client, client.project, where=everyone)) == 2


def test_bounds_of_time_are_kept(stand_in: Any, client: bigquery.Client, project: str) -> None:
    """A condition on creation_time lets through what lies within, to the microsecond."""
    instants = {"before": "11:59:59.999999", "first": "12:00:00", "last": "12:59:59.999999", "after": "13:00:00"}
    jobs = [JOB | {"job_id": key, "creation_time": f"2026-02-10T{time}Z"} for key, time in instants.items()]
    tell(stand_in, *jobs, project_id=project)
    config = bigquery.QueryJobConfig(
        query_parameters=[
            bigquery.ScalarQueryParameter("since", "TIMESTAMP", "2026-02-10 12:00:00+00:00"),
            bigquery.ScalarQueryParameter("until", "TIMESTAMP", "2026-02-10 13:00:00+00:00"),
        ]
    )
    sql = (
        f"SELECT job_id FROM `{project}`.`region-us`.INFORMATION_SCHEMA.JOBS"
        " WHERE creation_time >= @since AND creation_time < @until ORDER BY creation_time"
    )
    assert [row.job_id for row in client.query_and_wait(sql, job_config=config)] == ["first", "last"]


def test_a_job_told_again_takes_the_place_of_the_former(stand_in: Any, client: bigquery.Client, project: str) -> None:
    """There is one job of an id in a project, as it was told last; another project has its own."""
    before = stand_in.ask("GET", "/_jobs")["jobs"]
    tell(stand_in, JOB, JOB | {"job_id": "b"}, project_id=project)
    tell(stand_in, JOB, project_id=project, user_email="other@demo")
    tell(stand_in, JOB, project_id=f"{project}-2")
    assert stand_in.ask("GET", "/_jobs") == {"jobs": before + 3}
    assert [(row.job_id, row.user_email) for row in told(client, project)] == [
        ("a", "other@demo"),
        ("b", "loader@demo"),
    ]
    assert [row.user_email for row in told(client, f"{project}-2")] == ["loader@demo"]


MISTAKES = {
    "no list": (JOB, "past jobs are a JSON list of objects"),
    "no object": ([JOB, "x"], "past jobs are a JSON list of objects"),
    "nothing": ([JOB, {}], "item 1 of the list is no past job: job_id, creation_time, user_email, job_type is missing"),
    "null": ([JOB | {"user_email": None}], "item 0 of the list is no past job: user_email is missing"),
    "stranger": ([JOB | {"bytes": 1}], "there is no field 'bytes', there are job_id, creation_time,"),
    "id": ([JOB | {"job_id": "a b"}], "job_id must be 1 to 1024 letters, digits, _ or -, not 'a b'"),
    "zone": ([JOB | {"creation_time": "2026-02-10T12:00:00"}], "creation_time must be an instant with a zone"),
    "instant": ([JOB | {"end_time": 5}], "end_time must be an instant with a zone, like 2026-02-12T13:00:00Z, not 5"),
    "type": ([JOB | {"job_type": "load"}], "job_type must be one of LOAD, EXTRACT, COPY, QUERY, not 'load'"),
    "text": ([JOB | {"user_email": ""}], "user_email must be a text, not ''"),
    "sign": ([JOB | {"total_bytes_billed": -1}], "total_bytes_billed must be a whole number, nought or more, not -1"),
    "bytes": (
        [JOB | {"total_bytes_billed": "1"}],
        "total_bytes_billed must be a whole number, nought or more, not '1'",
    ),
    "flag": ([JOB | {"total_slot_ms": True}], "total_slot_ms must be a whole number, nought or more, not True"),
    "size": ([JOB | {"total_slot_ms": 2**63}], "total_slot_ms must be a whole number"),
    "cache": ([JOB | {"cache_hit": 1}], "cache_hit must be true or false, not 1"),
    "labels": ([JOB | {"labels": [{"key": "a", "value": "b"}]}], "labels must be an object of texts"),
    "error": ([JOB | {"error_result": "quotaExceeded"}], "error_result must be an object of texts: reason, and"),
    "reason": ([JOB | {"error_result": {"message": "x"}}], "error_result must be an object of texts"),
    "order": ([JOB | {"end_time": "2026-02-10T11:59:59Z"}], "creation_time, start_time and end_time are not in this"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_no_job_is_refused(stand_in: Any, mistake: str) -> None:
    """The answer is 400 with the place and the mistake, and no job of the list is taken."""
    before = stand_in.ask("GET", "/_jobs")
    body, message = MISTAKES[mistake]
    fresh = [job | {"job_id": "fresh"} if job == JOB else job for job in body] if isinstance(body, list) else body
    with pytest.raises(urllib.error.HTTPError) as caught:
        stand_in.ask("POST", "/_jobs", fresh)
    error = json.loads(caught.value.read())["error"]
    assert (caught.value.code, error["code"]) == (400, 400)
    assert message in error["message"]
    assert stand_in.ask("GET", "/_jobs") == before


def test_telling_is_neither_counted_nor_struck(stand_in: Any, fault: Any, project: str) -> None:
    """A fault that matches everything does not strike it, and it is no request to BigQuery."""
    fault(match="", action="refuse")
    before = stand_in.ask("GET", "/_requests")
    tell(stand_in, JOB, project_id=project)
    assert stand_in.ask("GET", "/_requests") == before
    assert stand_in.ask("GET", "/_faults")["committed"] == 0


def test_past_jobs_are_of_the_views_only(stand_in: Any, client: bigquery.Client, project: str) -> None:
    """The API does not list what was never run here."""
    tell(stand_in, JOB, project_id=project)
    assert list(client.list_jobs(project=project)) == []


def test_the_past_is_there_after_a_kill(start: Any, tmp_path: Path) -> None:
    """A data directory keeps past jobs whole, and telling them again adds none; without one they are gone."""
    for _ in range(2):
        with start(f"--data-dir={tmp_path}") as running:
            tell(running, WHOLE, JOB)
            running.process.kill()
            running.process.wait(10)
    with start(f"--data-dir={tmp_path}") as running:
        assert running.ask("GET", "/_jobs") == {"jobs": 2}
        client = running.client()
        past, whole = told(client, client.project, where="user_email = 'loader@demo'")
        client.close()
    assert (past.job_id, past.total_bytes_billed) == ("a", None)
    assert (whole.job_id, whole.total_bytes_billed, whole.labels[0]["value"]) == ("whole", 10485760, "claim")
    with start() as running:
        assert running.ask("GET", "/_jobs") == {"jobs": 0}

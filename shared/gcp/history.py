"""Reads the ledger in BigQuery: what earlier runs said, which runs there were, and what the latest of them said."""

import datetime
import json
from collections.abc import Collection, Mapping
from typing import Any

from shared import errors, history, ledger
from shared.gcp import bigquery as gcp_bigquery
from shared.gcp import clients
from shared.statuses import Status

PAST_DAYS = 60
"""How far back a run's own history is read."""
BYTES = 1024**3
"""What reading the ledger may bill."""
_RUN = (
    "run_id, `function`, scope, day, started_at, status, complete, summary, request, counts, duration_ms, bytes_billed,"
    " build_stage_hash AS stage_hash, build_revision AS revision, error_code, error_message"
)
_SAID = (
    "run_id, `function`, scope, day, started_at, id, subject, kind, status, reason, severity, observed_text,"
    " expected_text, unit, message, fix, since, streak, `change`, caused_by"
)


def past(  # noqa: PLR0913 - whose past, of which days, at what price and until when
    used: clients.Clients,
    dataset: str,
    *,
    function: str,
    scope: str | None,
    until: datetime.date,
    days: int = PAST_DAYS,
    bytes_limit: int = BYTES,
    seconds: float = gcp_bigquery.SECONDS,
) -> tuple[history.Past, ...]:
    """Return what earlier runs of a function and scope said, from `days` days before the day `until` to its end.

    Of each finding and day it is what the latest run said that did not skip it. Nothing when the ledger was never
    written; raise CloudError, also when there is no answer after `seconds`.
    """
    sql = _past(f"{used.project}.{dataset}.{ledger.FINDINGS.name}", scope)
    parameters = [
        ("first", "DATE", until - datetime.timedelta(days=days)),
        ("until", "DATE", until),
        ("function", "STRING", function),
        *([] if scope is None else [("scope", "STRING", scope)]),
        ("skip", "STRING", Status.SKIP.value),
    ]
    rows = _rows(used, sql, parameters, seconds=seconds, bytes_limit=bytes_limit)
    return tuple(history.Past(**_told(row)) for row in rows)


def _past(address: str, scope: str | None) -> str:
    scoped = "scope IS NULL" if scope is None else "scope = @scope"
    return f"""
        SELECT id, day, started_at, status, reason, observed, since, streak
        FROM `{address}`
        WHERE day BETWEEN @first AND @until AND `function` = @function AND {scoped} AND status != @skip
        QUALIFY ROW_NUMBER() OVER (PARTITION BY id, day ORDER BY started_at DESC, run_id DESC) = 1
        ORDER BY id, day"""  # noqa: S608 - the values are parameters, the names are settings that were checked


def runs(
    used: clients.Clients, dataset: str, *, since: datetime.datetime, seconds: float = gcp_bigquery.SECONDS
) -> tuple[history.Run, ...]:
    """Return the runs that began since an instant, latest first; none when the ledger was never written.

    A run may judge a day that is long past, so the partitions by day cannot be told from when it began: the whole table
    is read, of which a run is one short row. Raise CloudError, also when there is no answer after `seconds`.
    """
    sql = f"""
        SELECT {_RUN}
        FROM `{used.project}.{dataset}.{ledger.RUNS.name}`
        WHERE started_at >= @since
        ORDER BY started_at DESC, run_id"""  # noqa: S608 - the values are parameters, the names are settings that were checked
    rows = _rows(used, sql, [("since", "TIMESTAMP", since)], seconds=seconds)
    return tuple(_run(row) for row in rows)


def said(
    used: clients.Clients,
    dataset: str,
    runs: Collection[history.Run],
    *,
    seconds: float = gcp_bigquery.SECONDS,
) -> tuple[history.Said, ...]:
    """Return the findings of some runs; raise CloudError, also when there is no answer after `seconds`."""
    if not runs:
        return ()
    sql = f"""
        SELECT {_SAID}
        FROM `{used.project}.{dataset}.{ledger.FINDINGS.name}`
        WHERE day IN UNNEST(@days) AND run_id IN UNNEST(@runs)
        ORDER BY `function`, scope, id"""  # noqa: S608 - the values are parameters, the names are settings that were checked
    parameters = [
        ("days", "DATE", sorted({run.day for run in runs})),
        ("runs", "STRING", sorted({run.run_id for run in runs})),
    ]
    return tuple(history.Said(**_told(row)) for row in _rows(used, sql, parameters, seconds=seconds))


def _rows(
    used: clients.Clients,
    sql: str,
    parameters: list[tuple[str, str, Any]],
    *,
    seconds: float,
    bytes_limit: int = BYTES,
) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a query of the ledger; none when its table was never made."""
    try:
        answer = gcp_bigquery.query(
            used.bigquery, sql, bytes_limit=bytes_limit, label="ledger_history", parameters=parameters, seconds=seconds
        )
    except errors.NotFound:
        return ()
    return answer.rows


def _run(row: Mapping[str, Any]) -> history.Run:
    try:
        parsed = {name: json.loads(row[name]) for name in ("request", "counts")}
    except ValueError:
        raise errors.Garbled(f"the ledger's run {row['run_id']} holds no JSON where it must") from None
    return history.Run(**_told(row) | parsed)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {**row, "status": Status(row["status"])}
    except ValueError:
        raise errors.Garbled(f"the ledger holds a status that there is not: {row['status']!r}") from None

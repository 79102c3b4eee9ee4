"""The rows of a query as the REST API spells them, page by page, for whoever writes them on: no Row objects, no values.

A page is cut where the API puts its marks. Before a row and before a cell these hold a brace and a quote, which cannot
follow each other within a JSON string: so no text is mistaken for a mark. Where the rows end is known to be right when
the rest of the answer is JSON without them. Answers with arrays or structs are read by a parser instead.
"""

import dataclasses
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from google.cloud import bigquery

from shared import errors
from shared.gcp import bigquery as adapter
from shared.gcp import renaming

FIRST_ROWS = 2_000
"""Rows of the first page, which comes with the answer to the query itself."""
MOST_ROWS = 100_000
PAGE_BYTES = 4 * 1024**2
"""About what a later page is made to hold."""
PART_BYTES = 64 * 1024
"""What is cut at a time: more would not fit the processor's cache, and take twice the time."""
PART_ROWS = 1_000
WAIT_SECONDS = 10.0
"""How long the service waits for a query before it answers that it is not done."""
_OPEN = b'"rows":[{"f":[{"v":'
_ROW = b'}]},{"f":[{"v":'
_CELL = b'},{"v":'
_CLOSE = b"}]}]"

Cells = Sequence[bytes]
Part = Sequence[Cells]
"""Some rows, column by column; a cell is the JSON of its value, spelled as the API does, without its wrappings."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a query answered: its columns as REST fields, the number of its rows, what it read, and the rows.

    parts: the rows in their order, fetched as they are asked for, once. It raises CloudError; Garbled when fewer rows
    come than were promised.
    """

    fields: tuple[Mapping[str, Any], ...]
    total: int
    bytes_billed: int
    bytes_processed: int
    parts: Iterator[Part]


@dataclasses.dataclass(frozen=True)
class _Query:
    """A query under way: what it is called in errors, and the monotonic instant at which all must have come."""

    client: bigquery.Client
    label: str
    ends: float
    reference: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def call(self, method: str, path: str, **options: Any) -> bytes:
        """Return the body that the API answers, tried again while there is time."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise errors.Unavailable(f"querying {self.label}: not all rows came in time")
        options |= {"timeout": min(adapter.TIMEOUT, max(1.0, left)), "expect_json": False}
        path = f"/projects/{self.client.project}/queries{path}"
        ask = adapter.RETRY.with_timeout(max(1.0, left))(self.client._connection.api_request)  # noqa: SLF001 - the client's own methods make an object of each row
        with renaming.renamed(f"querying {self.label}"):
            return bytes(ask(method=method, path=path, **options))

    def page(self, start: int, rows: int) -> bytes:
        """Return a page of the rows from `start` on; it has none while the query runs."""
        asked = {
            "startIndex": start,
            "maxResults": rows,
            "timeoutMs": _wait(self.ends),
            "formatOptions.useInt64Timestamp": "true",
        }
        if self.reference.get("location"):
            asked["location"] = self.reference["location"]
        return self.call("GET", f"/{self.reference['jobId']}", query_params=asked)


def read(  # noqa: PLR0913 - what every query must say, and what some say besides
    client: bigquery.Client,
    sql: str,
    *,
    bytes_limit: int,
    label: str,
    location: str | None = None,
    parameters: Sequence[tuple[str, str, Any]] = (),
    labels: Mapping[str, str] | None = None,
    seconds: float = adapter.SECONDS,
) -> Answer:
    """Return the answer of a query that may bill at most `bytes_limit` bytes; raise CloudError.

    The arguments are those of `shared.gcp.bigquery.query`. A small answer is one call. seconds: from now to the last
    row; the service stops the query when they are over.
    """
    query = _Query(client, label, time.monotonic() + seconds)
    asked: dict[str, Any] = {"query": sql, "useLegacySql": False, "maximumBytesBilled": str(bytes_limit)}
    asked |= {"labels": {**(labels or {}), "pressbox": label}, "jobTimeoutMs": str(int(seconds * 1000))}
    given = [adapter.parameter(*one).to_api_repr() for one in parameters]
    asked |= {"parameterMode": "NAMED", "queryParameters": given}
    asked |= {"formatOptions": {"useInt64Timestamp": True}, "maxResults": FIRST_ROWS, "timeoutMs": _wait(query.ends)}
    # A query that is sent again with the same id is not run again.
    asked |= {"requestId": str(uuid.uuid4())} | ({"location": location} if location else {})
    return _answered(query, query.call("POST", "", data=asked))


def _wait(ends: float) -> int:
    """Return for how many milliseconds the service shall wait."""
    return int(1000 * max(0.2, min(WAIT_SECONDS, ends - time.monotonic() - 1)))


def _answered(query: _Query, body: bytes) -> Answer:
    told, page = _opened(body)
    query = dataclasses.replace(query, reference=told.get("jobReference") or {})
    billed = told.get("totalBytesBilled", "0" if told.get("cacheHit") else None)
    while not told.get("jobComplete"):
        told, page = _opened(query.page(0, FIRST_ROWS))
    fields = tuple((told.get("schema") or {}).get("fields") or ())
    if not fields:
        raise errors.Rejected(f"querying {query.label}: it is no query that answers rows")
    total = int(told.get("totalRows") or 0)
    billed = int(_billed(query) if billed is None else billed)
    return Answer(fields, total, billed, int(told.get("totalBytesProcessed") or 0), _parts(query, fields, total, page))


def _billed(query: _Query) -> int:
    """Return what a query billed that was not done when it was first answered, and did not say."""
    with renaming.renamed(f"reading the job of {query.label}"):
        left = max(1.0, query.ends - time.monotonic())
        job = query.client.get_job(
            query.reference["jobId"],
            location=query.reference.get("location"),
            retry=adapter.RETRY.with_timeout(left),
            timeout=min(adapter.TIMEOUT, left),
        )
        return int(job.total_bytes_billed or 0)


@dataclasses.dataclass(frozen=True)
class _Page:
    """A body, and where in it the first cell of the first row begins and the last cell of the last row ends."""

    body: bytes
    start: int
    end: int


def _opened(body: bytes) -> tuple[dict[str, Any], _Page]:
    """Return what a body says beside its rows, and where these are; raise Garbled for what is no JSON."""
    try:
        if b'"rows":' not in body or _OPEN in body:
            return _marked(body)
    except orjson.JSONDecodeError:
        """What looks like the end of the rows is not; or it is no JSON at all, which is seen below."""
    try:
        # Not spelled as the API does it, so spelled anew: close, and with the rows last.
        told = _object(orjson.loads(body))
        rows = told.pop("rows", [])
        return _marked(orjson.dumps(told | {"rows": rows}))
    except orjson.JSONDecodeError as error:
        raise errors.Garbled(f"an answer of BigQuery is no JSON: {error.msg}") from error


def _marked(body: bytes) -> tuple[dict[str, Any], _Page]:
    start, end = body.find(_OPEN), body.rfind(_CLOSE)
    if start < 0 or end < start:
        return _object(orjson.loads(body)), _Page(body, 0, 0)
    told = _object(orjson.loads(body[:start] + b'"rows":[]' + body[end + len(_CLOSE) :]))
    return told, _Page(body, start + len(_OPEN), end)


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise errors.Garbled("an answer of BigQuery is no object")
    return found


def cut(body: bytes, fields: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    """Yield the rows of one answer of the API, in parts; raise Garbled when it is none with these columns."""
    return _divided(_opened(body)[1], fields)


def _divided(page: _Page, fields: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    nested = any(field.get("mode") == "REPEATED" or field["type"] in ("RECORD", "STRUCT") for field in fields)
    return (_parsed if nested else _split)(page, len(fields))


def _parts(query: _Query, fields: Sequence[Mapping[str, Any]], total: int, page: _Page) -> Iterator[Part]:
    """Yield the rows of the first page, and then of the others, in parts; raise CloudError."""
    came = 0
    while True:
        before = came
        for part in _divided(page, fields):
            came += len(part[0])
            yield part
        if came >= total:
            break
        if came == before:
            raise errors.Garbled(f"querying {query.label}: {came} rows came of {total}")
        a_row = max(1, (page.end - page.start) // (came - before))
        _, page = _opened(query.page(came, min(MOST_ROWS, max(1, PAGE_BYTES // a_row))))
    if came > total:
        raise errors.Garbled(f"querying {query.label}: {came} rows came, and {total} were promised")


def _split(page: _Page, width: int) -> Iterator[Part]:
    """Yield the rows of a page whose cells hold no others."""
    body, start = page.body, page.start
    while start < page.end:
        stop = body.find(_ROW, start + PART_BYTES, page.end)
        stop = page.end if stop < 0 else stop
        # From the right, which Python does faster.
        cells = _CELL.join(body[start:stop].rsplit(_ROW)).rsplit(_CELL)
        if len(cells) % width:
            raise errors.Garbled(f"an answer of BigQuery has {len(cells)} cells for rows of {width}")
        yield [cells[place::width] for place in range(width)]
        start = stop + len(_ROW)


def _parsed(page: _Page, width: int) -> Iterator[Part]:
    """Yield the rows of a page as the parser reads them."""
    if page.start == page.end:
        return
    rows = orjson.loads(b'[{"f":[{"v":' + page.body[page.start : page.end] + _CLOSE)
    for start in range(0, len(rows), PART_ROWS):
        try:
            some = [_bare(row) for row in rows[start : start + PART_ROWS]]
        except (KeyError, TypeError) as error:
            raise errors.Garbled("an answer of BigQuery has values without their wrappings") from error
        if any(len(row) != width for row in some):
            raise errors.Garbled(f"an answer of BigQuery has rows of another width than {width}")
        yield [[orjson.dumps(row[place]) for row in some] for place in range(width)]


def _bare(value: Any) -> Any:
    """Return a value without its wrappings: an array and a struct as lists, anything else as it is."""
    if isinstance(value, list):
        return [_bare(one["v"]) for one in value]
    if isinstance(value, dict):
        return [_bare(one["v"]) for one in value["f"]]
    return value

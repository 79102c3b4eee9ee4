"""The entrypoint answers 200 with a report whatever happens, and the report, the object and the log agree."""

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import flask
import jsonschema
import pytest

from shared import calls, contract, entrypoint, errors, settings
from shared.report import Finding
from shared.statuses import Status

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))


@dataclasses.dataclass(frozen=True)
class Asked:
    """Whether to take the lease."""

    change: bool = False
    text: str = ""


Given = contract.Run[None, Asked]


def call(
    run: Callable[[Given], contract.Outcome], *, body_limit: int = calls.BODY_LIMIT, **options: Any
) -> dict[str, Any]:
    """Return the validated report of a function that does `run`, called with the options of a test request."""
    function = contract.Function(
        name="tiny",
        request=Asked,
        declare=lambda _: None,
        run=run,
        scope=lambda _, asked: "everything" if asked.change else None,
        lease_seconds=lambda _: 30.0,
        reach=lambda _: contract.Reach((), ()),
        body_limit=body_limit,
    )
    with flask.Flask("test").test_request_context(**options):
        answer = entrypoint.serve(function)(flask.request)
    value: dict[str, Any] = json.loads(answer.get_data())
    jsonschema.validate(value, SCHEMA)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return value


def outcome(status: Status) -> Callable[[Given], contract.Outcome]:
    """Return a run that finds one thing of some status."""
    return lambda _: contract.Outcome("in short", (Finding("d.t", "backup", status, "because", "seen"),))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def ops(emulated: Any, make_bucket: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a fresh operations bucket that the settings name."""
    assert emulated
    name = make_bucket()
    monkeypatch.setenv("OPS_BUCKET", name)
    return name


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (Status.PASS, "INFO"),
        (Status.SKIP, "INFO"),
        (Status.WARN, "WARNING"),
        (Status.UNKNOWN, "ERROR"),
        (Status.ERROR, "ERROR"),
        (Status.FAIL, "ERROR"),
    ],
)
@pytest.mark.usefixtures("ops")
def test_each_run_writes_one_line_as_severe_as_its_status(
    status: Status, severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An alert on the log sees what the platform does not: one line a run, with reasons and fingerprints."""
    value = call(outcome(status))

    (line,) = lines(capsys)
    assert (line["severity"], line["status"], line["run_id"]) == (severity, status.value, value["run_id"])
    if severity != "INFO":
        assert line["reasons"] == ["because"]
        assert line["fingerprints"] == [value["findings"][0]["fingerprint"]]


@pytest.mark.usefixtures("ops")
def test_crash_is_a_report_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw leaves as a code and an id; the traceback stays in the log under that id."""

    def crash(_: Given) -> contract.Outcome:
        raise ZeroDivisionError("a secret detail")

    value = call(crash)

    assert (value["status"], value["complete"], value["error"]["code"]) == ("error", False, "internal")
    assert "secret" not in json.dumps(value)
    crashed, summary = lines(capsys)
    assert "ZeroDivisionError: a secret detail" in crashed["stack_trace"]
    assert crashed["run_id"] == summary["run_id"] == value["error"]["id"]


@pytest.mark.usefixtures("ops")
def test_foreseen_error_keeps_its_code() -> None:
    """An error of ours is told by its code and message."""

    def refuse(_: Given) -> contract.Outcome:
        raise errors.QuotaExceeded("too much was asked")

    assert call(refuse)["error"]["code"] == "quota_exceeded"


def test_run_that_failed_as_a_whole_says_what_was_asked() -> None:
    """The ledger must know whose schedule the failed run was, so that it is not taken for silence."""

    def refuse(_: Given) -> contract.Outcome:
        raise errors.QuotaExceeded("too much was asked")

    told = call(refuse, method="POST", json={"text": "nightly"})

    assert (told["error"]["code"], told["request"]["text"]) == ("quota_exceeded", "nightly")


def test_half_a_character_takes_no_report_with_it() -> None:
    """JSON can bring one in, and UTF-8 cannot write it: it is told as a question mark, wherever it stands."""
    half = "a\ud800b"
    bad = Finding(half, "rows", Status.FAIL, "r", half, observed=half, evidence={half: [half, {"x": half}], "n": 1})

    told = call(lambda _: contract.Outcome(half, (bad,)))

    (found,) = told["findings"]
    assert (told["status"], told["error"], told["summary"]) == ("fail", None, "a?b")
    assert (found["subject"], found["observed"], found["evidence"]) == (
        "a?b",
        "a?b",
        {"a?b": ["a?b", {"x": "a?b"}], "n": 1},
    )


@pytest.mark.usefixtures("ops")
def test_number_that_json_lacks_is_a_crash_that_is_told() -> None:
    """A NaN in a finding cannot leave, and does not take the report with it."""
    bad = Finding("d.t", "backup", Status.PASS, "because", "seen", observed=float("nan"))

    assert call(lambda _: contract.Outcome("in short", (bad,)))["error"]["code"] == "internal"


def test_report_stands_in_the_operations_bucket(ops: str, storage_client: Any) -> None:
    """The object is the report, to the byte but for what became of it."""
    value = call(outcome(Status.PASS))

    (blob,) = storage_client.list_blobs(ops, prefix="reports/tiny/")
    assert json.loads(blob.download_as_bytes()) == value
    assert value["delivery"]["object"] == "delivered"


@pytest.mark.usefixtures("emulated")
def test_report_that_cannot_be_delivered_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A green run whose report was lost is an ERROR in the log, and tells the caller."""
    monkeypatch.setenv("OPS_BUCKET", "there-is-no-such-bucket")

    value = call(outcome(Status.PASS))

    assert value["delivery"]["object"].startswith("failed: ")
    assert lines(capsys)[-1]["severity"] == "ERROR"


@pytest.mark.usefixtures("emulated")
def test_run_that_changes_something_needs_a_place_for_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the operations bucket nothing is changed."""
    monkeypatch.delenv("OPS_BUCKET", raising=False)

    assert call(outcome(Status.PASS))["status"] == "pass"
    assert call(outcome(Status.PASS), method="POST", json={"change": True})["error"]["code"] == "invalid_settings"


@pytest.mark.usefixtures("ops")
def test_second_caller_is_skipped_while_the_first_runs() -> None:
    """A run inside a run stands for two callers at once."""
    inner: list[dict[str, Any]] = []

    def nested(given: Given) -> contract.Outcome:
        inner.append(call(outcome(Status.PASS), method="POST", json={"change": True}))
        return outcome(Status.PASS)(given)

    outer = call(nested, method="POST", json={"change": True})

    assert outer["status"] == "pass"
    assert (inner[0]["status"], inner[0]["findings"][0]["reason"]) == ("skip", "already_running")
    assert outer["run_id"] in inner[0]["findings"][0]["message"]


@pytest.mark.usefixtures("ops")
def test_emulator_on_the_platform_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that would report on an emulator reports that instead."""
    monkeypatch.setenv("K_SERVICE", "tiny")

    value = call(outcome(Status.PASS))

    assert value["error"]["code"] == "invalid_settings"
    assert value["delivery"]["object"] == "not_attempted"


@pytest.mark.usefixtures("ops")
def test_trace_joins_the_log_line_to_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    """The platform's trace id is carried over; one that is no id is not."""
    call(outcome(Status.PASS), headers={"X-Cloud-Trace-Context": "105445aa7843bc8bf206b120001000/1;o=1"})
    call(outcome(Status.PASS), headers={"X-Cloud-Trace-Context": 'x", "severity": "INFO'})

    first, second = lines(capsys)
    assert first["logging.googleapis.com/trace"].endswith("/traces/105445aa7843bc8bf206b120001000")
    assert "logging.googleapis.com/trace" not in second


TICK = {"X-CloudScheduler-JobName": "projects/p/jobs/j", "X-CloudScheduler-ScheduleTime": "2026-02-12T10:00:00Z"}


@pytest.mark.usefixtures("ops")
def test_same_tick_is_run_once() -> None:
    """The Scheduler's second try is told which run answered the first; its next tick is run."""
    asked: dict[str, Any] = {"method": "POST", "json": {"change": True}}
    first = call(outcome(Status.PASS), headers=TICK, **asked)
    again = call(outcome(Status.FAIL), headers=TICK, **asked)
    later = call(
        outcome(Status.PASS), headers={**TICK, "X-CloudScheduler-ScheduleTime": "2026-02-12T11:00:00Z"}, **asked
    )

    assert (first["status"], again["status"], later["status"]) == ("pass", "skip", "pass")
    assert again["findings"][0]["reason"] == "tick_done"
    assert first["run_id"] in again["findings"][0]["message"]


@pytest.mark.parametrize("headers", [{}, *({name: text} for name, text in TICK.items()), {**dict.fromkeys(TICK, "")}])
@pytest.mark.usefixtures("ops")
def test_call_without_both_headers_is_run_each_time(headers: dict[str, str]) -> None:
    """Half a tick is none: a person who calls twice gets two runs."""
    runs = [
        call(outcome(Status.PASS), headers=headers, method="POST", json={"change": True})["status"] for _ in range(2)
    ]

    assert runs == ["pass", "pass"]


@pytest.mark.usefixtures("ops")
def test_tick_whose_run_failed_is_run_again() -> None:
    """The Scheduler's second try does what the first could not."""

    def refuse(_: Given) -> contract.Outcome:
        raise errors.Unavailable("the cloud is away")

    asked: dict[str, Any] = {"method": "POST", "json": {"change": True}, "headers": TICK}
    assert call(refuse, **asked)["error"]["code"] == "unavailable"
    assert call(outcome(Status.PASS), **asked)["status"] == "pass"


@pytest.mark.usefixtures("ops")
def test_larger_body_is_taken_where_the_function_takes_it() -> None:
    """64 KiB are the limit of a function that says nothing of it."""
    body = json.dumps({"text": "x" * 65536}).encode()

    assert call(outcome(Status.PASS), method="POST", data=body)["error"]["code"] == "body_too_large"
    value = call(outcome(Status.PASS), method="POST", data=body, body_limit=len(body))
    assert (value["status"], len(value["request"]["text"])) == ("pass", 65536)
    assert call(outcome(Status.PASS), method="POST", data=body + b" ", body_limit=len(body))["error"]


@pytest.mark.usefixtures("ops")
def test_body_of_64_kib_is_taken_and_one_byte_more_is_not() -> None:
    """However it is sent: with its length, or in chunks."""
    body = json.dumps({"text": "x"}).encode()
    sent = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for size, code in ((65536, None), (65537, "body_too_large")):
        whole = call(outcome(Status.PASS), method="POST", data=body.ljust(size))
        stream = io.BytesIO(body.ljust(size))
        chunked = call(outcome(Status.PASS), method="POST", input_stream=stream, environ_overrides=sent)
        assert [value["error"] and value["error"]["code"] for value in (whole, chunked)] == [code, code]

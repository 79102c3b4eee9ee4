"""From an HTTP request to HTTP 200 with a report: the contract that all functions share.

A function hands over a `contract.Function`; `serve` makes of it what functions-framework calls. Here stand the frozen
clock, the strict parsing, the probe, the lease against overlap, the idempotent tick, and the one broad `except`.
"""

import dataclasses
import datetime
import functools
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import flask

from shared import calls, delivery, errors, history, logs, overlap, pages, report, settings
from shared.contract import Function, Outcome, Run
from shared.gcp import clients
from shared.statuses import Status

D = TypeVar("D")
T = TypeVar("T")
R = TypeVar("R")
MARGIN = 45.0
"""Seconds before the platform's timeout at which a run stops taking steps, to report and deliver in time."""
DELIVERY_MARGIN = 15.0
"""Seconds of that which the ledger leaves for the object, the log and the answer, however slow BigQuery is."""
SCHEDULER_HEADERS = ("X-CloudScheduler-JobName", "X-CloudScheduler-ScheduleTime")


def serve(function: Function[D, R]) -> Callable[[flask.Request], flask.Response]:
    """Return the HTTP entry of a function; it answers every call with status 200 and a report."""

    def entry(request: flask.Request) -> flask.Response:
        started = _Started(datetime.datetime.now(datetime.UTC), time.monotonic())
        crashed = functools.partial(_crashed, function.name, started)
        if function.page and calls.wants_page(request):
            return _safely(lambda: _shown(function, started), lambda error: _no_page(crashed(error)))
        finished = _safely(lambda: _sendable(_answer(function, request, started)), crashed)
        told = finished if function.publishes else _unpublished(finished)
        body = _safely(lambda: _delivered(told, request, started), lambda error: report.encode(crashed(error)))
        return flask.Response(body, status=200, mimetype="application/json", headers={"Cache-Control": "no-store"})

    entry.__name__ = entry.__qualname__ = function.name
    return entry


def _safely(step: Callable[[], T], crashed: Callable[[Exception], T]) -> T:
    """Return what `step` returns, or what `crashed` makes of the error that nobody foresaw."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - the one broad except: nothing leaves but a report
        return crashed(error)


@dataclasses.dataclass(frozen=True)
class _Started:
    """The run's only reading of the clock."""

    now: datetime.datetime
    monotonic: float
    token: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def run_id(self) -> str:
        """The name of the run: when it began, and a random part."""
        return f"{self.now:%Y%m%dT%H%M%SZ}-{self.token}"

    @property
    def milliseconds(self) -> int:
        """How long the run has taken so far."""
        return round((time.monotonic() - self.monotonic) * 1000)


def _answer(function: Function[D, R], request: flask.Request, started: _Started) -> report.Report:
    base = report.Report(function.name, started.run_id, "", started.now, report.Build(None, None, None))
    try:
        deployed = settings.read()
    except errors.InvalidSettings as error:
        return _failed(base, error.code, str(error))
    base = dataclasses.replace(base, build=deployed.build)
    return _attempted(base, lambda: _asked(function, request, deployed, base))


def _attempted(base: report.Report, step: Callable[[], report.Report]) -> report.Report:
    """Return the report that `step` returns, or `base` with why the run as a whole could not do its work."""
    try:
        return step()
    except errors.InvalidRequest as error:
        return _failed(_no_run(base), error.code, str(error))
    except errors.PressboxError as error:
        return _failed(base, error.code, str(error))


def _shown(function: Function[D, R], started: _Started) -> flask.Response:
    """Return the page of a function, which has one."""
    make = function.page or (lambda _, __: "")
    return pages.answer(function.name, started.run_id, lambda: make(settings.read(), started.now))


def _no_page(crashed: report.Report) -> flask.Response:
    return pages.respond(pages.trouble(crashed.function, "internal", crashed.summary))


def _sendable(finished: report.Report) -> report.Report:
    """Return the report, unless it cannot be sent: then ValueError comes before the ledger says that all went well."""
    try:
        report.encode(finished)
    except UnicodeEncodeError:
        # Half a character in what was observed must not take the whole report with it.
        return _sendable(report.printable(finished))
    return finished


def _no_run(base: report.Report) -> report.Report:
    """Return the report as one that is told to nobody else: a probe, a plan, or a call that was refused."""
    told = dataclasses.replace(base.delivery, ledger="not_applicable", topic="not_applicable")
    return dataclasses.replace(base, delivery=told)


def _unpublished(finished: report.Report) -> report.Report:
    return dataclasses.replace(finished, delivery=dataclasses.replace(finished.delivery, topic="not_applicable"))


def _asked(
    function: Function[D, R], request: flask.Request, deployed: settings.Settings, base: report.Report
) -> report.Report:
    if calls.is_probe(request):
        return _probed(function, deployed, _no_run(base))
    asked = calls.parse(function.request, request, limit=function.body_limit)
    # From here on a report that says why nothing could be done also says what was asked.
    known = dataclasses.replace(base, request=calls.as_json(asked))
    return _attempted(known, lambda: _ran(function, request, deployed, known, asked))


def _ran(
    function: Function[D, R], request: flask.Request, deployed: settings.Settings, base: report.Report, asked: R
) -> report.Report:
    declared = function.declare(deployed)
    used = clients.connect(deployed.project)
    before = used.calls.total
    run = Run(base.started_at, base.run_id, declared, asked, deployed, used, lambda: None)
    outcome = _guarded(function, request, run)
    return dataclasses.replace(
        base if outcome.kept else _no_run(base),
        summary=outcome.summary,
        findings=_remembered(outcome, run, function.name),
        as_of=outcome.as_of,
        scope=outcome.scope,
        day=outcome.day,
        cost=_cost(outcome, used.calls.total - before),
    )


def _remembered(outcome: Outcome, run: Run[D, R], name: str) -> tuple[report.Finding, ...]:
    """Return the findings with since, streak and change, where the run is one to remember and the ledger answers."""
    past = outcome.past
    if past is None and outcome.kept:
        day = outcome.day or run.now.date()
        past = delivery.past(run.settings, function=name, scope=outcome.scope, day=day, run_id=run.run_id)
    return outcome.findings if past is None else history.compared(outcome.findings, past, started_at=run.now)


def _probed(function: Function[D, R], deployed: settings.Settings, base: report.Report) -> report.Report:
    from shared import probing  # noqa: PLC0415 - only a probe pays for its import

    findings, api_calls = probing.findings(function.name, deployed, lambda: function.reach(function.declare(deployed)))
    return dataclasses.replace(
        base,
        summary=probing.summary(findings),
        findings=findings,
        request={"probe": True},
        cost=report.Cost(api_calls),
    )


def _delivered(finished: report.Report, request: flask.Request, started: _Started) -> bytes:
    """Return the report as it leaves, after its ledger rows, its object and its summary line were written."""
    finished = dataclasses.replace(finished, duration_ms=started.milliseconds)
    try:
        deployed = settings.read()
    except errors.InvalidSettings:
        delivery.to_log(finished, trace=None)
        return report.encode(finished)
    left = deployed.timeout - started.milliseconds / 1000 - DELIVERY_MARGIN
    finished = delivery.deliver(finished, deployed, seconds=left)
    delivery.to_log(finished, trace=_trace(request, deployed))
    return report.encode(finished)


def _cost(outcome: Outcome, api_calls: int) -> report.Cost:
    return report.Cost(
        api_calls=api_calls,
        scans=outcome.scans,
        bytes_estimated=outcome.bytes_estimated,
        bytes_billed=outcome.bytes_billed,
        bytes_limit=outcome.bytes_limit,
        bytes_unfolded=outcome.bytes_unfolded,
    )


def _guarded(function: Function[D, R], request: flask.Request, run: Run[D, R]) -> Outcome:
    """Run the function, under its lease where it changes something, once per tick of the Scheduler."""
    ends = time.monotonic() + run.settings.timeout - MARGIN

    def late() -> str | None:
        return "the function's time is used up" if time.monotonic() > ends else None

    scope = function.scope(run.declared, run.request)
    if scope is None:
        return function.run(dataclasses.replace(run, stop=late))
    bucket = run.settings.ops_bucket
    if not bucket:
        raise errors.InvalidSettings("the environment variable OPS_BUCKET is not set: it holds the leases")
    place = overlap.Place(bucket, function.name, run.run_id)
    found = calls.header_texts(request, SCHEDULER_HEADERS)
    tick = found if len(found) == len(SCHEDULER_HEADERS) else ()

    def work(lost: Callable[[], bool]) -> Outcome | overlap.Skipped:
        stop = lambda: "the lease was lost to another run" if lost() else late()  # noqa: E731 - one line
        return overlap.once(run.clients, place, lambda: function.run(dataclasses.replace(run, stop=stop)), tick=tick)

    seconds = function.lease_seconds(run.declared)
    done = overlap.alone(run.clients, place, work, scope=scope, seconds=seconds)
    return _skipped(function.name, done) if isinstance(done, overlap.Skipped) else done


def _skipped(name: str, why: overlap.Skipped) -> Outcome:
    finding = report.Finding(name, "run", Status.SKIP, why.reason, why.message, severity="info")
    # Nothing was done, so there is no run to remember: it must not be taken for a reporter that spoke.
    return Outcome(f"skipped: {why.message}", (finding,), past=(), kept=False)


def _trace(request: flask.Request, deployed: settings.Settings) -> str | None:
    trace = request.headers.get("X-Cloud-Trace-Context", "").split("/")[0]
    return f"projects/{deployed.project}/traces/{trace}" if deployed.project and trace.isalnum() else None


def _failed(base: report.Report, code: str, message: str) -> report.Report:
    failure = report.Failure(code, message, base.run_id)
    return dataclasses.replace(base, summary=f"{code}: {message}", error=failure)


def _crashed(name: str, started: _Started, error: Exception) -> report.Report:
    logs.crash("the run crashed", error, function=name, run_id=started.run_id)
    base = report.Report(name, started.run_id, "", started.now, report.Build(None, None, None))
    return _failed(base, "internal", f"the run crashed; the log has the traceback under {started.run_id}")

"""Run the demo world's day over HTTP: backup, checks, alerts, health; print each report, and leave a status page."""

import argparse
import contextlib
import dataclasses
import datetime
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cloud_functions.daily_health_check.doctor import schedules
from deploy import stage
from local import calls, catalogue, claim, cloud, functions, gateway, table
from local.commands import exporting, house, options
from local.commands.progress import Progress
from local.world import facts
from shared import declarations, deployment, gamedays, pipeline

BACKUP = "bigquery_backup"
CHECKS = "validation_runner"
EXPORT = "live_export"
MONITOR = "live_freshness_monitor"
HEALTH = "daily_health_check"
DAY = facts.LAST_DAY.isoformat()
QUIET_SECONDS = 20.0
PAUSE_SECONDS = 0.1


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of the day: which function, with what, and the name of its report."""

    function: str
    body: Mapping[str, Any]
    name: str


@dataclasses.dataclass(frozen=True)
class Told:
    """One report of the day, where it was saved, and why it cannot be believed to be whole."""

    call: Call
    report: Mapping[str, Any]
    path: Path
    flaws: list[str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    options.add(parser, port=0)
    options.add_days(parser)


def main(chosen: argparse.Namespace) -> int:
    """Return 0 when the backup passed and every report is complete and delivered, else 1; raise CallError."""
    progress = Progress()
    data_dir: Path = chosen.data_dir.resolve()
    with contextlib.ExitStack() as stack:
        stack.enter_context(claim.held(data_dir))
        gateway.serve((), port=chosen.port).close()
        embedded = stack.enter_context(house.cloud_running(data_dir, progress=progress, days=chosen.days))
        names = house.declared()
        provider = stack.enter_context(exporting.scores(embedded))
        started = stack.enter_context(
            house.functions_running(names, embedded, data_dir=data_dir, progress=progress, provider=provider)
        )
        front = gateway.serve(started, port=chosen.port)
        stack.callback(front.close)
        told = [_told(one, front, data_dir, progress) for one in day(started)]
        places = {"files": embedded.directory / "storage"}
        if HEALTH in names:
            places["status page"] = data_dir / "reports" / "status.html"
            calls.save(places["status page"], calls.page(f"{front.url}/{HEALTH}"))
        _settle(embedded)
        _show(told, places | ({"alerts": data_dir / "alerts"} if house.RELAY in names else {}))
    progress.say(f"done after {progress.total():.1f} s")
    return 0 if all(good(one) for one in told) else 1


def day(started: Sequence[functions.Function]) -> Iterator[Call]:
    """Yield the calls of the day in their order, for the functions that run."""
    names = {one.name for one in started}
    suites = {str(one.body["suite"]): one for one in catalogue.functions()[CHECKS].schedules}
    wanted = [
        Call(BACKUP, {}, BACKUP),
        *(Call(CHECKS, {"suite": name, "day": game_day(one)}, f"{CHECKS}.{name}") for name, one in suites.items()),
        Call(EXPORT, {"day": DAY}, EXPORT),
        Call(MONITOR, {"day": DAY}, MONITOR),
        Call(house.RELAY, {}, house.RELAY),
        Call(HEALTH, {"day": DAY}, HEALTH),
    ]
    yield from (one for one in wanted if one.function in names)


def game_day(schedule: deployment.Schedule) -> str:
    """Return the game day that a schedule's last tick of the world's last day is about."""
    declared = declarations.load(pipeline.Pipeline, stage.REPOSITORY / "shared" / "pipeline.yaml", environment={})
    midnight = gamedays.at(facts.LAST_DAY, datetime.time(23, 59), declared.game_day)
    tick = schedules.previous(schedule.cron, schedule.time_zone, midnight)
    return gamedays.of(tick, declared.game_day).isoformat()


def good(told: Told) -> bool:
    """Return whether a report does not fail the command: the demo world's own faults do not, a bad backup does."""
    return not told.flaws and (told.call.function != BACKUP or told.report["status"] == "pass")


def _told(call: Call, front: gateway.Server, data_dir: Path, progress: Progress) -> Told:
    with progress.stage(call.name):
        report = calls.call(f"{front.url}/{call.function}", call.body)
    path = data_dir / "reports" / f"{call.name}.json"
    calls.save(path, calls.text(report))
    return Told(call, report, path, calls.flaws(report))


def _settle(embedded: cloud.Cloud) -> None:
    """Wait until every report that was published has been taken in, or for twenty seconds."""
    ends = time.monotonic() + QUIET_SECONDS
    while embedded.pubsub.pending() and time.monotonic() < ends:
        time.sleep(PAUSE_SECONDS)


def _show(told: Sequence[Told], places: Mapping[str, Path]) -> None:
    for one in told:
        for flaw in one.flaws:
            print(f"{one.call.name}: {flaw}", file=sys.stderr)
    if not sys.stdout.isatty():
        print(calls.text([one.report for one in told]), end="")
        return
    width = shutil.get_terminal_size().columns
    for one in told:
        notes = table.addresses(one.report)
        whole = one.call.function == BACKUP
        render = table.render if whole else table.brief
        print(f"\n{one.call.name}")
        print(render(one.report, colour=True, width=width, notes=(*notes, ("report", str(one.path)))), end="")
    print()
    for name, place in places.items():
        print(f"{name:<12} {place}")

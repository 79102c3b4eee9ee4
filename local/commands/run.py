"""Back up the demo world once, over HTTP, and print the report."""

import argparse
import contextlib
import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

from deploy import stage
from local import claim, gateway, table
from local.commands import house, options
from local.commands.progress import Progress

FUNCTION = "bigquery_backup"
SCHEMA = stage.REPOSITORY / "shared" / "report.schema.json"
TIMEOUT_SECONDS = 1800.0


class CallError(RuntimeError):
    """The function did not answer with a report."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    options.add(parser, port=0)
    options.add_days(parser)


def main(chosen: argparse.Namespace) -> int:
    """Return 0 when the backup's report is valid and its status is pass, else 1; raise CallError without a report."""
    progress = Progress()
    data_dir: Path = chosen.data_dir.resolve()
    with contextlib.ExitStack() as stack:
        stack.enter_context(claim.held(data_dir))
        gateway.serve((), port=chosen.port).close()
        embedded = stack.enter_context(house.cloud_running(data_dir, progress=progress, days=chosen.days))
        started = stack.enter_context(
            house.functions_running((FUNCTION,), embedded, data_dir=data_dir, progress=progress)
        )
        front = gateway.serve(started, port=chosen.port)
        stack.callback(front.close)
        with progress.stage(FUNCTION):
            report = call(f"{front.url}/{FUNCTION}")
        flaws = problems(report)
        path = data_dir / "reports" / f"{FUNCTION}.json"
        save(path, report)
        places = (("report", str(path)), ("files", str(embedded.directory / "storage")))
        _show(report, flaws, notes=(*table.addresses(report), *places))
    progress.say(f"done after {progress.total():.1f} s")
    return 0 if not flaws and report["status"] == "pass" else 1


def call(url: str) -> dict[str, Any]:
    """Return the JSON object that a POST of `{}` to `url` answers; raise CallError when there is none."""
    request = urllib.request.Request(url, data=b"{}", headers={"Content-Type": "application/json"}, method="POST")  # noqa: S310 - our own gateway
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        raise CallError(f"{url} answered {error.code}: {error.read(2000).decode('utf-8', 'replace')}") from error
    except (OSError, ValueError) as error:
        raise CallError(f"{url} did not answer with a report: {error}") from error
    if not isinstance(answer, dict):
        raise CallError(f"{url} answered JSON, but no object: {json.dumps(answer)[:200]}")
    return answer


def problems(report: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with `report` by the published schema, each with its place; empty when it is valid."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(dict(report))]


def save(path: Path, report: Mapping[str, Any]) -> None:
    """Write `report` to `path` in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_text(_text(report), encoding="utf-8")
    scratch.replace(path)


def _text(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _show(report: Mapping[str, Any], flaws: list[str], *, notes: tuple[tuple[str, str], ...]) -> None:
    for flaw in flaws:
        print(f"the report breaks its own schema at {flaw}", file=sys.stderr)
    if flaws or not sys.stdout.isatty():
        print(_text(report), end="")
        return
    print(table.render(report, colour=True, width=shutil.get_terminal_size().columns, notes=notes), end="")

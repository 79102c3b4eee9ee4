"""Calls a running function as a person with curl would, and says whether its report can be believed."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

from deploy import stage

SCHEMA = stage.REPOSITORY / "shared" / "report.schema.json"
TIMEOUT_SECONDS = 1800.0
DELIVERED = ("delivered", "not_applicable")


class CallError(RuntimeError):
    """The function did not answer with a report."""


def call(url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON object that a POST of `body` to `url` answers; raise CallError when there is none."""
    content = json.dumps(body or {}).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"}, method="POST")  # noqa: S310 - our own gateway
    try:
        answer = json.loads(_answer(request, url))
    except ValueError as error:
        raise CallError(f"{url} did not answer with a report: {error}") from error
    if not isinstance(answer, dict):
        raise CallError(f"{url} answered JSON, but no object: {json.dumps(answer)[:200]}")
    return answer


def page(url: str) -> str:
    """Return what a browser is shown at `url`; raise CallError when there is no answer."""
    request = urllib.request.Request(url, headers={"Accept": "text/html"})  # noqa: S310 - our own gateway
    return _answer(request, url).decode()


def _answer(request: urllib.request.Request, url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        raise CallError(f"{url} answered {error.code}: {error.read(2000).decode('utf-8', 'replace')}") from error
    except OSError as error:
        raise CallError(f"{url} did not answer with a report: {error}") from error


def flaws(report: Mapping[str, Any]) -> list[str]:
    """Return why a report cannot be believed to be whole: schema, completeness, delivery; empty when it can."""
    broken = schema_flaws(report)
    if broken:
        return broken
    lost = [f"{where}: {state}" for where, state in report["delivery"].items() if state not in DELIVERED]
    return ([] if report["complete"] else ["it is not complete"]) + [f"not delivered to the {one}" for one in lost]


def schema_flaws(report: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a report by the published schema, each with its place."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    return [
        f"it breaks its own schema at {one.json_path}: {one.message}" for one in validator.iter_errors(dict(report))
    ]


def text(value: Any) -> str:
    """Return JSON as a person reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def save(path: Path, content: str) -> None:
    """Write `content` to `path` in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_text(content, encoding="utf-8")
    scratch.replace(path)

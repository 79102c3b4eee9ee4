"""Move the demo night to a minute, in the cloud that `serve` keeps up: first the provider, then the schedule."""

import argparse
import shlex
from collections.abc import Mapping
from pathlib import Path

import requests
from google.auth import credentials as google_credentials
from google.cloud import bigquery, storage

from local import calls
from local.commands import exporting, options
from local.scores import warehouse
from local.world import facts

SECONDS = 30.0
EARLIEST, LATEST = -120, 720


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    options.add_data_dir(parser)
    told = "the minute of the night; 0 is the first tip-off, 320 after the last game; below 0 the night begins anew"
    parser.add_argument("minute", type=minute, help=told)


def minute(text: str) -> int:
    """Return the minute in `text`; raise ArgumentTypeError when the night does not have it."""
    number = int(text) if text.lstrip("-").isdigit() else None
    if number is None or not EARLIEST <= number <= LATEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a minute of the night, {EARLIEST} to {LATEST}")
    return number


def main(chosen: argparse.Namespace) -> int:
    """Return 0 once everybody has moved on; raise CallError when nothing is served."""
    served = _environment(chosen.data_dir / "env")
    client = bigquery.Client(
        project=served["GOOGLE_CLOUD_PROJECT"],
        credentials=google_credentials.AnonymousCredentials(),
        client_options={"api_endpoint": served["BIGQUERY_EMULATOR_HOST"]},
    )
    provider = served["SCORES_API_URL"].removesuffix("/v1")
    answer = requests.post(f"{provider}/_minute", json={"minute": chosen.minute}, timeout=SECONDS)
    answer.raise_for_status()
    if chosen.minute < 0:
        _forget(served)
    warehouse.follow(client, warehouse.night(client, facts.LAST_DAY), chosen.minute)
    call = f"""curl -s -X POST {served["PRESSBOX_GATEWAY"]}/live_export -d '{{"day": "{facts.LAST_DAY}"}}'"""
    print(f"it is minute {chosen.minute} of the night of {facts.LAST_DAY}; publish it with\n{call}")
    return 0


def _forget(served: Mapping[str, str]) -> None:
    """Delete what was published: what was once published of a night never goes backwards."""
    client = storage.Client(
        project=served["GOOGLE_CLOUD_PROJECT"],
        credentials=google_credentials.AnonymousCredentials(),
        client_options={"api_endpoint": served["STORAGE_EMULATOR_HOST"]},
    )
    for blob in client.list_blobs(served[exporting.BUCKET], prefix=f"{exporting.PREFIX}/"):
        blob.delete()


def _environment(path: Path) -> dict[str, str]:
    """Return the variables that `serve` wrote for others to attach by; raise CallError when it is not up."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise calls.CallError(f"{path} is missing: start `python -m local serve` first") from error
    words = (shlex.split(line) for line in lines if line.startswith("export "))
    return dict(word[1].split("=", 1) for word in words)

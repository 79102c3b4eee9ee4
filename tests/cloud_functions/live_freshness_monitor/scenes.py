"""A scene for the monitor: a schedule of one test's own, a site to read, and a live_export to call."""

import dataclasses
import datetime
import json
import pathlib
from typing import Any

import jsonschema
import requests
from google.cloud import bigquery

from local import cloud as local_cloud
from shared import gamedays, settings
from tests.cloud_functions.live_freshness_monitor import newsstand, papers
from tests.cloud_functions.live_freshness_monitor.papers import Evening

BUCKET = "ops-of-freshness"
SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
GAME_DAY = gamedays.GameDay("America/New_York", 4)
FRESHNESS = """
url: ${EXPORT_URL}
seconds: 3
grace_minutes: 0
again_seconds: 0.05
documents:
  - {id: live, day: game_date, games: total_games, in_progress: games_in_progress, finals: games_final, rows: games}
  - id: live-grading
    day: game_date
    in_progress: summary.games_in_progress
    finals: summary.games_final
    rows: predictions
export: {url: "${LIVE_EXPORT_URL}", tries: 1, seconds: 5}
"""
PIPELINE = """
game_day: {{time_zone: America/New_York, cutover_hour: 4}}
calendar:
  table: {dataset}.schedule
  date: game_date
  game: game_id
  counts: SUBSTR(game_id, 1, 3) = '002'
  final: game_status = 3
  live: game_status = 2
"""
SITE = ("manifest", "live", "live-grading")


@dataclasses.dataclass
class Scene:
    """The running monitor, the schedule that it reads, and the site that it watches."""

    cloud: local_cloud.Cloud
    url: str
    folder: pathlib.Path
    stand: newsstand.Newsstand
    dataset: str
    bigquery: bigquery.Client

    @property
    def today(self) -> datetime.date:
        """The game day that it is now."""
        return gamedays.of(now(), GAME_DAY)

    def begin(self) -> None:
        """Declare everything, schedule a night of three games, two of them live, and publish it well."""
        self.declare()
        (self.folder / "pipeline.yaml").write_text(PIPELINE.format(dataset=self.dataset), "utf-8")
        self.bigquery.create_dataset(self.dataset)
        self.schedule(2, 2, 3)
        self.publish()

    def declare(self, text: str = FRESHNESS) -> None:
        """Declare what is watched."""
        (self.folder / "live_freshness_monitor" / "freshness.yaml").write_text(text, "utf-8")

    def schedule(self, *states: int, day: datetime.date | None = None, other: int = 3) -> None:
        """Schedule games of these states on a day, by default today, and one of another state the days around it."""
        day = day or self.today
        games = [(day, f"00225{number:05}", state) for number, state in enumerate(states)]
        games += [(day + datetime.timedelta(days=n), f"00224{n + 9:05}", other) for n in (-1, 1)]
        games.append((day, "0032500001", 2))
        rows = ", ".join(f"(DATE '{date}', '{game}', {state})" for date, game, state in games)
        table = f"{self.dataset}.schedule"
        self.bigquery.query_and_wait(
            f"CREATE TABLE IF NOT EXISTS {table} (game_date DATE, game_id STRING, game_status INT64)"
        )
        self.bigquery.query_and_wait(f"DELETE FROM {table} WHERE TRUE")
        self.bigquery.query_and_wait(f"INSERT INTO {table} (game_date, game_id, game_status) VALUES {rows}")

    def evening(self, **changes: Any) -> Evening:
        """Return the night of the schedule, as it is published by default."""
        return dataclasses.replace(Evening(now(), self.today), **changes)

    def publish(self, **changes: Any) -> None:
        """Publish the night, with changes to it."""
        self.stand.objects.clear()
        self.stand.objects.update(papers.published(self.evening(**changes)))

    def call(self, **body: Any) -> dict[str, Any]:
        """Return the report of a POST, after it was validated."""
        return checked(requests.post(self.url, json=body, timeout=60))

    def get(self, query: str) -> dict[str, Any]:
        """Return the report of a GET, after it was validated."""
        return checked(requests.get(self.url + query, timeout=60))

    def fault(self, **fault: Any) -> None:
        """Arm a fault of BigQuery."""
        requests.post(f"{self.cloud.bigquery_url}/_faults", json=fault, timeout=10).raise_for_status()

    def disarm(self) -> None:
        """Disarm every fault of BigQuery."""
        requests.delete(f"{self.cloud.bigquery_url}/_faults", timeout=10).raise_for_status()

    def end(self) -> None:
        """Disarm every fault, and drop the schedule."""
        self.disarm()
        self.bigquery.delete_dataset(self.dataset, delete_contents=True, not_found_ok=True)


def now() -> datetime.datetime:
    """Return the instant: the running function goes by the clock."""
    return datetime.datetime.now(datetime.UTC)


def checked(answer: requests.Response) -> dict[str, Any]:
    """Return the report in an answer: status 200, and valid."""
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    jsonschema.validate(value, SCHEMA)
    return value


def findings(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the report's findings by subject."""
    return {found["subject"]: found for found in report["findings"]}


def reasons(report: dict[str, Any]) -> dict[str, str]:
    """Return status and reason by subject, as one text."""
    return {name: f"{found['status']} {found['reason']}" for name, found in findings(report).items()}

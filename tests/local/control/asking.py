"""How the tests ask the stand-in of the control planes: over HTTP, at one fixed instant."""

import dataclasses
import datetime
from typing import Any

import requests

from cloud_functions.daily_health_check import resources, snapshots

NOW = datetime.datetime(2026, 2, 12, 14, 0, 30, tzinfo=datetime.UTC)
PROJECT = "projects/nba-props-platform"
PLACE = f"{PROJECT}/locations/us-west2"
JOBS = f"/cloudscheduler.googleapis.com/v1/{PLACE}/jobs"
FUNCTIONS = f"/cloudfunctions.googleapis.com/v2/{PROJECT}/locations/-/functions"
SERVICES = f"/run.googleapis.com/v2/{PLACE}/services"
ENTRIES = "/logging.googleapis.com/v2/entries:list"
SERIES = f"/monitoring.googleapis.com/v3/{PROJECT}/timeSeries"
AGES = 'metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age"'
FINISHED = "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"
DAY = datetime.timedelta(days=1)


def instant(when: datetime.datetime) -> str:
    """Return an instant as production writes it into a filter."""
    return when.isoformat().replace("+00:00", "Z")


def between(first: datetime.datetime, last: datetime.datetime) -> str:
    """Return the part of a filter that bounds the time."""
    return f'timestamp>="{instant(first)}" AND timestamp<="{instant(last)}"'


def failed_attempts(first: datetime.datetime, last: datetime.datetime) -> str:
    """Return the filter for attempts that failed."""
    kind = f'resource.type="cloud_scheduler_job" AND jsonPayload."@type"="{FINISHED}"'
    return f"{kind} AND severity>=ERROR AND {between(first, last)}"


def lines_of(services: list[str], first: datetime.datetime, last: datetime.datetime) -> str:
    """Return the filter for what services wrote."""
    names = " OR ".join(f'"{name}"' for name in services)
    return f'resource.type="cloud_run_revision" AND resource.labels.service_name=({names}) AND {between(first, last)}'


@dataclasses.dataclass(frozen=True)
class Asker:
    """A client with a token, and what production makes of the answers."""

    url: str
    session: requests.Session

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a GET that succeeds."""
        answer = self.session.get(self.url + path, params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, *, method: str = "GET", **more: Any) -> tuple[int, str, str]:
        """Return code, status and message of a call that is refused."""
        answer = self.session.request(method, self.url + path, timeout=10, **more)
        error = answer.json()["error"]
        assert error["code"] == answer.status_code
        return error["code"], error["status"], error["message"]

    def throw(self, **switches: Any) -> None:
        """Throw switches of the world."""
        answer = self.session.post(f"{self.url}/_world", json=switches, timeout=10)
        assert answer.status_code == 204, answer.text

    def job(self, name: str) -> snapshots.Job:
        """Return one job."""
        return resources.job(self.get(f"{JOBS}/{name}"))

    def jobs(self) -> dict[str, snapshots.Job]:
        """Return every job by name, page by page."""
        found, query = [], {"pageSize": "500"}
        while True:
            page = self.get(JOBS, **query)
            found += [resources.job(one) for one in page["jobs"]]
            if "nextPageToken" not in page:
                return {one.short: one for one in found}
            query["pageToken"] = page["nextPageToken"]

    def functions(self) -> dict[str, snapshots.Function]:
        """Return every function by name."""
        found = [resources.function(one) for one in self.get(FUNCTIONS)["functions"]]
        return {one.short: one for one in found}

    def services(self) -> dict[str, snapshots.Service]:
        """Return every service by name."""
        found = [resources.service(one) for one in self.get(SERVICES)["services"]]
        return {one.short: one for one in found}

    def policy(self, service: str) -> tuple[snapshots.Binding, ...]:
        """Return the bindings of a service's policy."""
        return resources.policy(self.get(f"{SERVICES}/{service}:getIamPolicy"))

    def search(self, text: str, **more: Any) -> Any:
        """Return the answer to a search for log entries."""
        body = {"resourceNames": [PROJECT], "filter": text, "orderBy": "timestamp desc", "pageSize": 1000} | more
        answer = self.session.post(self.url + ENTRIES, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def attempts(self, span: datetime.timedelta = DAY) -> list[snapshots.Attempt]:
        """Return the attempts that failed in the last `span`, the newest first."""
        return [resources.attempt(one) for one in self.search(failed_attempts(NOW - span, NOW)).get("entries", [])]

    def lines(self, *services: str) -> list[snapshots.Line]:
        """Return what services wrote in the last day, the newest first."""
        found = self.search(lines_of(list(services), NOW - DAY, NOW))
        return [resources.line(one) for one in found.get("entries", [])]

"""What the platform says of itself, as values; pure. `resources` reads them from what the control planes answer."""

import dataclasses
import datetime
from collections.abc import Mapping
from urllib import parse


@dataclasses.dataclass(frozen=True)
class Named:
    """A resource with its full name, like projects/P/locations/R/jobs/J."""

    name: str

    @property
    def short(self) -> str:
        """The last part of the name, which people use."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def region(self) -> str:
        """Where the resource is; empty when its name does not say."""
        parts = self.name.split("/")
        return parts[parts.index("locations") + 1] if "locations" in parts[:-1] else ""


@dataclasses.dataclass(frozen=True)
class Job(Named):
    """A job of Cloud Scheduler: when it calls what, as whom, and how its last attempt ended.

    target: http, pubsub or app_engine. uri: of an HTTP target. oidc, oauth: the account whose token is sent.
    deadline: seconds. retries: how often a failed attempt is repeated. code: that of the last attempt's google.rpc
    status, None when there is none. next_run: when it is due again.
    """

    state: str
    schedule: str
    time_zone: str
    target: str
    uri: str | None
    topic: str | None
    method: str | None
    oidc: str | None
    audience: str | None
    oauth: str | None
    deadline: float
    retries: int
    code: int | None
    message: str | None
    last_attempt: datetime.datetime | None
    next_run: datetime.datetime | None
    updated: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Function(Named):
    """A function as the v2 API lists it, first generation included.

    environment: GEN_1 or GEN_2. url: its cloudfunctions.net address. uri, service, revision: of the Cloud Run service
    under a Gen2 function. build: what last built it. timeout: seconds.
    """

    environment: str
    state: str
    url: str | None
    uri: str | None
    service: str | None
    revision: str | None
    build: str | None
    timeout: float | None
    updated: datetime.datetime | None
    labels: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Share:
    """How many percent of a service's requests a revision gets."""

    revision: str
    percent: int
    latest: bool


@dataclasses.dataclass(frozen=True)
class Service(Named):
    """A Cloud Run service: what was made of it last, what is ready, and what serves.

    state: that of its terminal condition, CONDITION_SUCCEEDED when all is well; problem: that condition's words.
    traffic: what the platform does (trafficStatuses). image, environment, template_labels: of the newest revision.
    """

    uri: str | None
    urls: tuple[str, ...]
    state: str
    problem: str | None
    created_revision: str | None
    ready_revision: str | None
    traffic: tuple[Share, ...]
    image: str | None
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    template_labels: Mapping[str, str]
    timeout: float | None

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name under which it answers."""
        found = (parse.urlsplit(url).hostname for url in (*self.urls, self.uri or ""))
        return frozenset(host for host in found if host)


@dataclasses.dataclass(frozen=True)
class Binding:
    """Who has a role; condition: the expression under which only, where there is one."""

    role: str
    members: tuple[str, ...]
    condition: str | None


@dataclasses.dataclass(frozen=True)
class Attempt:
    """How one attempt of a job ended, from the Scheduler's log; status: its name, like PERMISSION_DENIED."""

    job: str
    at: datetime.datetime
    status: str | None
    http: int | None
    debug: str
    url: str | None


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a service's log; own: written by its code, not by the platform about a request or an instance."""

    service: str
    at: datetime.datetime
    severity: str
    text: str
    own: bool


@dataclasses.dataclass(frozen=True)
class Subscription(Named):
    """A Pub/Sub subscription; endpoint, account and audience: of a push; topic: `_deleted-topic_` when it is gone."""

    topic: str
    endpoint: str | None
    account: str | None
    audience: str | None
    filter: str
    dead_letter: str | None
    detached: bool

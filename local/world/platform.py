"""The platform of the demo world as values: services, jobs, push subscriptions, and what is wrong with them.

Nothing here knows an API: `local.control` says these values as Google's resources, at the instant at which it is asked.
"""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Literal

from local import environment, metadata

PROJECT = environment.PROJECT
NUMBER = metadata.NUMERIC_PROJECT
REGION = "us-west2"
PARENT = f"projects/{PROJECT}/locations/{REGION}"
DEPLOYED = datetime.datetime(2026, 1, 28, 18, 0, tzinfo=datetime.UTC)
DECLARED = datetime.datetime(2025, 10, 20, 15, 0, tzinfo=datetime.UTC)
"""When the jobs were last changed."""


def account(name: str) -> str:
    """Return the address of a service account of the project, given its short name."""
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


SCHEDULER = account("pressbox-scheduler")
INVOKER = account("pressbox-invoker")
PIPELINE_SCHEDULER = account("pipeline-scheduler")
PIPELINE_PUSH = account("pipeline-push")


@dataclasses.dataclass(frozen=True)
class Service:
    """A Cloud Run service; function: the name of the Gen2 function over it, if there is one.

    timeout: seconds. invokers: the accounts that may call it. problem: why it is not ready, empty when it is.
    pinned: an older revision gets all requests. drifted: another build serves than the deployment recorded.
    """

    name: str
    timeout: int = 300
    account: str = dataclasses.field(default_factory=lambda: account("pipeline"))
    function: str | None = None
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    memory: str = "512Mi"
    invokers: tuple[str, ...] = (PIPELINE_SCHEDULER,)
    problem: str = ""
    pinned: bool = False
    drifted: bool = False

    @property
    def url(self) -> str:
        """The address with the project's hash, which the API calls the service's uri."""
        return f"https://{self.name}-{digest(PROJECT)[:10]}-wl.a.run.app"

    @property
    def numbered_url(self) -> str:
        """The address with the project's number, under which it answers too."""
        return f"https://{self.name}-{NUMBER}.{REGION}.run.app"

    @property
    def revision(self) -> str:
        """The short name of the newest revision."""
        return revision(self.name, later=int(self.drifted))

    @property
    def serving(self) -> str:
        """The short name of the revision that gets all requests."""
        return revision(self.name, later=-1) if self.pinned else self.revision

    @property
    def commit(self) -> str:
        """The commit from which the newest revision was built."""
        return digest(f"commit {self.revision}")[:40]

    @property
    def image(self) -> str:
        """The container image of the newest revision, by its digest."""
        folder = "gcf-artifacts" if self.function else "pipeline"
        return f"{REGION}-docker.pkg.dev/{PROJECT}/{folder}/{self.name}@sha256:{digest(f'image {self.revision}')}"


@dataclasses.dataclass(frozen=True)
class Said:
    """A line in a service's log, so many seconds after the attempt began; http: set in a line about a request."""

    seconds: float
    log: Literal["stdout", "stderr", "requests", "system"]
    severity: str
    text: str
    http: int | None = None


@dataclasses.dataclass(frozen=True)
class Trouble:
    """Why a job's attempts fail, and what can be seen of it.

    code: google.rpc. http: what the target answered, None when nothing came. seconds: how long an attempt takes. said:
    what the service logs meanwhile. cure: the fields of the job that are different when it is healed.
    """

    code: int
    status: str
    http: int | None
    debug: str
    seconds: float = 1.5
    said: tuple[Said, ...] = ()
    cure: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Job:
    """A job of Cloud Scheduler that posts `body` to a path of a service, or to the first-generation function `gen1`.

    deadline: seconds. ran: when the last attempt was, never if None, else so much before its due tick; a negative
    span lies in the future. forced: when somebody ran it by hand, later than any tick.
    """

    name: str
    cron: str
    service: str
    path: str = ""
    body: Mapping[str, object] = dataclasses.field(default_factory=dict)
    time_zone: str = "America/New_York"
    deadline: int = 300
    retries: int = 1
    account: str = PIPELINE_SCHEDULER
    gen1: bool = False
    numbered: bool = False
    state: Literal["ENABLED", "PAUSED", "DISABLED"] = "ENABLED"
    ran: datetime.timedelta | None = datetime.timedelta(0)
    forced: datetime.datetime | None = None
    trouble: Trouble | None = None

    @property
    def audience(self) -> str:
        """The bare address of the target, for which its token is made."""
        if self.gen1:
            return gen1_url(self.service)
        target = Service(self.service)
        return target.numbered_url if self.numbered else target.url

    @property
    def uri(self) -> str:
        """The address that the job calls."""
        return self.audience + self.path


@dataclasses.dataclass(frozen=True)
class Subscription:
    """A push subscription: what is published to the topic is posted to a path of a service, as an account."""

    name: str
    topic: str
    service: str
    path: str = "/"
    account: str = PIPELINE_PUSH

    @property
    def audience(self) -> str:
        """The bare address of the service, for which the token is made."""
        return Service(self.service).url

    @property
    def endpoint(self) -> str:
        """The address to which messages are posted."""
        return self.audience + self.path


@dataclasses.dataclass(frozen=True)
class Platform:
    """Everything that the control planes can be asked about.

    gen1: the names of first-generation functions. ages: by subscription, the seconds since its oldest message that
    nobody acknowledged. garbled: by API, what nonsense it answers. page: how many items a page holds at most, whatever
    is asked for.
    """

    services: tuple[Service, ...] = ()
    jobs: tuple[Job, ...] = ()
    gen1: tuple[str, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    ages: Mapping[str, int] = dataclasses.field(default_factory=dict)
    garbled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    page: int = 1000


def records(world: Platform) -> dict[str, bytes]:
    """Return by service what its deployment wrote down of it, as a JSON document each."""
    return {
        one.name: json.dumps(
            {
                "service": one.name,
                "revision": one.revision,
                "build": one.commit,
                "image": one.image,
                "deployed_at": DEPLOYED.isoformat().replace("+00:00", "Z"),
            }
        ).encode()
        for one in world.services
    }


def gen1_url(name: str) -> str:
    """Return the address of a first-generation function; a Gen2 one answers under the same."""
    return f"https://{REGION}-{PROJECT}.cloudfunctions.net/{name}"


def revision(service: str, *, later: int = 0) -> str:
    """Return the short name of a service's revision, so many deployments later than what was recorded."""
    number = 12 + int(digest(service)[:2], 16) % 80 + later
    return f"{service}-{number:05d}-{digest(f'{service} {number}')[:3]}"


def digest(text: str) -> str:
    """Return 64 hexadecimal figures that only this text has."""
    return hashlib.sha256(text.encode()).hexdigest()

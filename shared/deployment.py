"""The shape of `function.yaml`, the deploy facts of one function; pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

NAME = "function.yaml"


@dataclasses.dataclass(frozen=True)
class Schedule:
    """One Cloud Scheduler job that calls the function."""

    name: str = dataclasses.field(metadata={"pattern": "[a-z][a-z0-9-]{0,99}"})
    cron: str = dataclasses.field(metadata={"description": "Five fields, as Cloud Scheduler reads them."})
    time_zone: str
    body: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    deadline: int = dataclasses.field(
        default=1800, metadata={"minimum": 15, "maximum": 1800, "description": "Seconds."}
    )


@dataclasses.dataclass(frozen=True)
class Function:
    """Deploy facts: what the platform gives a function, as whom it runs, and when it is called."""

    summary: str = dataclasses.field(metadata={"description": "One sentence, for the README and the console."})
    account: str = dataclasses.field(metadata={"description": "E-mail address of the service account."})
    memory: str = dataclasses.field(default="512Mi", metadata={"pattern": "[1-9][0-9]*(Mi|Gi)"})
    cpu: float = 1.0
    timeout: int = dataclasses.field(default=1800, metadata={"minimum": 1, "maximum": 3600, "description": "Seconds."})
    runtime: Literal["python311"] = "python311"
    concurrency: int = dataclasses.field(default=1, metadata={"minimum": 1})
    max_instances: int = dataclasses.field(default=1, metadata={"minimum": 1})
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    secrets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    roles: tuple[str, ...] = ()
    schedules: tuple[Schedule, ...] = ()

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for what the platform would refuse."""
        found = [("secrets", f"{name} is in env too") for name in sorted(self.env.keys() & self.secrets.keys())]
        if self.concurrency > 1 and self.cpu < 1:
            found.append(("concurrency", "needs at least one cpu when above 1"))
        return found

"""What differs between deployments, and who we are: the only reader of the environment."""

import dataclasses
import functools
import json
import os
import pathlib
import re
from collections.abc import Mapping

from shared import errors, report

EMULATORS = ("BIGQUERY_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "CONTROL_PLANE_EMULATOR_HOST")
ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFAULT_TIMEOUT = 1800.0
"""Seconds that a run may count on where the platform does not say: Cloud Scheduler waits no longer for an answer."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """The deployment that a run happens in.

    project: the Google Cloud project, or None to take the account's own. declarations: the folder that holds
    `<function>/<declaration>.yaml`. environment: every variable, for `${NAME}` in declarations. timeout: seconds that
    the platform gives a request. ops_dataset: where the ledger is kept, or None to keep none. reports_topic: where
    reports are published, or None to publish none. control_plane: the address of a stand-in for Google's control
    planes, never set on the platform.
    """

    project: str | None
    ops_bucket: str | None
    declarations: pathlib.Path | None
    environment: Mapping[str, str]
    timeout: float
    build: report.Build
    ops_dataset: str | None = None
    reports_topic: str | None = None
    control_plane: str | None = None

    def declaration(self, function: str, name: str) -> pathlib.Path:
        """Return the file of the declaration `name` of `function`."""
        folder = self.declarations / function if self.declarations else ROOT / "cloud_functions" / function
        return folder / name

    def declares(self, function: str) -> bool:
        """Return whether something is declared for a function: `DECLARATIONS_DIR` may hold some functions' alone."""
        return self.declarations is None or (self.declarations / function).is_dir()

    def pipeline(self) -> pathlib.Path:
        """Return the file that declares the pipeline: that of `DECLARATIONS_DIR` where it has one, else our own."""
        if self.declarations and (self.declarations / "pipeline.yaml").exists():
            return self.declarations / "pipeline.yaml"
        return ROOT / "shared" / "pipeline.yaml"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `environment`, by default the process's; raise InvalidSettings when they contradict."""
    env = dict(os.environ) if environment is None else dict(environment)
    set_emulators = [name for name in EMULATORS if env.get(name)]
    if env.get("K_SERVICE") and set_emulators:
        raise errors.InvalidSettings(
            f"{', '.join(set_emulators)} must not be set on the platform: the function would report on an emulator"
        )
    folder = pathlib.Path(env["DECLARATIONS_DIR"]) if env.get("DECLARATIONS_DIR") else None
    if folder and not folder.is_dir():
        raise errors.InvalidSettings(f"DECLARATIONS_DIR is not a folder: {folder}")
    return Settings(
        project=env.get("GOOGLE_CLOUD_PROJECT") or None,
        ops_bucket=env.get("OPS_BUCKET") or None,
        declarations=folder,
        environment=env,
        timeout=_seconds(env.get("CLOUD_RUN_TIMEOUT_SECONDS")),
        build=dataclasses.replace(_staged(), revision=env.get("K_REVISION") or None),
        ops_dataset=_named("OPS_DATASET", env, "[A-Za-z0-9_]{1,1024}", "dataset"),
        reports_topic=_named("REPORTS_TOPIC", env, "(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}", "topic"),
        control_plane=env.get("CONTROL_PLANE_EMULATOR_HOST") or None,
    )


def _named(variable: str, env: Mapping[str, str], pattern: str, what: str) -> str | None:
    """Return a name that becomes part of SQL or of an address; raise InvalidSettings when it cannot be one."""
    text = env.get(variable)
    if text and not re.fullmatch(pattern, text):
        raise errors.InvalidSettings(f"{variable} is not the name of a {what}: {text[:100]!r}")
    return text or None


def _seconds(text: str | None) -> float:
    if not text:
        return DEFAULT_TIMEOUT
    try:
        return float(text)
    except ValueError as error:
        raise errors.InvalidSettings(f"CLOUD_RUN_TIMEOUT_SECONDS is not a number: {text!r}") from error


@functools.cache
def _staged() -> report.Build:
    """Return what staging wrote beside the code; nothing when the code was not staged."""
    path = ROOT / "build.json"
    facts = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return report.Build(facts.get("commit") or None, facts.get("stage_hash"), None)

"""The environment variables that point the official clients at the embedded cloud, as values and as a shell file.

Variables that the clients themselves read: product code has no local branch. The control planes are asked without a
client of Google's, so that their variable is ours, and refused on the platform.
"""

import contextlib
import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

PROJECT = "nba-props-platform"
# No gserviceaccount.com address: for such a one google-auth asks a Google host in the background where it may act.
ACCOUNT = f"pressbox@{PROJECT}.iam.example"
LOOPBACK = "127.0.0.1,localhost,::1"
# Each of these would lead a client past the embedded cloud to a real one. To the clients an empty value reads as unset.
FOREIGN = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_API_CERTIFICATE_CONFIG",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "NO_GCE_CHECK",
)
# Set by the platform only; present, even empty, they say "this is the platform".
PLATFORM = ("K_SERVICE", "K_REVISION", "K_CONFIGURATION", "FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE")

EMULATORS = (
    "BIGQUERY_EMULATOR_HOST",
    "STORAGE_EMULATOR_HOST",
    "PUBSUB_EMULATOR_HOST",
    "CONTROL_PLANE_EMULATOR_HOST",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
)


def metadata(address: str, *, config: Path) -> dict[str, str]:
    """Return the variables that give `google.auth` its credentials, given the metadata server and an empty folder."""
    return {
        "GCE_METADATA_HOST": address,
        "GCE_METADATA_IP": address,
        "GCE_METADATA_ROOT": address,
        "GCE_METADATA_MTLS_MODE": "none",
        "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
        "GOOGLE_CLOUD_UNIVERSE_DOMAIN": "googleapis.com",
        # Without it a developer's own gcloud login would be found before the metadata server.
        "CLOUDSDK_CONFIG": str(config),
        **dict.fromkeys(FOREIGN, ""),
    }


def emulators(*, bigquery: str, storage: str, pubsub: str, control: str, project: str) -> dict[str, str]:
    """Return the variables that point the clients at the stand-ins; all but Pub/Sub's want a scheme."""
    return dict(zip(EMULATORS, (bigquery, storage, pubsub, control, project, project), strict=True))


def past_proxies(base: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep loopback addresses from any proxy that `base` declares, in both spellings."""
    known = base.get("no_proxy") or base.get("NO_PROXY") or ""
    hosts = known if known == "*" or LOOPBACK in known else ",".join(filter(None, (LOOPBACK, known)))
    return {"no_proxy": hosts, "NO_PROXY": hosts}


def child(base: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child process: `base` without the platform's own marks, then `variables`."""
    return {name: value for name, value in base.items() if name not in PLATFORM} | dict(variables)


def shell(variables: Mapping[str, str]) -> str:
    """Return `variables` as lines that any POSIX shell can source."""
    head = "# Written by `python -m local serve`. Source it, and any official client attaches to the embedded cloud.\n"
    return head + "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Write `variables` to the shell file `path` in one step, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(shell(variables))
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise

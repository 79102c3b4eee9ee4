"""The clients of one process: made on first use, kept, and counted."""

import dataclasses
import functools
import threading
from typing import Any

from google.cloud import bigquery, storage

from shared.gcp import renaming


class Calls:
    """How many requests the clients sent; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = 0

    def count(self, _response: Any = None, *_arguments: Any, **_options: Any) -> None:
        """Count one request; fits as a response hook of `requests`."""
        with self._lock:
            self._total += 1

    @property
    def total(self) -> int:
        """The number of requests answered so far."""
        return self._total


@dataclasses.dataclass(frozen=True)
class Clients:
    """What the adapters need: one client for each service, and the count of their requests."""

    bigquery: bigquery.Client
    storage: storage.Client
    calls: Calls

    @property
    def project(self) -> str:
        """The project that jobs run in and that bills them."""
        return str(self.bigquery.project)


@functools.cache
def connect(project: str | None) -> Clients:
    """Return the clients for `project`, by default the account's own; raise CloudError without credentials."""
    with renaming.renamed("finding the account's credentials"):
        made = Clients(bigquery.Client(project=project), storage.Client(project=project), Calls())
        for client in (made.bigquery, made.storage):
            client._http.hooks["response"].append(made.calls.count)  # noqa: SLF001 - the session has no public name
        return made


def account(used: Clients) -> str:
    """Return the e-mail address of the account that the clients act as, or what is known of it."""
    return str(getattr(used.bigquery._credentials, "service_account_email", "an account without an address"))  # noqa: SLF001 - no public name

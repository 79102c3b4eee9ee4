"""The refusals of the score provider: an HTTP status and one line of why, as JSON."""

import json
from typing import Any

from local.storage import exchange

# After these statuses the provider may say how long to wait.
WAITED_FOR = (429, 503)


class Refused(Exception):
    """An answer other than success; retry_after: how many seconds the provider asks to wait, where it says so."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after

    def response(self) -> exchange.Response:
        """Return the refusal as the provider answers it."""
        told = self.retry_after is not None and self.status in WAITED_FOR
        headers = {"Retry-After": str(self.retry_after)} if told else {}
        return exchange.json_response({"error": self.message}, status=self.status, headers=headers)


def document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body spells, {} for none; raise Refused (400) when it is anything else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused(400, f"The body is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refused(400, "The body is no JSON object.")
    return value

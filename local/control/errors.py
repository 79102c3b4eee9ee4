"""The errors that Google's control planes answer: an HTTP status, its canonical name, and a message."""

import json
from typing import Any

from local.storage import exchange

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class Refused(Exception):
    """An answer other than success; status: its canonical name, by default that of the HTTP code."""

    def __init__(self, code: int, message: str, *, status: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUSES.get(code, "UNKNOWN")
        self.reason = reason

    def response(self) -> exchange.Response:
        """Return the refusal as every one of these APIs answers it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.reason:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": self.reason}
            error["details"] = [info | {"domain": "googleapis.com"}]
        return exchange.json_response({"error": error}, status=self.code)


def invalid(message: str) -> Refused:
    """Return the error for a request that is wrong in itself."""
    return Refused(400, message)


def not_found(message: str) -> Refused:
    """Return the error for what does not exist."""
    return Refused(404, message)


def denied(permission: str, resource: str) -> Refused:
    """Return the error for a caller who lacks a permission, which a foreign project always means."""
    return Refused(403, f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).")


def document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body spells, {} for none; raise Refused (400) when it is anything else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error
    if not isinstance(value, dict):
        raise invalid("Invalid JSON payload received. The body is not a JSON object.")
    return value

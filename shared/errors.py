"""Every error that Pressbox raises on purpose, in one tree.

    PressboxError
    ├── InvalidRequest        the caller's method, path, parameters or body
    ├── InvalidDeclaration    a YAML document of ours or of a fork
    ├── InvalidSettings       the environment of the deployment
    └── CloudError            what Google answered, renamed in shared/gcp
        ├── NotFound          404
        ├── AccessDenied      401, 403
        ├── AlreadyExists     409
        ├── PreconditionFailed  412: somebody else wrote first
        ├── QuotaExceeded     403 or 429 with a quota's reason
        ├── OverLimit         400: a query that would bill more than it may
        ├── Rejected          any other 4xx: the call itself is wrong
        ├── Garbled           an answer that is none: no JSON, or not the shape that was promised
        └── Unavailable       5xx, timeouts, lost connections

`code` is the closed vocabulary of `report.error.code` and of findings' reasons; `retryable` is the one bit that a
loop needs.
"""

from collections.abc import Iterable
from typing import ClassVar


class PressboxError(Exception):
    """An error with a stable code; its message is fit for the report."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False


class InvalidRequest(PressboxError):
    """The call does not say what to do in the words of this function."""

    code = "invalid_request"

    def __init__(self, problems: Iterable[str], *, code: str = "invalid_request") -> None:
        self.problems = tuple(problems)
        self.code = code  # type: ignore[misc]  # narrower than the class: method_not_allowed, not_found, …
        super().__init__("; ".join(self.problems))


class InvalidDeclaration(PressboxError):
    """A declaration with mistakes; `problems` names each with file, line and path."""

    code = "invalid_declaration"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class InvalidSettings(PressboxError):
    """The environment lacks something, or mixes the platform with an emulator."""

    code = "invalid_settings"


class CloudError(PressboxError):
    """What Google answered, in our words."""

    code = "cloud_error"


class NotFound(CloudError):
    """The thing does not exist, or the account may not know that it does."""

    code = "not_found"


class AccessDenied(CloudError):
    """The account lacks a right."""

    code = "access_denied"


class AlreadyExists(CloudError):
    """The thing exists already."""

    code = "already_exists"


class PreconditionFailed(CloudError):
    """Somebody else wrote first."""

    code = "precondition_failed"


class QuotaExceeded(CloudError):
    """A quota or rate limit is used up."""

    code = "quota_exceeded"
    retryable = True


class OverLimit(CloudError):
    """The query would bill more than its own limit allows."""

    code = "over_budget"


class Rejected(CloudError):
    """The call itself is wrong."""

    code = "rejected"


class Garbled(CloudError):
    """The service answered something that cannot be read."""

    code = "garbled"


class Unavailable(CloudError):
    """The service did not answer, or answered that it cannot now."""

    code = "unavailable"
    retryable = True

"""Every error of Google's libraries has a name of ours."""

import inspect

import google.auth.exceptions
import pytest
import requests
from google.api_core import exceptions

from shared import errors
from shared.gcp import renaming

FOREIGN = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, exceptions.GoogleAPICallError)
]


def renamed(error: Exception) -> errors.CloudError:
    """Return what becomes of an error of a library."""
    with pytest.raises(errors.CloudError) as caught, renaming.renamed("doing it"):
        raise error
    return caught.value


@pytest.mark.parametrize("kind", FOREIGN)
def test_every_call_error_is_renamed(kind: type[exceptions.GoogleAPICallError]) -> None:
    """Whatever the API core may raise, now or after an upgrade, comes out as ours and says what we did."""
    ours = renamed(kind("what Google said"))

    assert str(ours).startswith("doing it: ")
    assert "what Google said" in str(ours)


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (exceptions.NotFound("x"), errors.NotFound),
        (exceptions.Forbidden("x"), errors.AccessDenied),
        (exceptions.Forbidden("x", errors=[{"reason": "quotaExceeded"}]), errors.QuotaExceeded),
        (exceptions.Forbidden("x", errors=[{"reason": "rateLimitExceeded"}]), errors.QuotaExceeded),
        (exceptions.Unauthorized("x"), errors.AccessDenied),
        (exceptions.Conflict("x"), errors.AlreadyExists),
        (exceptions.PreconditionFailed("x"), errors.PreconditionFailed),
        (exceptions.TooManyRequests("x"), errors.QuotaExceeded),
        (exceptions.BadRequest("x"), errors.Rejected),
        (exceptions.BadRequest("x", errors=[{"reason": "bytesBilledLimitExceeded"}]), errors.OverLimit),
        (exceptions.InternalServerError("x", errors=[{"reason": "bytesBilledLimitExceeded"}]), errors.OverLimit),
        (exceptions.InternalServerError("x"), errors.Unavailable),
        (exceptions.ServiceUnavailable("x"), errors.Unavailable),
        (exceptions.GatewayTimeout("x"), errors.Unavailable),
        (exceptions.RetryError("x", exceptions.ServiceUnavailable("y")), errors.Unavailable),
        (google.auth.exceptions.DefaultCredentialsError("x"), errors.Unavailable),
        (google.auth.exceptions.RefreshError("x"), errors.AccessDenied),
        (requests.ConnectionError("x"), errors.Unavailable),
        (requests.ReadTimeout("x"), errors.Unavailable),
        (ConnectionResetError("x"), errors.Unavailable),
    ],
)
def test_errors_get_the_right_name(foreign: Exception, ours: type[errors.CloudError]) -> None:
    """The name decides what a person is told to do."""
    assert type(renamed(foreign)) is ours


def test_our_own_mistakes_are_not_renamed() -> None:
    """A bug stays a bug."""
    with pytest.raises(ZeroDivisionError), renaming.renamed("dividing"):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("accessDenied", errors.AccessDenied),
        ("quotaExceeded", errors.QuotaExceeded),
        ("backendError", errors.Unavailable),
        ("notFound", errors.NotFound),
        ("invalid", errors.Rejected),
        ("", errors.Rejected),
    ],
)
def test_job_errors_get_the_right_name(reason: str, ours: type[errors.CloudError]) -> None:
    """A job's errorResult speaks in reasons."""
    assert renaming.of_job({"reason": reason, "message": "x"}) is ours


def test_every_error_of_ours_has_its_own_code() -> None:
    """Codes are what alerts match: no two errors share one."""

    def tree(kind: type[errors.PressboxError]) -> list[type[errors.PressboxError]]:
        return [kind, *(leaf for child in kind.__subclasses__() for leaf in tree(child))]

    codes = [kind.code for kind in tree(errors.PressboxError)]

    assert len(codes) == len(set(codes))

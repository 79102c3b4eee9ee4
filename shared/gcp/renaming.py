"""Foreign errors, renamed at the border: google.api_core, google.auth and requests become `shared.errors`."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import google.auth.exceptions
import requests
from google.api_core import exceptions

from shared import errors

QUOTA_REASONS = frozenset({"quotaExceeded", "rateLimitExceeded", "jobRateLimitExceeded", "userRateLimitExceeded"})
TRANSIENT_REASONS = frozenset({"backendError", "internalError", "jobBackendError", "jobInternalError", "timeout"})
_OWN_REASONS: Mapping[str, type[errors.CloudError]] = {
    "notFound": errors.NotFound,
    "duplicate": errors.AlreadyExists,
    "bytesBilledLimitExceeded": errors.OverLimit,
}
DENIED_REASONS = frozenset({"accessDenied", "forbidden", "billingNotEnabled"})


@contextlib.contextmanager
def renamed(doing: str) -> Iterator[None]:
    """Raise every error of Google's libraries inside as a CloudError that says what we were `doing`."""
    try:
        yield
    except exceptions.GoogleAPICallError as error:
        raise _call(error)(f"{doing}: {_message(error)}") from error
    except exceptions.RetryError as error:
        raise errors.Unavailable(f"{doing}: gave up after retries: {error.cause or error}") from error
    except google.auth.exceptions.RefreshError as error:
        raise errors.AccessDenied(f"{doing}: no credentials: {error}") from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise errors.Unavailable(f"{doing}: {error}") from error
    except (requests.RequestException, ConnectionError, TimeoutError) as error:
        raise errors.Unavailable(f"{doing}: no answer: {type(error).__name__}") from error


def of_job(error_result: Mapping[str, Any]) -> type[errors.CloudError]:
    """Return the class of error that a job's `errorResult` tells of."""
    return of_reason(str(error_result.get("reason", ""))) or errors.Rejected


def of_reason(reason: str) -> type[errors.CloudError] | None:
    """Return the class of error for a reason of BigQuery's or Storage's, or None for a reason without a class."""
    if reason in QUOTA_REASONS:
        return errors.QuotaExceeded
    if reason in TRANSIENT_REASONS:
        return errors.Unavailable
    if reason in DENIED_REASONS:
        return errors.AccessDenied
    return _OWN_REASONS.get(reason)


def _call(error: exceptions.GoogleAPICallError) -> type[errors.CloudError]:
    reasons = {str(item.get("reason", "")) for item in error.errors or () if isinstance(item, dict)}
    if reasons & QUOTA_REASONS or isinstance(error, exceptions.TooManyRequests):
        return errors.QuotaExceeded
    if "bytesBilledLimitExceeded" in reasons:
        return errors.OverLimit
    for foreign, own in (
        (exceptions.NotFound, errors.NotFound),
        (exceptions.Forbidden, errors.AccessDenied),
        (exceptions.Unauthorized, errors.AccessDenied),
        (exceptions.Conflict, errors.AlreadyExists),
        (exceptions.PreconditionFailed, errors.PreconditionFailed),
        (exceptions.ClientError, errors.Rejected),
    ):
        if isinstance(error, foreign):
            return own
    return errors.Unavailable


def _message(error: exceptions.GoogleAPICallError) -> str:
    """Return the first line of Google's own words, without the verb and address that the client puts before them."""
    text = str(error.message or error).strip().split("\n")[0]
    return text.split("prettyPrint=false: ")[-1]

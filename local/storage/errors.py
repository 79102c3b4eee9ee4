"""The errors that Cloud Storage answers, worded as Google words them; how they go over the wire is in `exchange`."""


class ApiError(Exception):
    """An answer other than success: HTTP status, reason for programs, message for people, Content-Range of a 416."""

    def __init__(self, status: int, reason: str, message: str, *, content_range: str = "") -> None:
        super().__init__(message)
        self.content_range = content_range
        self.status = status
        self.reason = reason
        self.message = message


def invalid(message: str) -> ApiError:
    """Return the error for a request that is wrong in itself."""
    return ApiError(400, "invalid", message)


def required(parameter: str) -> ApiError:
    """Return the error for a query parameter that is missing."""
    return ApiError(400, "required", f"Required parameter: {parameter}")


def no_bucket() -> ApiError:
    """Return the error for a bucket that does not exist."""
    return ApiError(404, "notFound", "The specified bucket does not exist.")


def no_object(bucket: str, name: str) -> ApiError:
    """Return the error for an object, or a generation of it, that does not exist."""
    return ApiError(404, "notFound", f"No such object: {bucket}/{name}")


def no_route(method: str, path: str) -> ApiError:
    """Return the error for a call that Cloud Storage does not have."""
    return ApiError(404, "notFound", f"Not Found: {method} {path}")


def condition_not_met() -> ApiError:
    """Return the error for a precondition that did not hold."""
    return ApiError(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")


def not_modified() -> ApiError:
    """Return the answer to a read whose caller already has what is there."""
    return ApiError(304, "notModified", "")


def conflict(message: str) -> ApiError:
    """Return the error for a change that what exists does not allow."""
    return ApiError(409, "conflict", message)


def denied(caller: str, permission: str) -> ApiError:
    """Return the error for a caller who lacks `permission`."""
    on_object = permission.startswith("storage.objects.") and permission != "storage.objects.list"
    kind = "object" if on_object else "bucket"
    return ApiError(
        403,
        "forbidden",
        f"{caller} does not have {permission} access to the Google Cloud Storage {kind}. "
        f"Permission '{permission}' denied on resource (or it may not exist).",
    )


def held(bucket: str, name: str, *, hold: str) -> ApiError:
    """Return the error for an object that a hold protects; `hold` is "Temporary" or "Event-Based"."""
    return ApiError(
        403,
        "objectUnderActiveHold",
        f"Object '{bucket}/{name}' is under active {hold} hold and cannot be deleted, overwritten or archived "
        "until hold is removed.",
    )


def retained(bucket: str, name: str, *, until: str) -> ApiError:
    """Return the error for an object that a retention policy protects."""
    return ApiError(
        403,
        "retentionPolicyNotMet",
        f"Object '{bucket}/{name}' is subject to bucket's retention policy or object retention and cannot be "
        f"deleted or overwritten until {until}",
    )


def checksum_mismatch(kind: str, *, provided: str, calculated: str) -> ApiError:
    """Return the error for bytes with another checksum than the caller gave; `kind` is "CRC32C" or "MD5 hash"."""
    return invalid(f'Provided {kind} "{provided}" doesn\'t match calculated {kind} "{calculated}".')


def out_of_range(size: int) -> ApiError:
    """Return the error for a byte range that an object of `size` bytes does not have."""
    message = "The requested range cannot be satisfied."
    return ApiError(416, "requestedRangeNotSatisfiable", message, content_range=f"bytes */{size}")


def left_out(feature: str) -> ApiError:
    """Return the error for what the real service can do and this stand-in cannot: never a silent success."""
    return ApiError(501, "notImplemented", f"The Cloud Storage stand-in does not have {feature}.")

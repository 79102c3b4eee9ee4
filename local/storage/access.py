"""What the caller may do: everything, except what a bucket was told to deny (`POST /_buckets/<name>/deny`)."""

from local.storage import errors, store


def need(bucket: store.Bucket, *permissions: str) -> None:
    """Return nothing given that the caller has all `permissions`; raise ApiError (403) for the first it lacks."""
    for permission in permissions:
        if permission in bucket.denied:
            raise errors.denied(store.CALLER, permission)


def held(bucket: store.Bucket, asked: list[str]) -> list[str]:
    """Return those of the `asked` permissions that the caller has."""
    return [permission for permission in asked if permission not in bucket.denied]

"""Who may read the bucket: nothing is published where everybody may and that is not declared; CORS is that declared."""

from typing import Any, NamedTuple

import pytest

from cloud_functions.live_export import access, declaration
from shared import errors
from shared.statuses import Status
from tests.cloud_functions.live_export import stories

SITE, OTHER = "https://site.example", "https://other.example"
DENIED = errors.AccessDenied("no right to look")
EXPORTS = stories.declared(EXPORT_BUCKET="site-bucket", EXPORT_ORIGIN=SITE)
PRIVATE = stories.replaced(EXPORTS, public=False)
SUBJECT = "gs://site-bucket"


class Entry(NamedTuple):
    """One CORS entry of a bucket, as the adapter tells it."""

    origins: tuple[str, ...] = (SITE,)
    methods: tuple[str, ...] = ("GET", "HEAD")


@pytest.mark.parametrize("public", [True, False, DENIED])
def test_what_is_declared_public_is_never_refused(public: Any) -> None:
    """Whoever may read it."""
    assert access.refusal(EXPORTS, access.Seen(public, ())) is None


def test_a_private_bucket_is_not_refused() -> None:
    """It is what was declared."""
    assert access.refusal(PRIVATE, access.Seen(public=False, cors=())) is None


def test_a_public_bucket_is_refused_unless_declared() -> None:
    """Judged bad, with both ways out."""
    found = access.refusal(PRIVATE, access.Seen(public=True, cors=()))
    assert found is not None
    assert (found.status, found.reason, found.subject, found.kind) == (Status.FAIL, "public", SUBJECT, "access")
    assert (found.observed, found.expected) == ("public", "private")
    assert "allUsers" in str(found.fix)
    assert "public: true" in str(found.fix)


def test_a_bucket_that_cannot_be_known_is_refused() -> None:
    """Not judged, and nothing is published on a guess; the cause and the missing rights are told."""
    found = access.refusal(PRIVATE, access.Seen(DENIED, ()))
    assert found is not None
    assert (found.status, found.reason, found.subject) == (Status.ERROR, "access_unknown", SUBJECT)
    assert "no right to look" in found.message
    assert "getIamPolicy" in str(found.fix)


GOOD = (Entry(),)


def told(exports: declaration.Exports, public: Any = True, cors: Any = GOOD) -> list[tuple[str, str, str]]:  # noqa: FBT002 - a value of the bucket
    """Return (subject, status, reason) of all findings."""
    return [(one.subject, one.status.value, one.reason) for one in access.findings(exports, access.Seen(public, cors))]


def test_all_as_declared() -> None:
    """One finding, and it passes."""
    assert told(EXPORTS) == [(f"{SUBJECT}#cors", "pass", "declared")]
    (found,) = access.findings(EXPORTS, access.Seen(public=True, cors=(Entry(),)))
    assert (found.observed, found.expected, found.fix) == (SITE, SITE, None)


def test_a_bucket_that_is_declared_public_and_is_not() -> None:
    """Readers would get nothing: a warning with the command; unknown is not told as private."""
    assert told(EXPORTS, public=False) == [(SUBJECT, "warn", "not_public"), (f"{SUBJECT}#cors", "pass", "declared")]
    assert told(EXPORTS, public=DENIED) == told(EXPORTS)
    assert told(PRIVATE, public=False) == told(EXPORTS)
    found = next(access.findings(EXPORTS, access.Seen(public=False, cors=())))
    assert (found.observed, found.expected) == ("private", "public")
    assert found.fix == (
        "gcloud storage buckets add-iam-policy-binding gs://site-bucket "
        "--member=allUsers --role=roles/storage.objectViewer"
    )


def test_cors_that_cannot_be_read_is_unknown() -> None:
    """And not a pass."""
    assert told(EXPORTS, cors=DENIED) == [(f"{SUBJECT}#cors", "unknown", "cors_unknown")]


@pytest.mark.parametrize(
    ("entries", "status", "reason"),
    [
        ((Entry((SITE,)),), "pass", "declared"),
        ((Entry((SITE,), ("GET", "HEAD", "OPTIONS")),), "pass", "declared"),
        ((Entry((SITE,), ("GET",)), Entry((SITE,), ("HEAD",))), "pass", "declared"),
        ((Entry((SITE,), ("GET", "PUT")),), "fail", "cors_methods"),
        ((Entry((SITE,)), Entry((SITE,), ("DELETE",))), "fail", "cors_methods"),
        ((Entry((SITE,), ("*",)),), "fail", "cors_methods"),
        ((Entry(("*",)),), "fail", "cors_wildcard"),
        ((Entry((SITE, "https://*.example")),), "fail", "cors_wildcard"),
        ((Entry((SITE,)), Entry(("*",), ("PUT",))), "fail", "cors_wildcard"),
        ((Entry((OTHER,)),), "warn", "cors_differs"),
        ((Entry((SITE, OTHER)),), "warn", "cors_differs"),
        ((Entry(()),), "warn", "cors_differs"),
        ((), "warn", "cors_differs"),
    ],
)
def test_cors_of_the_bucket(entries: tuple[Entry, ...], status: str, reason: str) -> None:
    """Everybody is worse than writing, and writing worse than another site."""
    assert told(EXPORTS, cors=entries) == [(f"{SUBJECT}#cors", status, reason)]
    (found,) = access.findings(EXPORTS, access.Seen(public=True, cors=entries))
    assert (found.fix is None) == (status == "pass")


def test_the_methods_that_write_are_named() -> None:
    """In one order, each once, without those that read."""
    cors = (Entry((SITE,), ("PUT", "GET")), Entry((SITE,), ("DELETE", "PUT")))
    (found,) = access.findings(EXPORTS, access.Seen(public=True, cors=cors))
    assert found.message == "the bucket lets pages send DELETE, PUT"


def test_without_declared_sites_none_may_read() -> None:
    """No CORS at all is as declared then, and any is not."""
    without = stories.replaced(EXPORTS, cors=None)
    assert told(without, cors=()) == [(f"{SUBJECT}#cors", "pass", "declared")]
    assert told(without) == [(f"{SUBJECT}#cors", "warn", "cors_differs")]
    (found,) = access.findings(without, access.Seen(public=True, cors=(Entry((OTHER, SITE)),)))
    assert (found.observed, found.expected) == (f"{OTHER}, {SITE}", "none")

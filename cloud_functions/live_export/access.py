"""Who may read what is published: everybody only where that is declared, and pages of declared sites only; pure."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

from cloud_functions.live_export import declaration
from shared import errors, wording
from shared.report import Finding
from shared.statuses import Status

KIND = "access"
METHODS = ("GET", "HEAD")


class CorsEntry(Protocol):
    """One CORS entry of a bucket."""

    @property
    def origins(self) -> Sequence[str]:
        """Whose pages may read."""

    @property
    def methods(self) -> Sequence[str]:
        """By which methods."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the bucket says of itself. public: whether everybody may read it, or why that is not known."""

    public: bool | errors.CloudError
    cors: Sequence[CorsEntry] | errors.CloudError


def refusal(exports: declaration.Exports, seen: Seen) -> Finding | None:
    """Return why nothing may be published into the bucket, or None: it is public, or may be, and is not declared so."""
    if exports.public or seen.public is False:
        return None
    subject = f"gs://{exports.bucket}"
    if isinstance(seen.public, errors.CloudError):
        message = f"whether everybody may read the bucket cannot be known, so nothing is published: {seen.public}"
        fix = "grant storage.buckets.get and getIamPolicy, enforce public access prevention, or declare public: true"
        return Finding(subject, KIND, Status.ERROR, "access_unknown", message, fix=fix)
    message = "everybody may read the bucket, and exports.yaml does not declare it public: nothing is published"
    fix = "take allUsers out of the bucket's policy, or declare public: true"
    return Finding(subject, KIND, Status.FAIL, "public", message, observed="public", expected="private", fix=fix)


def findings(exports: declaration.Exports, seen: Seen) -> Iterator[Finding]:
    """Yield what readers would notice: a bucket that is declared public and is not, and CORS that differs."""
    subject = f"gs://{exports.bucket}"
    if exports.public and seen.public is False:
        message = "exports.yaml declares the bucket public, and nobody but accounts with rights may read it"
        role = "--member=allUsers --role=roles/storage.objectViewer"
        fix = f"gcloud storage buckets add-iam-policy-binding {subject} {role}"
        yield Finding(subject, KIND, Status.WARN, "not_public", message, observed="private", expected="public", fix=fix)
    if isinstance(seen.cors, errors.CloudError):
        message = f"the bucket's CORS could not be read: {seen.cors}"
        fix = f"grant storage.buckets.get on {subject}"
        yield Finding(f"{subject}#cors", KIND, Status.UNKNOWN, "cors_unknown", message, fix=fix)
        return
    declared = set(exports.cors.origins) if exports.cors else set()
    yield _cors(exports, seen.cors, declared)


def _cors(exports: declaration.Exports, found: Sequence[CorsEntry], declared: set[str]) -> Finding:
    allowed = {origin for entry in found for origin in entry.origins}
    writing = {method for entry in found for method in entry.methods} - {*METHODS, "OPTIONS"}
    status, reason, message = Status.PASS, "declared", "pages of the declared sites may read it, and no others"
    if any("*" in origin for origin in allowed):
        status, reason, message = Status.FAIL, "cors_wildcard", "the bucket lets pages of every site read it"
    elif writing:
        told = wording.listed(sorted(writing))
        status, reason, message = Status.FAIL, "cors_methods", f"the bucket lets pages send {told}"
    elif allowed != declared:
        message = "the sites that may read the bucket are not those that are declared"
        status, reason = Status.WARN, "cors_differs"
    command = f"gcloud storage buckets update gs://{exports.bucket} --cors-file=FILE"
    return Finding(
        f"gs://{exports.bucket}#cors",
        KIND,
        status,
        reason,
        message,
        observed=", ".join(sorted(allowed)) or "none",
        expected=", ".join(sorted(declared)) or "none",
        fix=None if status is Status.PASS else f"{command}, with the declared origins, GET and HEAD",
    )

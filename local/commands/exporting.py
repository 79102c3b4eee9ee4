"""What live_export needs of this machine: the provider's stand-in with the demo night, and a bucket for readers."""

import contextlib
from collections.abc import Iterator, Mapping

from local import cloud
from local.scores import server, warehouse
from local.world import facts

BUCKET, ORIGIN = "EXPORT_BUCKET", "EXPORT_ORIGIN"
PREFIX = "v1"
NOWHERE = "https://scores.invalid/v1"
BEFORE = -60
"""The minute of the demo night at which it begins: an hour before the first tip-off."""


@contextlib.contextmanager
def scores(embedded: cloud.Cloud) -> Iterator[server.Server]:
    """Yield the score provider's stand-in, an hour before the demo night begins."""
    with contextlib.closing(embedded.bigquery_client()) as client:
        started = server.serve(warehouse.night(client, facts.LAST_DAY))
    try:
        started.at(BEFORE)
        yield started
    finally:
        started.close()


def variables(embedded: cloud.Cloud, provider: server.Server | None, declared: Mapping[str, str]) -> dict[str, str]:
    """Return what leads live_export to the provider, and its readers to what it publishes.

    Without a demo world there is no night to replay, and the provider's address leads nowhere.
    """
    return {
        "SCORES_API_URL": f"{provider.url}/v1" if provider else NOWHERE,
        "SCORES_API_KEY": provider.key if provider else "none",
        "EXPORT_URL": published(embedded, declared),
    }


def published(embedded: cloud.Cloud, declared: Mapping[str, str]) -> str:
    """Return the address below which everybody reads what is published."""
    return f"{embedded.storage.url}/{declared[BUCKET]}/{PREFIX}"


def open_bucket(embedded: cloud.Cloud, declared: Mapping[str, str]) -> None:
    """Let everybody read the export's bucket, and pages of the declared site, as the deployment would."""
    with contextlib.closing(embedded.storage_client()) as client:
        bucket = client.bucket(declared[BUCKET])
        bucket.cors = [
            {
                "origin": [declared[ORIGIN]],
                "method": ["GET", "HEAD"],
                "responseHeader": ["Content-Type", "ETag"],
                "maxAgeSeconds": 3600,
            }
        ]
        bucket.patch()
        policy = bucket.get_iam_policy(requested_policy_version=3)
        binding = {"role": "roles/storage.objectViewer", "members": {"allUsers"}}
        if binding not in policy.bindings:
            policy.bindings.append(binding)
            bucket.set_iam_policy(policy)

"""Puts the demo platform into an embedded cloud: what deployments recorded, and who is pushed to."""

from typing import Any

from google.api_core import exceptions

from local.world import platform_demo

RECORDS = "deployments/"


def seed(storage: Any, publisher: Any, subscriber: Any, *, project: str, ops_bucket: str) -> None:
    """Write the records through the official clients, and make the push subscriptions."""
    records = storage.bucket(ops_bucket)
    for name, content in platform_demo.records().items():
        _write(records, f"{RECORDS}{name}.json", content)
    try:
        platform_demo.make_subscriptions(publisher, subscriber, project)
    except exceptions.AlreadyExists:
        return  # the second start of one cloud


def _write(bucket: Any, name: str, content: bytes) -> None:
    bucket.blob(name).upload_from_string(content, content_type="application/json")

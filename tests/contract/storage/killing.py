"""A stand-in in a process of its own that is killed amid uploads."""

import concurrent.futures
import contextlib
import hashlib
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import requests
from google.auth import credentials
from google.cloud import storage


def noise(size: int) -> bytes:
    """Return bytes that do not compress, the same for the same size."""
    return hashlib.shake_128(str(size).encode()).digest(size)


def upload_until_killed(place: Path, enough: int) -> dict[str, int]:
    """Return the last acknowledged generation of each name, uploaded by three threads until the server was killed."""
    acknowledged: dict[str, int] = {}
    heard = threading.Semaphore(0)
    with subprocess_on(place) as (process, url), concurrent.futures.ThreadPoolExecutor(3) as pool:
        uploads = [pool.submit(_keep_uploading, url, f"{number}/", acknowledged, heard) for number in range(3)]
        for _ in range(enough):
            assert heard.acquire(timeout=60)
        process.kill()
    assert [upload.exception() for upload in uploads] == [None] * 3
    return acknowledged


def _keep_uploading(url: str, prefix: str, acknowledged: dict[str, int], heard: threading.Semaphore) -> None:
    client = client_of(url)
    bucket = client.bucket("a-bucket")
    for number in itertools.count():
        blob = bucket.blob(f"{prefix}{number % 5}")
        try:
            blob.upload_from_string(noise(100_000 + number), retry=None)
        except requests.ConnectionError:
            client.close()
            return
        acknowledged[blob.name] = blob.generation
        heard.release()


def client_of(url: str) -> storage.Client:
    """Return a client of the stand-in at `url`."""
    return storage.Client(
        "contract-project", credentials=credentials.AnonymousCredentials(), client_options={"api_endpoint": url}
    )


@contextlib.contextmanager
def subprocess_on(place: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Yield a stand-in's process on the directory `place`, and its address; it is killed afterwards."""
    program = [sys.executable, "-m", "local.storage", "--directory", str(place)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()

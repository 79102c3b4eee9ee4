"""Reads the published site as a browser does: the manifest, then what it names, side by side, with gzip taken.

Decides nothing but what to read next. Where bytes and manifest disagree, something may have been published between the
two reads, or a cache may hold older bytes: after a pause everything is read once more.
"""

import concurrent.futures
import functools
import time
from collections.abc import Callable, Sequence
from urllib import parse

import requests

from cloud_functions.live_freshness_monitor import seen
from shared import web
from shared.exports import manifest

HEADERS = {"User-Agent": "pressbox-live-freshness-monitor", "Accept": "application/json"}
Fetch = Callable[[str], seen.Got]


def look(asked: seen.Asked) -> seen.Site:
    """Return what the site holds, read a second time where its parts do not belong together."""
    first = _look(asked)
    if not seen.doubtful(asked, first):
        return first
    time.sleep(asked.declared.again_seconds)
    second = _look(asked)
    # A manifest that was there a moment ago and is not now is told by the next run, and not mixed with these pages.
    return first if isinstance(second.manifest, str) else second


def _look(asked: seen.Asked) -> seen.Site:
    """Return what the site holds at a first look."""
    ends = time.monotonic() + asked.declared.seconds
    with web.session() as session:
        fetch = functools.partial(_fetch, session, asked, ends)
        answered = fetch(asked.manifest_path)
        read = _manifest(answered)
        return seen.Site(answered, read, _pages(fetch, seen.paths(asked, read), asked.declared.parallel))


def _manifest(answered: seen.Got) -> manifest.Manifest | str:
    if isinstance(answered, seen.Silence):
        return answered.message
    if answered.status != seen.OK:
        return f"it is answered with status {answered.status}"
    return "it cannot be decompressed" if answered.body is None else manifest.decode(answered.body)


def _pages(fetch: Fetch, paths: Sequence[str], parallel: int) -> dict[str, seen.Got]:
    with concurrent.futures.ThreadPoolExecutor(parallel, thread_name_prefix="reading") as pool:
        return dict(zip(paths, pool.map(fetch, paths), strict=True))


def _fetch(session: requests.Session, asked: seen.Asked, ends: float, path: str) -> seen.Got:
    left = ends - time.monotonic()
    if left <= 0:
        return seen.Silence(f"there was no time left of {asked.declared.seconds:g} s")
    # What a manifest names stays below the base, whatever it is.
    url = f"{asked.declared.url.rstrip('/')}/{parse.quote(path.lstrip('/'))}"
    try:
        answer = web.get(session, url, seconds=left, most_bytes=asked.declared.most_bytes, headers=HEADERS)
    except web.Undecodable:
        return seen.Page(seen.OK, None, None)
    except web.NoAnswer as error:
        return seen.Silence(str(error))
    return seen.Page(answer.status, answer.headers.get("Cache-Control"), answer.body)

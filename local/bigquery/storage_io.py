"""The Cloud Storage that extract jobs write to and load jobs read from, over its JSON API."""

import dataclasses
import fnmatch
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from local.bigquery import job_states

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, GONE_WRONG = 401, 403, 404, 500
COUNTER_DIGITS = 12
# The answer to a request that Cloud Storage could not serve now is worth asking again.
_RETRIES = urllib3.Retry(total=3, backoff_factor=0.1, status_forcelist=(429, 502, 503, 504), allowed_methods=None)


@dataclasses.dataclass(frozen=True)
class Uri:
    """A gs:// address: the bucket, and the object's name, in which one `*` may stand for any text."""

    bucket: str
    name: str

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name}"

    def numbered(self, number: int) -> "Uri":
        """Return the address with its `*` replaced by a number, as BigQuery writes it."""
        return Uri(self.bucket, self.name.replace("*", f"{number:0{COUNTER_DIGITS}d}"))

    @property
    def wildcard(self) -> bool:
        """Return whether the name stands for several objects."""
        return "*" in self.name


@dataclasses.dataclass(frozen=True)
class Object:
    """One object to be read: its address and its size in bytes."""

    uri: Uri
    size: int


@dataclasses.dataclass(frozen=True)
class Storage:
    """A connection to Cloud Storage at `url`."""

    url: str
    pool: urllib3.PoolManager

    def check_bucket(self, uri: Uri) -> None:
        """Raise job_states.Failure when the address's bucket does not exist, or may not be seen."""
        self._ask("GET", f"/storage/v1/b/{quote(uri.bucket, safe='')}", uri, "reading")

    def write(self, uri: Uri, data: bytes) -> None:
        """Write one object; raise job_states.Failure when that is refused."""
        query = urlencode({"uploadType": "media", "name": uri.name})
        path = f"/upload/storage/v1/b/{quote(uri.bucket, safe='')}/o?{query}"
        self._ask("POST", path, uri, "writing", body=data, headers={"content-type": "application/octet-stream"})

    def find(self, uri: Uri) -> list[Object]:
        """Return the objects that an address stands for, by name; raise job_states.Failure when there is none."""
        prefix = uri.name.split("*", 1)[0]
        listed = self._list(uri, prefix)
        found = [entry for entry in listed if _matches(entry["name"], uri.name)]
        if not found:
            raise job_states.Failure("notFound", f"Not found: Files {uri}" if uri.wildcard else f"Not found: URI {uri}")
        return [Object(Uri(uri.bucket, entry["name"]), int(entry["size"])) for entry in found]

    def read(self, uri: Uri) -> bytes:
        """Return an object's bytes as they are stored; raise job_states.Failure when that is refused."""
        path = f"/storage/v1/b/{quote(uri.bucket, safe='')}/o/{quote(uri.name, safe='')}?alt=media"
        # Without this header an object kept as gzip would be unpacked on the way.
        return bytes(self._ask("GET", path, uri, "reading", headers={"accept-encoding": "gzip"}).data)

    def _list(self, uri: Uri, prefix: str) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            query = urlencode({"prefix": prefix} | ({"pageToken": token} if token else {}))
            answer = self._ask("GET", f"/storage/v1/b/{quote(uri.bucket, safe='')}/o?{query}", uri, "reading")
            page = json.loads(answer.data)
            yield from page.get("items", [])
            token = page.get("nextPageToken", "")
            if not token:
                return

    def _ask(self, method: str, path: str, uri: Uri, verb: str, **sent: Any) -> Any:
        try:
            answer = self.pool.request(method, self.url + path, decode_content=False, retries=_RETRIES, **sent)
        except urllib3.exceptions.HTTPError as broken:
            raise job_states.Failure("backendError", f"Cloud Storage did not answer for {uri}: {broken}") from broken
        _judge(answer.status, uri, verb)
        return answer


def connect(url: str) -> Storage:
    """Return a connection to the Cloud Storage at `url`."""
    return Storage(url.rstrip("/"), urllib3.PoolManager(maxsize=32, timeout=urllib3.Timeout(60)))


def parse(uri: str) -> Uri:
    """Return the parts of a gs:// address; raise job_states.Failure when it is none."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket or not name:
        raise job_states.Failure("invalid", f"Source URI must be a Google Cloud Storage location: {uri}", uri)
    if name.count("*") > 1:
        raise job_states.Failure("invalid", f"Only one wildcard is allowed in a URI: {uri}", uri)
    return Uri(bucket, name)


def _matches(name: str, pattern: str) -> bool:
    literal = "".join(f"[{char}]" if char in "?[" else char for char in pattern)
    return fnmatch.fnmatchcase(name, literal)


def _judge(status: int, uri: Uri, verb: str) -> None:
    if status == NOT_FOUND:
        raise job_states.Failure("notFound", f"Not found: URI {uri}", str(uri))
    if status in (UNAUTHORIZED, FORBIDDEN):
        message = f"Access Denied: BigQuery BigQuery: Permission denied while {verb} data."
        raise job_states.Failure("accessDenied", message, str(uri))
    if status >= GONE_WRONG:
        raise job_states.Failure("backendError", f"Cloud Storage answered {status} for {uri}", str(uri))
    if status >= 400:  # noqa: PLR2004 -- whatever else Cloud Storage refuses
        raise job_states.Failure("invalid", f"Cloud Storage refused {uri} with status {status}", str(uri))

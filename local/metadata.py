"""A fake metadata server: gives the official clients their credentials, project and identity as the platform does.

Point the clients at it with GCE_METADATA_HOST, GCE_METADATA_IP and GCE_METADATA_ROOT, each "127.0.0.1:PORT". Its access
token opens nothing, and its identity tokens are unsecured ("alg": "none"), so any verifier refuses them. Below
/computeMetadata/ a request needs the header "Metadata-Flavor: Google" and must not have been forwarded, as on the
platform. Left out: waiting for changes, recursive reads of other folders than an account's, writing, token binding.
"""

import base64
import dataclasses
import functools
import json
import socketserver
import threading
import time
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib import parse

NUMERIC_PROJECT = "123456789012"
REGION = "us-central1"
ZONE = f"{REGION}-1"
INSTANCE = "1234567890123456789"
TOKEN = "embedded-cloud-token"  # noqa: S105 - a public constant that opens nothing
SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email")
LIFETIME_SECONDS = 3600

_ROOT = "/computeMetadata/v1/"
_ACCOUNTS = "instance/service-accounts/"
_IDLE_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the server says: a status, a body and the body's type."""

    status: HTTPStatus
    body: str
    kind: str = "application/text"


class Server:
    """A running metadata server; `address` is "127.0.0.1:PORT"."""

    def __init__(self, listener: socketserver.ThreadingTCPServer) -> None:
        self.address = f"127.0.0.1:{listener.server_address[1]}"
        self._listener = listener
        self._thread = threading.Thread(target=listener.serve_forever, args=(0.05,), name="metadata", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; afterwards the port is free."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()


def serve(*, port: int = 0, project: str, account: str) -> Server:
    """Return a metadata server that listens on `port` and speaks for `account` in `project`; raise OSError if taken."""
    return Server(_Listener(("127.0.0.1", port), functools.partial(_Handler, project, account)))


def answer(target: str, headers: Message, *, project: str, account: str, now: float) -> Answer:
    """Return what the metadata server says at the time `now` to a GET of `target`, a path with its query."""
    split = parse.urlsplit(target)
    query = dict(parse.parse_qsl(split.query))
    if split.path in ("", "/"):
        return Answer(HTTPStatus.OK, "computeMetadata/\n")
    if headers.get("Metadata-Flavor") != "Google":
        return Answer(HTTPStatus.FORBIDDEN, "Missing Metadata-Flavor:Google header.\n")
    if "X-Forwarded-For" in headers:
        return Answer(HTTPStatus.FORBIDDEN, "The header X-Forwarded-For is not allowed.\n")
    values = _values(project, account)
    path = parse.unquote(split.path).removeprefix(_ROOT).replace(f"{_ACCOUNTS}{account}", f"{_ACCOUNTS}default")
    if path == f"{_ACCOUNTS}default/token":
        return _json({"access_token": TOKEN, "expires_in": LIFETIME_SECONDS - 1, "token_type": "Bearer"})
    if path == f"{_ACCOUNTS}default/identity":
        return _identity(query.get("audience", ""), account=account, now=now)
    if path.rstrip("/") == f"{_ACCOUNTS}default" and query.get("recursive", "").lower() == "true":
        return _json({"aliases": ["default"], "email": account, "scopes": list(SCOPES)})
    if path in values:
        return Answer(HTTPStatus.OK, values[path])
    return _listing(path, values)


def identity_token(audience: str, *, account: str, now: float) -> str:
    """Return an unsecured JSON web token in which `account` addresses `audience`, valid for an hour."""
    subject = str(int.from_bytes(account.encode(), "big") % 10**21)
    claims = {
        "aud": audience,
        "azp": subject,
        "email": account,
        "email_verified": True,
        "exp": int(now) + LIFETIME_SECONDS,
        "iat": int(now),
        "iss": "https://accounts.google.com",
        "sub": subject,
    }
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(part.decode().rstrip("=") for part in parts) + "."


def _values(project: str, account: str) -> dict[str, str]:
    return {
        "instance/id": INSTANCE,
        "instance/region": f"projects/{NUMERIC_PROJECT}/regions/{REGION}",
        "instance/zone": f"projects/{NUMERIC_PROJECT}/zones/{ZONE}",
        f"{_ACCOUNTS}default/aliases": "default\n",
        f"{_ACCOUNTS}default/email": account,
        f"{_ACCOUNTS}default/scopes": "".join(f"{scope}\n" for scope in SCOPES),
        "project/numeric-project-id": NUMERIC_PROJECT,
        "project/project-id": project,
        "universe/universe-domain": "googleapis.com",
    }


def _identity(audience: str, *, account: str, now: float) -> Answer:
    if not audience:
        return Answer(HTTPStatus.BAD_REQUEST, "non-empty audience parameter required\n")
    return Answer(HTTPStatus.OK, identity_token(audience, account=account, now=now))


def _listing(path: str, values: Mapping[str, str]) -> Answer:
    folder = path.rstrip("/") + "/" if path else ""
    below = [name.removeprefix(folder) for name in values if name.startswith(folder)]
    if not below or path.startswith("/"):
        return Answer(HTTPStatus.NOT_FOUND, f"no metadata at {path}\n")
    names = {name.split("/", 1)[0] + ("/" if "/" in name else "") for name in below}
    return Answer(HTTPStatus.OK, "".join(f"{name}\n" for name in sorted(names)))


def _json(value: dict[str, Any]) -> Answer:
    return Answer(HTTPStatus.OK, json.dumps(value), "application/json")


class _Listener(socketserver.ThreadingTCPServer):
    """A listener that leaves its port at once; not http.server's, which asks the network for this machine's name."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    """Says over HTTP what `answer` returns."""

    timeout = _IDLE_SECONDS

    def __init__(self, project: str, account: str, *connection: Any) -> None:
        self._project = project
        self._account = account
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Answer one request."""
        said = answer(self.path, self.headers, project=self._project, account=self._account, now=time.time())
        body = said.body.encode()
        self.send_response(said.status)
        self.send_header("Content-Type", said.kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Metadata-Flavor", "Google")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts: object) -> None:
        """Say nothing on the terminal."""

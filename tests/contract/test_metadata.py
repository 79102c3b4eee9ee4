"""Claims about the fake metadata server: the unmodified clients find credentials, project and identity in it."""

import base64
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import metadata

ROOT = Path(__file__).parents[2]
PROJECT = "some-project"
ACCOUNT = "someone@some-project.iam.gserviceaccount.com"
DEFAULT = "instance/service-accounts/default"


@pytest.fixture(scope="module")
def server() -> Iterator[metadata.Server]:
    """Yield a metadata server."""
    running = metadata.serve(project=PROJECT, account=ACCOUNT)
    yield running
    running.close()


def child(server: metadata.Server, program: str, **more: str) -> Any:
    """Return what a fresh interpreter prints as JSON, when all that it knows of the world is the metadata server."""
    variables = dict.fromkeys(("GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT"), server.address)
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import json\n{program}"],
        env={"NO_PROXY": "127.0.0.1", **variables, **more},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def get(server: metadata.Server, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers of the answer to a GET."""
    request = urllib.request.Request(f"http://{server.address}{path}", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return response.status, response.read().decode(), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def value(server: metadata.Server, path: str) -> str:
    """Return the metadata at `path`."""
    status, body, _ = get(server, f"/computeMetadata/v1/{path}", **{"Metadata-Flavor": "Google"})
    assert status == 200, body
    return body


@pytest.mark.parametrize("home", ["none", "empty"])
def test_default_credentials(server: metadata.Server, home: str, tmp_path: Path) -> None:
    """`google.auth.default()` finds account, project and a token that lasts, with an empty home folder or with none."""
    program = """
import google.auth, google.auth.transport.requests
credentials, project = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(google.auth.transport.requests.Request())
print(json.dumps([project, credentials.service_account_email, credentials.token, credentials.valid]))
"""
    more = {"HOME": str(tmp_path)} if home == "empty" else {"HOME": str(tmp_path / "missing")}
    assert child(server, program, **more) == [PROJECT, ACCOUNT, metadata.TOKEN, True]


def test_a_bigquery_client_needs_no_argument(server: metadata.Server, tmp_path: Path) -> None:
    """`bigquery.Client()` takes its project and its universe from the metadata server."""
    program = """
from google.cloud import bigquery
client = bigquery.Client()
print(json.dumps([client.project, client._credentials.universe_domain, type(client._credentials).__module__]))
"""
    expected = [PROJECT, "googleapis.com", "google.auth.compute_engine.credentials"]
    assert child(server, program, HOME=str(tmp_path)) == expected


def test_an_identity_token(server: metadata.Server, tmp_path: Path) -> None:
    """`fetch_id_token` gets a token that says for whom, by whom, and until when."""
    program = """
import google.auth.jwt, google.auth.transport.requests, google.oauth2.id_token
token = google.oauth2.id_token.fetch_id_token(google.auth.transport.requests.Request(), "https://some.run.app")
print(json.dumps(google.auth.jwt.decode(token, verify=False)))
"""
    claims = child(server, program, HOME=str(tmp_path))
    assert (claims["aud"], claims["email"], claims["email_verified"]) == ("https://some.run.app", ACCOUNT, True)
    assert claims["iat"] <= time.time() < claims["exp"] == claims["iat"] + 3600


def test_a_verifier_refuses_the_identity_token(server: metadata.Server) -> None:
    """The token declares that it has no signature, and has none."""
    head, _, signature = value(server, f"{DEFAULT}/identity?audience=a").split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"] == "none"
    assert signature == ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("project/project-id", PROJECT),
        ("project/numeric-project-id", metadata.NUMERIC_PROJECT),
        ("instance/id", metadata.INSTANCE),
        ("instance/region", f"projects/{metadata.NUMERIC_PROJECT}/regions/us-central1"),
        ("instance/zone", f"projects/{metadata.NUMERIC_PROJECT}/zones/us-central1-1"),
        ("universe/universe-domain", "googleapis.com"),
        (f"{DEFAULT}/email", ACCOUNT),
        (f"instance/service-accounts/{ACCOUNT}/email", ACCOUNT),
        (f"{DEFAULT}/scopes", "".join(f"{scope}\n" for scope in metadata.SCOPES)),
        ("", "instance/\nproject/\nuniverse/\n"),
        ("project/", "numeric-project-id\nproject-id\n"),
    ],
)
def test_plain_values(server: metadata.Server, path: str, expected: str) -> None:
    """Each path has its value, and a folder lists what is in it."""
    assert value(server, path) == expected


def test_an_account_is_read_in_one_request(server: metadata.Server) -> None:
    """A recursive read of an account's folder is JSON."""
    expected = {"aliases": ["default"], "email": ACCOUNT, "scopes": list(metadata.SCOPES)}
    assert json.loads(value(server, f"{DEFAULT}/?recursive=true")) == expected


def test_the_root_says_that_this_is_the_platform(server: metadata.Server) -> None:
    """The root answers also without the header, and tells the flavor: so the platform is recognised."""
    status, _, headers = get(server, "/")
    assert (status, headers["Metadata-Flavor"]) == (200, "Google")


def test_the_flavor_header_is_demanded_and_returned(server: metadata.Server) -> None:
    """A request below the root without the header is refused, and every answer has it."""
    status, body, headers = get(server, "/computeMetadata/v1/project/project-id")
    assert (status, headers["Metadata-Flavor"]) == (403, "Google")
    assert "Metadata-Flavor" in body


def test_a_forwarded_request_is_refused(server: metadata.Server) -> None:
    """Nobody reaches the credentials through a proxy."""
    more = {"Metadata-Flavor": "Google", "X-Forwarded-For": "10.0.0.1"}
    assert get(server, f"/computeMetadata/v1/{DEFAULT}/token", **more)[0] == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/computeMetadata/v1/{DEFAULT}/identity", 400),
        ("/computeMetadata/v1/instance/service-accounts/other@example.com/email", 404),
        ("/computeMetadata/v1/instance/hostnam", 404),
        ("/computeMetadata/v1/project/project-id/more", 404),
        ("/elsewhere", 404),
    ],
)
def test_wrong_requests(server: metadata.Server, path: str, status: int) -> None:
    """A wrong path is not found, and an identity needs an audience."""
    assert get(server, path, **{"Metadata-Flavor": "Google"})[0] == status


def test_a_closed_server_frees_its_port() -> None:
    """After `close` another server may have the same port at once."""
    first = metadata.serve(project=PROJECT, account=ACCOUNT)
    assert value(first, "project/project-id") == PROJECT
    first.close()
    second = metadata.serve(port=int(first.address.rpartition(":")[2]), project="other", account=ACCOUNT)
    try:
        assert value(second, "project/project-id") == "other"
    finally:
        second.close()

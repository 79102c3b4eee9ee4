"""Functions run staged, one process each, and the gateway brings requests to them unchanged."""

import contextlib
import dataclasses
import http.client
import json
import pathlib
import socket
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deploy import stage
from local import functions, gateway, processes
from shared import errors

ECHO = '''"""Echo."""

import os
import sys

import flask


def echo(request):
    """Answer with what was asked, and with what this process is."""
    if request.path == "/end":
        os.kill(os.getpid(), 9)
    answer = flask.jsonify(
        method=request.method, path=request.full_path, body=request.get_data().decode("latin-1"),
        headers=dict(request.headers), variables=dict(os.environ), folder=os.getcwd(), sys_path=sys.path,
    )
    answer.headers["X-Told"] = "yes"
    return answer, 200 if request.path == "/" else 418
'''
FILES = {
    "requirements.txt": "",
    "cloud_functions/__init__.py": "",
    "cloud_functions/echo/main.py": ECHO,
    "cloud_functions/echo/function.yaml": (
        "summary: Says <it> again.\naccount: a@b\ntimeout: 90\nenv: {FROM_MANIFEST: declared, OVERRIDDEN: declared}\n"
    ),
    "cloud_functions/broken/main.py": "import absent_library\n",
    "cloud_functions/broken/function.yaml": "summary: Broken.\naccount: a@b\n",
    "cloud_functions/undeclared/main.py": "def undeclared(request):\n    return ''\n",
    "cloud_functions/undeclared/function.yaml": "summary: No account.\n",
    "shared/__init__.py": "",
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back through the gateway."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return the root of a small repository with functions of its own."""
    root = tmp_path_factory.mktemp("repository")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(scope="module")
def up(tree: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[functions.Function, str]]:
    """Yield the running function `echo` and the address of the gateway before it."""
    data = tmp_path_factory.mktemp("data")
    with functions.running(["echo"], root=tree, data_dir=data, variables={"OVERRIDDEN": "local"}) as running:
        server = gateway.serve(running)
        yield running[0], f"127.0.0.1:{server.port}"
        server.close()


def _call(address: str, method: str, target: str, *, body: Any = None, **headers: str) -> Answer:
    with contextlib.closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body=body, headers=sent, encode_chunked="Transfer-Encoding" in sent)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


@pytest.mark.parametrize(
    ("target", "path", "status"),
    [
        ("/echo", "/?", 200),
        ("/echo/", "/?", 200),
        ("/echo?probe=1&a=%2F%20b", "/?probe=1&a=%2F%20b", 200),
        ("/echo/some/where?x=1?2", "/some/where?x=1?2", 418),
        ("/echo/echo", "/echo?", 418),
    ],
)
def test_the_prefix_alone_is_taken_off(up: tuple[functions.Function, str], target: str, path: str, status: int) -> None:
    """Path, query and status pass unchanged, but for the name of the function."""
    answer = _call(up[1], "GET", target)
    assert (answer.status, answer.json["path"]) == (status, path)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_method_headers_and_body_pass(up: tuple[functions.Function, str], method: str) -> None:
    """The function sees the method, the bytes and the headers of the caller, and the caller those of the function."""
    sent = bytes(range(256)) * 1000
    answer = _call(up[1], method, "/echo", body=sent, X_Trace="1/2", Content_Type="application/octet-stream")
    told = answer.json
    assert (told["method"], told["body"].encode("latin-1")) == (method, sent)
    assert (told["headers"]["X-Trace"], told["headers"]["Host"]) == ("1/2", up[1])
    assert answer.headers["X-Told"] == "yes"


def test_a_body_in_chunks_passes(up: tuple[functions.Function, str]) -> None:
    """A caller who does not know the length beforehand is understood."""
    answer = _call(up[1], "POST", "/echo", body=iter([b"one ", b"two"]), Transfer_Encoding="chunked")
    assert (answer.json["body"], answer.json["headers"]["Content-Length"]) == ("one two", "7")


def test_a_head_has_no_body(up: tuple[functions.Function, str]) -> None:
    """HEAD reaches the function, and its answer tells a length but sends nothing; the connection stays usable."""
    with contextlib.closing(http.client.HTTPConnection(up[1], timeout=60)) as connection:
        connection.request("HEAD", "/echo")
        head = connection.getresponse()
        assert (head.status, head.read(), int(head.headers["Content-Length"]) > 0) == (200, b"", True)
        connection.request("GET", "/echo")
        assert json.loads(connection.getresponse().read())["method"] == "GET"


@pytest.mark.parametrize("target", ["/", "/absent"])
def test_a_head_of_the_gateway_itself_has_no_body(up: tuple[functions.Function, str], target: str) -> None:
    """What the gateway answers by itself to HEAD ends with its headers, or the next answer would be read wrongly."""
    host, _, port = up[1].partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"HEAD {target} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.endswith(b"\r\n\r\n")


def test_headers_of_the_connection_do_not_pass(up: tuple[functions.Function, str]) -> None:
    """What speaks of the caller's connection, or is named there, stays with it."""
    answer = _call(up[1], "GET", "/echo", Connection="keep-alive, X-Mine", X_Mine="1", Keep_Alive="5")
    assert not {"X-Mine", "Keep-Alive"} & answer.json["headers"].keys()


def test_the_function_runs_from_its_stage_with_its_own_environment(up: tuple[functions.Function, str]) -> None:
    """The process has what the manifest declares, what the caller overrides, and nothing of the repository's path."""
    function, address = up
    told = _call(address, "GET", "/echo").json
    variables = told["variables"]
    assert (variables["FROM_MANIFEST"], variables["OVERRIDDEN"]) == ("declared", "local")
    assert variables["CLOUD_RUN_TIMEOUT_SECONDS"] == "90"
    assert told["folder"] == str(function.directory)
    assert "PYTHONPATH" not in variables
    assert str(stage.REPOSITORY) not in told["sys_path"]


def test_the_root_lists_the_functions(up: tuple[functions.Function, str]) -> None:
    """`/` answers with JSON to a program; the page is listed apart."""
    answer = _call(up[1], "GET", "/")
    assert answer.json["functions"] == [{"name": "echo", "path": "/echo", "summary": "Says <it> again."}]
    assert [page["path"] for page in answer.json["pages"]] == ["/tonight"]


def test_the_root_is_a_page_for_a_browser(up: tuple[functions.Function, str]) -> None:
    """`/` answers with HTML to a browser, escaped, and its links start no run."""
    answer = _call(up[1], "GET", "/", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'<a href="/echo?probe=1">echo</a>: Says &lt;it&gt; again.' in answer.body
    assert b'<a href="/tonight">tonight</a>' in answer.body


@pytest.mark.parametrize("target", ["/absent", "/absent/echo", "/ECHO", "/echo%2F", "/favicon.ico"])
def test_an_unknown_function_is_refused_with_the_known_ones(up: tuple[functions.Function, str], target: str) -> None:
    """What is no function is a 404 that lists those that are."""
    answer = _call(up[1], "POST", target, body=b"{}")
    assert (answer.status, answer.json["error"]["code"]) == (404, "unknown_function")
    assert "functions: echo" in answer.json["error"]["message"]


def test_the_root_takes_no_orders(up: tuple[functions.Function, str]) -> None:
    """A POST to `/` is refused, and told where to go."""
    assert _call(up[1], "POST", "/", body=b"{}").status == 405


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /echo HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n", b"413"),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort", b"400"),
        (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", b"413"),
        (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3000000\r\n", b"413"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(up: tuple[functions.Function, str], sent: bytes, status: bytes) -> None:
    """A body whose length is wrong or too large never reaches the function, and the connection ends."""
    host, _, port = up[1].partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(sent)
        if sent.endswith(b"short"):
            connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'"code": "bad_request"' in answer


def test_a_process_that_dies_in_a_request_is_a_502(up: tuple[functions.Function, str]) -> None:
    """When the answer never comes, the gateway says so, and which log to read."""
    answer = _call(up[1], "GET", "/echo/end")
    assert (answer.status, answer.json["error"]["code"]) == (502, "function_down")
    assert str(up[0].log) in answer.json["error"]["message"]


def test_a_function_that_is_gone_is_a_502(tmp_path: pathlib.Path) -> None:
    """A function on whose port nobody listens is named with its log, and the others go on."""
    gone = functions.Function("gone", "Gone.", processes.free_port(), tmp_path / "gone.log", tmp_path)
    server = gateway.serve([gone])
    answer = _call(f"127.0.0.1:{server.port}", "POST", "/gone", body=b"{}")
    server.close()
    assert answer.status == 502
    assert f"read {tmp_path / 'gone.log'}" in answer.json["error"]["message"]


def test_a_taken_port_is_named() -> None:
    """Two gateways on one port: the second says which port it is, and what to do."""
    first = gateway.serve([])
    with pytest.raises(gateway.GatewayError, match=rf"port {first.port} .*--port"):
        gateway.serve([], port=first.port)
    first.close()


def test_a_closed_gateway_listens_no_more() -> None:
    """After `close` the port is free."""
    server = gateway.serve([])
    server.close()
    gateway.serve([], port=server.port).close()


def test_a_function_that_does_not_start_is_quoted(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The error names the function and ends with its log; what was started before it is ended."""
    with (
        pytest.raises(processes.ProcessError, match=r"(?s)broken ended with code 1.*No module named 'absent_library'"),
        functions.running(["echo", "broken"], root=tree, data_dir=tmp_path, variables={}),
    ):
        pass
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout  # noqa: S607 - found on the path
    assert str(tmp_path) not in listed


def test_a_manifest_with_a_mistake_is_refused(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A function whose deploy facts are wrong does not run here either."""
    with (
        pytest.raises(errors.InvalidDeclaration, match="account: is missing"),
        functions.running(["undeclared"], root=tree, data_dir=tmp_path, variables={}),
    ):
        pass


def test_a_second_start_stages_anew(tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What an older run staged in the same place is replaced."""
    stale = tmp_path / "stages/echo/shared/stale.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("")
    with functions.running(["echo"], root=tree, data_dir=tmp_path, variables={}, commit="c0ffee") as running:
        built = json.loads((running[0].directory / "build.json").read_text())
    assert (built["commit"], stale.exists()) == ("c0ffee", False)

"""What the tests of the entrypoint's surroundings share: a function of a test's own, and where its reports go."""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import flask
import grpc
import jsonschema
import pytest
import requests

from shared import contract, entrypoint, settings
from shared.report import Finding
from shared.statuses import Status
from tests.contract.pubsub import tools

SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
NAME = "bigquery_backup"


@dataclasses.dataclass(frozen=True)
class Asked:
    """Nothing can be asked."""


Given = contract.Run[None, Asked]


@dataclasses.dataclass(frozen=True)
class Ops:
    """Where reports of one test go."""

    bucket: str
    dataset: str
    bigquery: Any
    storage: Any
    faults: str

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table of the ledger, none when there is no table."""
        if table not in [item.table_id for item in self.bigquery.list_tables(self.dataset)]:
            return []
        return [dict(row) for row in self.bigquery.query_and_wait(f"SELECT * FROM `{self.dataset}.{table}`")]

    def objects(self) -> list[str]:
        """Return the names of all objects in the bucket."""
        return [blob.name for blob in self.storage.list_blobs(self.bucket)]

    def stored(self) -> dict[str, Any]:
        """Return the one report in the bucket."""
        (blob,) = self.storage.list_blobs(self.bucket, prefix="reports/")
        value: dict[str, Any] = json.loads(blob.download_as_bytes())
        return value

    def strike(self, **fault: Any) -> None:
        """Arm a fault of BigQuery."""
        requests.post(self.faults, json=fault, timeout=10).raise_for_status()

    def struck(self) -> int:
        """Return how many faults were committed."""
        return int(requests.get(self.faults, timeout=10).json()["committed"])


@dataclasses.dataclass(frozen=True)
class Topic:
    """A topic of one test, and what it was sent."""

    name: str
    subscription: str
    bench: tools.Bench

    def messages(self) -> list[Any]:
        """Return the messages that nobody has been given yet."""
        return [received.message for received in self.bench.pull_now(self.subscription)]


def function(run: Callable[[Given], contract.Outcome], **changes: Any) -> contract.Function[None, Asked]:
    """Return a function that does `run`."""
    base = contract.Function(
        name=NAME,
        request=Asked,
        declare=lambda _: None,
        run=run,
        scope=lambda _, __: None,
        lease_seconds=lambda _: 30.0,
        reach=lambda _: contract.Reach((), ()),
    )
    return dataclasses.replace(base, **changes)


def answer(asked: contract.Function[None, Any], **options: Any) -> flask.Response:
    """Return what a function answers to a test request with these options."""
    with flask.Flask("test").test_request_context(**options):
        return entrypoint.serve(asked)(flask.request)


def told(response: flask.Response) -> dict[str, Any]:
    """Return the validated report of an answer."""
    value: dict[str, Any] = json.loads(response.get_data())
    jsonschema.validate(value, SCHEMA)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return value


def call(run: Callable[[Given], contract.Outcome], **options: Any) -> dict[str, Any]:
    """Return the validated report of a function that does `run`, which is answered with 200 in any case."""
    return told(answer(function(run), **options))


def seen(status: Status = Status.PASS, observed: float = 3, **more: Any) -> Callable[[Given], contract.Outcome]:
    """Return a run that finds one thing of some status."""
    found = (Finding("d.t", "rows", status, "because", "seen", observed=observed),)
    return lambda _: contract.Outcome("in short", found, **more)


def good(_: Given) -> contract.Outcome:
    """Find one thing that is good."""
    return contract.Outcome("in short", (Finding("d.t", "rows", Status.PASS, "enough", "seen", observed=3),))


def crash(_: Given) -> contract.Outcome:
    """Do what nobody foresaw."""
    raise ZeroDivisionError


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged since this was asked last."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def severity(capsys: pytest.CaptureFixture[str]) -> str:
    """Return that of the last line in the log."""
    return str(lines(capsys)[-1]["severity"])


class _Everything(grpc.GenericRpcHandler):
    def __init__(self, act: Callable[[bytes, grpc.ServicerContext], bytes]) -> None:
        self._handler = grpc.unary_unary_rpc_method_handler(act)

    def service(self, _details: Any) -> Any:
        return self._handler


@contextlib.contextmanager
def answering(act: Callable[[bytes, grpc.ServicerContext], bytes]) -> Iterator[str]:
    """Yield the address of a gRPC server that answers every method with `act`."""
    served = grpc.server(futures.ThreadPoolExecutor(8), handlers=[_Everything(act)], options=[("grpc.so_reuseport", 0)])
    port = served.add_insecure_port("127.0.0.1:0")
    served.start()
    yield f"127.0.0.1:{port}"
    served.stop(grace=None).wait()


def refusing(code: grpc.StatusCode, message: str) -> Callable[[bytes, grpc.ServicerContext], NoReturn]:
    """Return what refuses every call with a status of gRPC."""

    def refuse(_request: bytes, context: grpc.ServicerContext) -> NoReturn:
        context.abort(code, message)
        raise AssertionError("abort always raises")

    return refuse

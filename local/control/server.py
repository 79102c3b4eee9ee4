"""A stand-in of Google's control planes over REST; the API's host is the first segment of the path.

It serves the demo platform (`local.world.platform_demo`), or another, as it is at the instant of the call: jobs of
Cloud Scheduler, functions of Cloud Functions, services and policies of Cloud Run, entries of Cloud Logging, ages of
Cloud Monitoring. Of changes it knows only to pause, resume and run a job. What it does not have it refuses.
The hooks for tests are in `hooks`; a fault's `match` sees the first 64 KiB of a body.
"""

import datetime

from local import answering, faults, serving
from local import hooks as common
from local.control import errors, hooks, routes
from local.control.world import Clock, World
from local.storage import exchange
from local.world import platform, platform_demo


class Server:
    """A running stand-in; close it to free its port."""

    def __init__(self, http_server: "_HttpServer") -> None:
        self._http = http_server
        self.faults = http_server.faults
        self.url = f"http://127.0.0.1:{http_server.server_port}"
        http_server.begin("control")

    def close(self) -> None:
        """Stop serving, cut every connection, and wait for what is being answered."""
        self.faults.clear()
        self._http.end()


def serve(*, port: int = 0, now: Clock | None = None, world: platform.Platform | None = None) -> Server:
    """Return a stand-in that serves on 127.0.0.1; raise OSError when the port is taken.

    now: tells the instant, by default this machine's clock. world: what is served, by default the demo platform.
    """
    return Server(_HttpServer(port, World(world or platform_demo.build(), now or _clock)))


def _clock() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class _HttpServer(serving.Listener):
    def __init__(self, port: int, world: World) -> None:
        self.world = world
        self.faults = faults.Faults()
        self.counter = common.Counter()
        super().__init__(port, _Handler)


class _Handler(answering.Handler):
    server_version = "ESF"
    server: _HttpServer

    def refusal(self, status: int, message: str) -> exchange.Response:
        return errors.Refused(status, message).response()

    def struck(self, fault: faults.Fault) -> exchange.Response:
        return errors.Refused(fault.status, fault.message, reason=fault.reason).response()

    def hook(self, request: exchange.Request) -> exchange.Response:
        return hooks.run(self.server.world, request, armed=self.server.faults, counted=self.server.counter)

    def call(self, request: exchange.Request) -> str:
        return routes.name_of(request)

    def run(self, request: exchange.Request) -> exchange.Response:
        return routes.answer(self.server.world, request)

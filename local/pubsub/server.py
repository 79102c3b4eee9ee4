"""The Pub/Sub stand-in: Google's services over gRPC, for the unmodified clients; everything is gone when it closes.

Left out, and answered with UNIMPLEMENTED: snapshots, seeking, schemas, access policies.
"""

import functools
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, NoReturn

import grpc
from google.pubsub_v1 import types

from local.pubsub import publisher, push, refusals, state, subscriber

# Each pull that waits and each open stream keeps a thread; threads are made when needed.
THREADS = 256

_OPTIONS = (
    ("grpc.so_reuseport", 0),  # else two servers could share a port, and each would get half of the calls
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)
_SCHEMAS = "google.pubsub.v1.SchemaService"
_SNAPSHOTS = ("CreateSnapshot", "GetSnapshot", "ListSnapshots", "UpdateSnapshot", "DeleteSnapshot", "Seek")
_SCHEMA_METHODS = (
    "CreateSchema",
    "GetSchema",
    "ListSchemas",
    "ListSchemaRevisions",
    "CommitSchema",
    "RollbackSchema",
    "DeleteSchemaRevision",
    "DeleteSchema",
    "ValidateSchema",
    "ValidateMessage",
)


class Server:
    """A running Pub/Sub stand-in; `address` is "127.0.0.1:PORT"."""

    def __init__(self, address: str, served: grpc.Server, pusher: push.Pusher, known: state.State) -> None:
        self.address = address
        self._known = known
        self._served = served
        self._pusher = pusher

    def pending(self) -> int:
        """Return how many messages wait for, or are with, the subscribers of all subscriptions."""
        return self._known.pending()

    def close(self) -> None:
        """Stop pushing, cut all calls and streams, and free the port."""
        self._pusher.close()
        self._served.stop(grace=None).wait()


def serve(*, port: int = 0) -> Server:
    """Return a Pub/Sub stand-in that listens on `port`, a free one if 0; raise OSError when the port is taken."""
    # A stand-in that starts anew must not use the ids of an earlier one again: subscribers remember them.
    known = state.State(first=time.time_ns() // 1000)
    served = grpc.server(futures.ThreadPoolExecutor(THREADS, thread_name_prefix="pubsub"), options=_OPTIONS)
    served.add_generic_rpc_handlers(_services(known))
    try:
        bound = served.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} is taken") from error
    served.start()
    return Server(f"127.0.0.1:{bound}", served, push.Pusher(known), known)


def _services(known: state.State) -> tuple[Any, ...]:
    publishing = {name: _unary(known, act, kind) for name, (act, kind) in publisher.METHODS.items()}
    publishing["DetachSubscription"] = _unary(known, subscriber.detach_subscription, types.DetachSubscriptionRequest)
    publishing["ListTopicSnapshots"] = _refused("snapshots")
    pulling = {name: _unary(known, act, kind) for name, (act, kind) in subscriber.METHODS.items()}
    pulling |= {name: _refused("snapshots and seeking") for name in _SNAPSHOTS}
    pulling["Pull"] = grpc.unary_unary_rpc_method_handler(
        functools.partial(_pull, known), types.PullRequest.pb(None).FromString, _bytes
    )
    pulling["StreamingPull"] = grpc.stream_stream_rpc_method_handler(
        functools.partial(_stream, known), types.StreamingPullRequest.pb(None).FromString, _bytes
    )
    services = {
        publisher.SERVICE: publishing,
        subscriber.SERVICE: pulling,
        _SCHEMAS: {name: _refused("schemas") for name in _SCHEMA_METHODS},
    }
    return tuple(grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items())


def _unary(known: state.State, act: Callable[[state.State, Any], Any], kind: Any) -> Any:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return act(known, request)
        except refusals.Refused as refused:
            _abort(context, refused)

    return grpc.unary_unary_rpc_method_handler(answer, kind.pb(None).FromString, _bytes)


def _refused(what: str) -> Any:
    def answer(_request: bytes, context: grpc.ServicerContext) -> NoReturn:
        _abort(context, refusals.uncovered(what))

    return grpc.unary_unary_rpc_method_handler(answer)


def _pull(known: state.State, request: Any, context: grpc.ServicerContext) -> Any:
    try:
        return subscriber.pull(known, request, active=_active(known, context))
    except refusals.Refused as refused:
        _abort(context, refused)


def _stream(known: state.State, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
    try:
        yield from subscriber.streaming_pull(known, requests, active=_active(known, context))
    except refusals.Refused as refused:
        _abort(context, refused)


def _active(known: state.State, context: grpc.ServicerContext) -> Callable[[], bool]:
    """Return the question whether the caller is still there; when it leaves, whoever waits for news is woken."""

    def wake() -> None:
        with known.changed:
            known.changed.notify_all()

    # The end of a call that is over already is told at once, by returning False.
    ended = not context.add_callback(wake)

    def active() -> bool:
        left = context.time_remaining()
        return not ended and context.is_active() and (left is None or left > 0)

    return active


def _abort(context: grpc.ServicerContext, refused: refusals.Refused) -> NoReturn:
    context.abort(grpc.StatusCode[refused.code], refused.message)
    raise AssertionError("abort always raises")


def _bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString())

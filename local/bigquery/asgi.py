"""What the middlewares of this package share: read a request, replay it, capture an answer, send one."""

import dataclasses
import gzip
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GZIP_MAGIC = b"\x1f\x8b"


@dataclasses.dataclass(frozen=True)
class Answer:
    """A complete HTTP answer: status, header pairs and body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def read_body(receive: Receive) -> bytes:
    """Return the whole request body, as it came over the wire."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def unpacked(body: bytes) -> bytes:
    """Return a request body without its compression; raise ValueError when it is damaged."""
    try:
        return gzip.decompress(body) if body.startswith(GZIP_MAGIC) else body
    except (OSError, EOFError) as damaged:
        raise ValueError(f"malformed gzip body: {damaged}") from damaged


def json_body(body: bytes) -> Any:
    """Return the JSON value of a request body, gzipped or plain; raise ValueError when it is none."""
    return json.loads(unpacked(body) or b"{}")


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out `body` once, and afterwards whatever the connection still says."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


async def capture(app: App, scope: Scope, receive: Receive) -> Answer:
    """Return what `app` answers to this request, without sending it."""
    head: Message = {}
    chunks: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, keep)
    return Answer(head["status"], tuple(head["headers"]), b"".join(chunks))


async def send_answer(send: Send, answer: Answer) -> None:
    """Send a captured answer, with the length that its body has now."""
    headers = [pair for pair in answer.headers if pair[0].lower() != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def send_json(send: Send, status: int, value: object) -> None:
    """Send `value` as a JSON answer."""
    headers = ((b"content-type", b"application/json; charset=UTF-8"),)
    await send_answer(send, Answer(status, headers, json.dumps(value).encode()))

"""Posts messages to their channels, with pauses and within a budget; the only part that speaks to foreign hosts.

The address of a channel is a secret, and errors of `requests` quote it: none of their texts leaves this module.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import requests

from cloud_functions.alert_relay import declaration, outbox, payload
from cloud_functions.alert_relay.state import Message
from shared import web

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_WORD = re.compile(r"[a-z_]{3,40}")


class _Try(NamedTuple):
    """What one request came to: an error or None, whether it may pass, and seconds that the host asked for."""

    error: str | None
    passing: bool = False
    wait: float = 0.0


class _Means(NamedTuple):
    """What all tries of a run share: `left` tells the seconds that remain, none when the run must stop."""

    session: requests.Session
    retry: declaration.Retry
    left: Callable[[], float]


def deliver(
    sent: Sequence[Message], declared: declaration.Alerts, *, stop: Callable[[], str | None]
) -> tuple[outbox.Result, ...]:
    """Return what became of each message; a channel that fails for a passing reason is asked once a run.

    A message to a channel that is no longer declared goes where the last route leads, which takes everything.
    """
    ends = time.monotonic() + declared.retry.budget_seconds
    with web.session() as session:
        means = _Means(session, declared.retry, lambda: 0.0 if stop() else ends - time.monotonic())
        return tuple(_each(sent, declared, means))


def _each(sent: Sequence[Message], declared: declaration.Alerts, means: _Means) -> Iterator[outbox.Result]:
    channels = {channel.id: channel for channel in declared.channels}
    down: set[str] = set()
    for message in sent:
        channel = channels.get(message.channel) or channels[declared.routes[-1].channel]
        if channel.id in down:
            yield outbox.Result(message, 0, "the channel did not take an earlier message", passing=True)
            continue
        result = _send(message, channel, means)
        if result.error and result.passing:
            down.add(channel.id)
        yield result


def _send(message: Message, channel: declaration.Channel, means: _Means) -> outbox.Result:
    content = json.dumps(payload.of(message, channel), ensure_ascii=False).encode()
    tried = _Try("the run's time was used up before", passing=True)
    tries = 0
    while tries < means.retry.tries and means.left() > 0:
        tries += 1
        tried = _post(channel.url, content, means)
        pause = tried.wait or min(means.retry.longest_seconds, means.retry.first_seconds * 2 ** (tries - 1))
        if tried.error is None or not tried.passing or tries == means.retry.tries or pause >= means.left():
            break
        time.sleep(pause)
    return outbox.Result(message, tries, tried.error, passing=tried.passing, wait=tried.wait)


def _post(url: str, content: bytes, means: _Means) -> _Try:
    timeout = (min(CONNECT_SECONDS, max(0.1, means.left())), min(READ_SECONDS, max(0.1, means.left())))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "pressbox-alert-relay"}
    try:
        with means.session.post(
            url, data=content, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        ) as response:
            return _answered(response)
    except (requests.RequestException, UnicodeError) as error:
        return _Try(f"no answer: {type(error).__name__}", passing=True)


def _answered(response: requests.Response) -> _Try:
    status = response.status_code
    if requests.codes.ok <= status < requests.codes.multiple_choices:
        return _Try(None)
    if status in web.PASSING or status >= requests.codes.internal_server_error:
        return _Try(f"HTTP {status}", passing=True, wait=web.retry_after(response.headers))
    if status < requests.codes.bad_request:
        return _Try(f"HTTP {status}: a redirect, which is not followed")
    return _Try(f"HTTP {status}{_said(response)}")


def _said(response: requests.Response) -> str:
    """Return the word in which Slack names a mistake, like `invalid_blocks`; nothing else is quoted."""
    text = next(response.iter_content(64), b"").decode("ascii", "replace").strip()
    return f": {text}" if _WORD.fullmatch(text) else ""

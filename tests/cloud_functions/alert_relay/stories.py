"""What tests of the relay tell: reports at their hours, and what is told of them."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_functions.alert_relay import declaration, news, relay, state
from shared import declarations
from shared.statuses import Status

START = datetime.datetime(2026, 2, 12, 12, tzinfo=datetime.UTC)
MANY = 20
ALERTS = """
channels: [{id: team, kind: webhook, url: "https://hooks.example/a"}]
routes: [{match: {}, channel: team, owner: data}]
"""


def alerts(text: str = "", *, head: str = ALERTS) -> declaration.Alerts:
    """Return a declaration with one channel for everything, and more."""
    return declarations.parse(declaration.Alerts, head + text, source="alerts.yaml", environment={})


def at(hours: float) -> datetime.datetime:
    """Return the instant so many hours after the story's start."""
    return START + datetime.timedelta(hours=hours)


def said(name: str, status: str, **changes: Any) -> news.Said:
    """Return a finding of kind rows."""
    values: dict[str, Any] = {"id": f"rows:{name}", "subject": name, "kind": "rows", "reason": "too_few"}
    values |= {"severity": "critical", "message": f"{name} is {status}", "status": Status(status)}
    return news.Said(**(values | changes))


def report(hours: float, *findings: news.Said, **changes: Any) -> news.News:
    """Return a report of validation_runner on the suite `post_game`."""
    values: dict[str, Any] = {"function": "validation_runner", "scope": "post_game", "findings": findings}
    values |= {"run_id": f"run-{hours}", "started_at": at(hours), "delivery": news.Delivery("delivered")}
    return news.News(**(values | changes))


@dataclasses.dataclass
class Story:
    """What the relay remembers from call to call, and all that it told."""

    declared: declaration.Alerts = dataclasses.field(default_factory=alerts)
    known: state.State = dataclasses.field(default_factory=state.State)
    told: list[state.Message] = dataclasses.field(default_factory=list)
    held: Mapping[relay.Held, int] = dataclasses.field(default_factory=dict)

    def call(self, hours: float, reports: Sequence[news.News] = ()) -> list[state.Message]:
        """Return what is told at an hour, given the reports that came; the outbox is emptied at once."""
        decision = relay.decide(self.known, reports, self.declared, at(hours))
        if len(decision.state.entries) < MANY:  # to read 200 findings takes a while
            assert state.decode(state.encode(decision.state)) == decision.state
        self.known = dataclasses.replace(decision.state, outbox=())
        self.told += decision.messages
        self.held = decision.held
        return list(decision.messages)

    def tell(self, hours: float, *findings: news.Said, **changes: Any) -> list[tuple[str, str]]:
        """Return (change, subject) of all that is told on one report at an hour."""
        return changes_of(self.call(hours, [report(hours, *findings, **changes)]))

    def sweep(self, hours: float) -> list[tuple[str, str]]:
        """Return (change, subject) of all that is told at an hour without a report."""
        return changes_of(self.call(hours))


def changes_of(messages: Sequence[state.Message]) -> list[tuple[str, str]]:
    """Return (change, subject) of all items of messages, in their order."""
    return [(item.change, item.subject) for message in messages for item in message.items]

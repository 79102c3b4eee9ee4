"""How many messages a storm of findings comes to: the relay's decision over three days, and what simpler rules send.

`python -m bench.alerts`: findings that change between good and bad at every quarter of an hour, or by chance. Beside
the relay stand one message for each change, as an edge trigger sends it, and one for each report that is not all good.
No clock, no network: the instants are made up, and the same on every machine.
"""

import dataclasses
import datetime
import random
import time

from cloud_functions.alert_relay import declaration, news, relay
from cloud_functions.alert_relay.state import State
from shared.statuses import Status

START = datetime.datetime(2026, 2, 12, tzinfo=datetime.UTC)
QUARTERS = 3 * 96
FINDINGS = 200
CHANNEL = declaration.Channel("team", "webhook", "https://hooks.example/storm")
DECLARED = declaration.Alerts((CHANNEL,), (declaration.Route("team", "team"),))
STORMS = ((1.0, 1), (1.0, 4), (0.5, 1), (0.5, 4), (0.2, 1))
"""The chance of each finding to change in a quarter of an hour, and the number of reports that hold the findings."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a storm came to: messages of the relay, changes, reports with anything bad, milliseconds per decision."""

    messages: int
    changes: int
    bad_reports: int
    milliseconds: float


def measure(chance: float, reports: int, *, seed: int = 1) -> Measured:
    """Return what a storm comes to, given the chance of a change and the number of reports, at least 1."""
    made = random.Random(seed)  # noqa: S311 - a storm that can be repeated
    state, standing = State(), [False] * FINDINGS
    messages = changes = bad_reports = 0
    begun = time.perf_counter()
    for quarter in range(QUARTERS):
        before = standing
        standing = [bad != (made.random() < chance) for bad in standing]
        changes += sum(old != new for old, new in zip(before, standing, strict=True))
        for number in range(reports):
            said = _report(quarter + number / reports, number, standing[number::reports])
            bad_reports += any(standing[number::reports])
            decision = relay.decide(state, [said], DECLARED, said.started_at)
            messages += len(decision.messages)
            state = dataclasses.replace(decision.state, outbox=())
    spent = (time.perf_counter() - begun) * 1000 / (QUARTERS * reports)
    return Measured(messages, changes, bad_reports, spent)


def _report(quarter: float, number: int, standing: list[bool]) -> news.News:
    findings = tuple(
        news.Said(
            f"rows:t{number}_{place}", f"t{number}_{place}", "rows", Status.FAIL if bad else Status.PASS, "too_few",
            "critical", "of a storm",
        )
        for place, bad in enumerate(standing)
    )  # fmt: skip
    at = START + datetime.timedelta(minutes=15 * quarter)
    return news.News("storm", f"run-{quarter}", at, news.Delivery("delivered"), findings, f"scope_{number}")


def main() -> int:
    """Return 0 after a table was printed."""
    print(f"{FINDINGS} findings, {QUARTERS // 96} days, a report every 15 minutes")
    print("chance  reports  relay: messages  ms a decision  one a change  one a bad report")
    for chance, reports in STORMS:
        got = measure(chance, reports)
        print(
            f"{chance:6.1f}  {reports:7}  {got.messages:15}  {got.milliseconds:13.1f}  {got.changes:12,}  "
            f"{got.bad_reports:16,}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

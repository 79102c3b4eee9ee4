"""The sentence that matters first: what is not good, by subject and with numbers, and how much is; pure."""

import collections
import datetime
from collections.abc import Sequence

from shared import statuses
from shared.report import Finding
from shared.statuses import Status

NAMED = 3
"""How many findings the summary names of each sort."""
QUIET = (Status.PASS, Status.SKIP)
WORDS = {"function": "Gen1 functions", "pipeline": "pipeline checks", "spend": "spending limits"}
"""What the summary calls findings of a kind, where that is not the kind with an s."""


def of(found: Sequence[Finding], day: datetime.date) -> str:
    """Return the sentence that matters first: what is not good, by subject and with numbers, and how much is."""
    counted = [one for one in found if one.status is not Status.SKIP]
    good = sum(one.status is Status.PASS for one in counted)
    if good == len(counted):
        return f"health for {day}: all {good} pass" if good else f"health for {day}: nothing was judged"
    groups: dict[tuple[Status, str], list[Finding]] = collections.defaultdict(list)
    for one in counted:
        if one.status not in QUIET:
            groups[one.status, one.kind].append(one)
    worst_first = sorted(groups.items(), key=lambda item: statuses.ORDER.index(item[0][0]))
    told = (_group(status, kind, alike, counted) for (status, kind), alike in worst_first)
    return f"health for {day}: {'; '.join(told)}; {good} of {len(counted)} pass"


def _group(status: Status, kind: str, alike: Sequence[Finding], counted: Sequence[Finding]) -> str:
    of = sum(one.kind == kind for one in counted)
    names = ", ".join(one.subject for one in alike[:NAMED])
    more = f" and {len(alike) - NAMED} more" if len(alike) > NAMED else ""
    return f"{status.value}: {len(alike)} of {of} {WORDS.get(kind, f'{kind}s')} ({names}{more})"

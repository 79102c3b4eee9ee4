"""The order of statuses, and what counts."""

import itertools

import pytest

from shared import statuses
from shared.statuses import Status


@pytest.mark.parametrize(("bad", "better"), list(itertools.pairwise(statuses.ORDER[:-1])))
def test_worse_status_wins(bad: Status, better: Status) -> None:
    """The worse of two statuses decides, wherever it stands."""
    assert statuses.worst([better, bad, better]) is bad


def test_skip_never_counts() -> None:
    """A skipped finding does not hide a pass."""
    assert statuses.worst([Status.SKIP, Status.PASS, Status.SKIP]) is Status.PASS


def test_nothing_judged_is_skip() -> None:
    """Without a finding that counts, nothing has passed."""
    assert statuses.worst([]) is Status.SKIP


def test_missing_evidence_is_an_error_in_the_log() -> None:
    """Only pass and skip are INFO: unknown never looks like health."""
    quiet = {status for status, severity in statuses.SEVERITY.items() if severity == "INFO"}

    assert quiet == {Status.PASS, Status.SKIP}
    assert set(statuses.SEVERITY) == set(Status)

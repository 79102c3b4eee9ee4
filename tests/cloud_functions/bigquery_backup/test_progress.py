"""How a table goes from step to result: attempts are bounded, and the reason decides."""

from cloud_functions.bigquery_backup import plan, progress
from shared import refs
from shared.statuses import Status

STEP = plan.Step(refs.Table("p", "d", "a"), "US", "parquet", 3, 10)


def test_clone_mode_begins_with_the_clone() -> None:
    """In direct mode there is nothing to clone."""
    assert progress.begin(STEP, "clone").stage == "clone"
    assert progress.begin(STEP, "direct").stage == "extract"


def test_passing_trouble_is_tried_again_and_then_given_up() -> None:
    """Three attempts, each under another number, then the reason."""
    unit: progress.Unit | progress.Broken = progress.begin(STEP, "clone")
    attempts = []
    while isinstance(unit, progress.Unit):
        attempts.append(unit.attempt)
        unit = progress.after_failure(unit, "unavailable", "backend", retryable=True)

    assert attempts == [1, 2, 3]
    assert unit == progress.Broken(STEP, "unavailable", "clone failed at attempt 3: backend", Status.ERROR)


def test_lasting_trouble_is_not_tried_again() -> None:
    """A job that was refused for a reason is refused again."""
    broken = progress.after_failure(progress.begin(STEP, "clone"), "access_denied", "no", retryable=False)

    assert broken == progress.Broken(STEP, "access_denied", "clone failed at attempt 1: no", Status.ERROR)


def test_extract_starts_its_attempts_anew() -> None:
    """A clone that took two attempts leaves the extract all of its own."""
    unit = progress.Unit(STEP, "clone", attempt=2)

    assert progress.extracting(unit, "job", {"numRows": "3"}) == progress.Unit(
        STEP, "extract", 1, "job", {"numRows": "3"}
    )


def test_step_is_a_value() -> None:
    """Plans are compared, stored and read back: equal steps are one."""
    assert len({STEP, plan.Step(refs.Table("p", "d", "a"), "US", "parquet", 3, 10)}) == 1

"""Control planes that deny, hang or answer garbage: their subject is an error, never healthy, and sinks no other."""

from collections.abc import Callable

import pytest

from tests.cloud_functions.daily_health_check import mornings
from tests.cloud_functions.daily_health_check.mornings import findings, verdicts

APIS = {
    "cloudscheduler": ("jobs", "job"),
    "cloudfunctions": ("services", "function"),
    "run": ("services", "service"),
    "monitoring": ("subscriptions", "subscription"),
}
"""By control plane, a subject that it is asked for, and the kind of finding that then cannot be judged."""


@pytest.mark.parametrize("nonsense", ["html", "shape", "truncated"])
@pytest.mark.parametrize("api", APIS)
def test_an_api_that_answers_garbage(morning: mornings.Morning, api: str, nonsense: str) -> None:
    """Its subject is an error, never healthy, and every other subject is judged as ever."""
    morning.heard()
    subject, kind = APIS[api]
    others = ["reporters", "outputs", "pipeline", "spend"]
    whole = morning.check(only=[subject, *others])
    morning.throw(garbage={api: nonsense})

    told = morning.check(only=[subject, *others])

    assert "error" in {one[0] for one in verdicts(told, kind).values()}
    for other in ("reporter", "output", "pipeline"):
        assert verdicts(told, other) == verdicts(whole, other)
    assert told["complete"] is False


@pytest.mark.parametrize("api", APIS)
def test_an_api_that_hangs(morning: mornings.Morning, control: str, declare: Callable[..., None], api: str) -> None:
    """The run ends in its time, the subject is an error, and the others are judged."""
    morning.heard()
    declare(seconds=6)
    subject, kind = APIS[api]
    morning.fault(control, match=rf"/{api}\.", action="hold", seconds=3600, times=100)

    told = morning.check(only=[subject, "outputs"])

    assert ("error", "api_timeout") in verdicts(told, kind).values()
    assert {one[0] for one in verdicts(told, "output").values()} == {"pass"}


@pytest.mark.parametrize("api", APIS)
def test_an_api_that_denies(morning: mornings.Morning, control: str, api: str) -> None:
    """The finding says so, and which role is missing."""
    subject, kind = APIS[api]
    morning.fault(control, match=rf"/{api}\.", action="refuse", status=403, times=100)

    told = morning.check(only=[subject])

    denied = [one for one in findings(told, kind).values() if one["reason"] == "api_denied"]
    assert denied
    assert all(one["status"] == "error" and "roles/" in one["fix"] for one in denied)


def test_without_the_log_no_job_is_called_healthy_for_sure(morning: mornings.Morning, control: str) -> None:
    """A failing job still fails; what the log would have told is not guessed."""
    morning.fault(control, match=r"/logging\.", action="refuse", status=403, times=100)

    found = verdicts(morning.check(only=["jobs"]), "job")

    assert {name for name, one in found.items() if one[0] == "fail"} == mornings.FAILING
    assert "pass" not in {one[0] for one in found.values()}

"""What is no answer comes out as one of our errors, what passes is asked again, and the time that is given is kept."""

import time
from typing import Any

import pytest
import requests

from shared import errors
from shared.gcp import clients, control_plane
from tests.contract.control_plane import tools

EVERY = pytest.mark.parametrize("ask", tools.ASKS.values(), ids=tools.ASKS)
BOTH = pytest.mark.parametrize("ask", [tools.ASKS["cloudscheduler"], tools.ASKS["logging"]], ids=["GET", "POST"])


REFUSALS = {
    400: errors.Rejected,
    401: errors.AccessDenied,
    403: errors.AccessDenied,
    404: errors.NotFound,
    409: errors.AlreadyExists,
    412: errors.PreconditionFailed,
    429: errors.QuotaExceeded,
    500: errors.Unavailable,
    501: errors.Unavailable,
    503: errors.Unavailable,
}


@pytest.mark.parametrize(("status", "error"), REFUSALS.items())
def test_a_refusal_is_one_of_our_errors(standin: tools.Standin, status: int, error: type[errors.CloudError]) -> None:
    """With the host, the status and Google's own words, once each; what may pass is asked three times."""
    standin.arm("refuse", status=status, message="because\nof a second line")
    plane = standin.plane()

    with pytest.raises(errors.CloudError) as raised:
        control_plane.functions(plane)
    assert type(raised.value) is error
    assert str(raised.value) == f"asking cloudfunctions.googleapis.com: {status} because"
    tries = 3 if status in control_plane.RETRIED or status == 401 else 1
    assert standin.calls == {"cloudfunctions.functions.list": tries}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((302, {"Location": "/elsewhere"}), errors.Rejected),
        ((204, {}), errors.Rejected),
        ((403, {}), errors.AccessDenied),
        ((404, {}), errors.NotFound),
    ],
)
def test_an_answer_without_google_s_words_is_an_error_too(answer: Any, error: type[errors.CloudError]) -> None:
    """No sign-in page is followed, and no empty answer is an empty list."""
    with tools.scripted(answer) as running, pytest.raises(error, match=f"{answer[0]} without a message"):
        control_plane.functions(tools.connected(running.url))

    assert len(running.heard) == 1


@EVERY
@pytest.mark.parametrize(("status", "times"), [(503, 1), (429, 1)])
def test_what_passes_is_asked_again(standin: tools.Standin, ask: tools.Ask, status: int, times: int) -> None:
    """A GET as well as the POST of Logging, which only asks; the answer is as if nothing had been."""
    expected = ask(standin.plane())
    standin.arm("refuse", status=status, times=times)

    assert ask(standin.plane()) == expected
    assert standin.total == 2 + times


@BOTH
def test_an_answer_that_is_cut_off_is_asked_for_again(standin: tools.Standin, ask: tools.Ask) -> None:
    """Once is borne; always is an error, and the connection's name is told."""
    standin.arm("drop_answer", times=1)
    assert ask(standin.plane())

    standin.arm("drop_answer")
    with pytest.raises(errors.Unavailable, match="no answer: ConnectionError"):
        ask(standin.plane())


def test_nobody_there_is_unavailable() -> None:
    """A port on which nothing listens."""
    with tools.scripted({}) as running:
        plane = tools.connected(running.url)

    with pytest.raises(errors.Unavailable):
        control_plane.functions(plane)


@BOTH
@pytest.mark.parametrize("action", ["hold", "hold_answer"])
def test_a_server_that_hangs_does_not_hold(standin: tools.Standin, ask: tools.Ask, action: str) -> None:
    """It would do so for an hour; when the time that was given is over, there is an error."""
    standin.arm(action, seconds=3600)
    plane = standin.plane(seconds=tools.SOON)

    with pytest.raises(errors.Unavailable):
        ask(plane)


def test_all_questions_share_one_deadline(standin: tools.Standin) -> None:
    """When it is over nothing more is asked of anybody."""
    plane = standin.plane(seconds=0.2)
    assert control_plane.functions(plane)
    time.sleep(0.25)

    for ask in tools.ASKS.values():
        with pytest.raises(errors.Unavailable, match="the time for asking is used up"):
            ask(plane)
    assert standin.total == 1


def test_another_project_is_denied(standin: tools.Standin) -> None:
    """What may not be known is not empty."""
    for name in ("cloudscheduler", "cloudfunctions", "run", "logging", "monitoring"):
        with pytest.raises(errors.AccessDenied):
            tools.ASKS[name](standin.plane(project="another"))


class Recording(requests.Session):
    """A session that asks nobody, keeps what would be asked, and answers with an empty object."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def request(self, method: str | bytes, url: str | bytes, **_more: Any) -> requests.Response:  # type: ignore[override]  # fewer names than the base has
        """Keep the method and the address."""
        self.asked.append((str(method), str(url)))
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b"{}"  # noqa: SLF001 - a response has no public way to be made
        return answer


def test_without_a_standin_google_is_asked() -> None:
    """Over TLS, on the hosts of the five APIs, in the versions that are meant; only Logging takes a POST."""
    session = Recording()
    plane = control_plane.Plane(session, "p", clients.Calls(), None, time.monotonic() + tools.SECONDS)
    for ask in tools.ASKS.values():
        ask(plane)

    assert session.asked == [
        ("GET", f"https://cloudscheduler.googleapis.com/v1/projects/p/locations/{tools.REGION}/jobs"),
        ("GET", "https://cloudfunctions.googleapis.com/v2/projects/p/locations/-/functions"),
        ("GET", f"https://run.googleapis.com/v2/projects/p/locations/{tools.REGION}/services"),
        ("GET", f"https://run.googleapis.com/v2/{tools.SERVICE}:getIamPolicy"),
        ("POST", "https://logging.googleapis.com/v2/entries:list"),
        ("POST", "https://logging.googleapis.com/v2/entries:list"),
        ("GET", "https://monitoring.googleapis.com/v3/projects/p/timeSeries"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"functions": [{"name": "x"}], "unreachable": ["projects/p/locations/us-west2"]},
        {"functions": [], "executionErrors": [{"code": 4, "message": "deadline"}]},
    ],
)
def test_a_list_that_says_a_part_is_missing_is_none(answer: dict[str, object]) -> None:
    """Google lists what it reached, and tells what it did not."""
    with tools.scripted(answer) as server, pytest.raises(errors.Unavailable, match="a part is missing"):
        control_plane.functions(tools.connected(server.url))


def test_every_request_is_counted(standin: tools.Standin) -> None:
    """Those that were repeated, and one that was never answered."""
    standin.arm("refuse", status=503, times=2)
    plane = standin.plane()
    control_plane.functions(plane)
    assert plane.calls.total == standin.total == 3

    standin.arm("drop_answer")
    before = plane.calls.total
    with pytest.raises(errors.Unavailable):
        control_plane.functions(plane)
    assert plane.calls.total > before


def test_a_quota_that_is_used_up_is_no_missing_right(standin: tools.Standin) -> None:
    """Google says 403 for both; the reason tells them apart."""
    standin.arm("refuse", status=403, reason="RATE_LIMIT_EXCEEDED", message="Quota exceeded for 'Read requests'")

    with pytest.raises(errors.QuotaExceeded):
        control_plane.functions(standin.plane())

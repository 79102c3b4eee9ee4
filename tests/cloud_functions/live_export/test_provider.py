"""The score provider is asked with its key, page by page, within its time; however it fails, a part is never all."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from cloud_functions.live_export import declaration, provider
from local.scores import script, server
from shared import errors

DAY = datetime.date(2026, 2, 12)
TEAMS = ("MIL", "OKC", "POR", "UTA", "DAL", "LAL")
EVENING = 60.0
"""A minute of the night at which two games are being played."""
SECONDS = 10.0


def night() -> script.Night:
    """Return a night of three games."""
    players = tuple(
        script.Player(f"{team.lower()}player{number}", f"{team} Player{number}", team)
        for team in TEAMS
        for number in range(12)
    )
    pairs = zip(TEAMS[::2], TEAMS[1::2], strict=True)
    games = tuple(script.Game(f"00225{number:05d}", away, home) for number, (away, home) in enumerate(pairs))
    return script.Night(DAY, script.staggered(games), players)


@pytest.fixture(scope="module")
def serving() -> Iterator[server.Server]:
    """Yield the stand-in of the provider."""
    started = server.serve(night())
    yield started
    started.close()


@pytest.fixture
def scores(serving: server.Server) -> Iterator[server.Server]:
    """Yield the stand-in in the evening, without faults and switches."""
    serving.restore()
    serving.at(EVENING)
    yield serving
    serving.restore()


def declared(scores: server.Server, **changes: Any) -> declaration.Provider:
    """Return how the stand-in is declared, as changed."""
    given: dict[str, Any] = {"url": f"{scores.url}/v1", "key": scores.key, "tries": 2} | changes
    return declaration.Provider(**given)


def refused(scores: server.Server, **changes: Any) -> errors.CloudError:
    """Return the error that asking ends in; neither key nor address stands in it."""
    with pytest.raises(errors.CloudError) as caught:
        provider.games(declared(scores, **changes), seconds=SECONDS)
    assert scores.key not in str(caught.value)
    assert scores.url not in str(caught.value)
    return caught.value


def test_every_page_is_read(scores: server.Server) -> None:
    """One game a page: the same games as on one page, each once."""
    whole = provider.games(declared(scores), seconds=SECONDS)
    paged = provider.games(declared(scores, page_size=1), seconds=SECONDS)

    assert paged == whole
    assert sorted((game.away, game.home) for game in whole if game.state == "in_progress") == [
        ("MIL", "OKC"),
        ("POR", "UTA"),
    ]
    assert all(line.lookup for game in whole for line in game.lines)


def test_a_cursor_that_leads_nowhere_is_no_list(scores: server.Server) -> None:
    """More pages than are declared to be read are garbled, and not the first of them taken for all."""
    error = refused(scores, page_size=1, most_pages=1)

    assert isinstance(error, errors.Garbled)


def test_a_wrong_key_is_told_at_once(scores: server.Server) -> None:
    """401 is no passing trouble: one request, and what to look at."""
    with pytest.raises(errors.AccessDenied, match="key is wrong, expired or missing"):
        provider.games(declared(scores, key="wiped"), seconds=SECONDS)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (403, errors.AccessDenied),
        (404, errors.Rejected),
        (429, errors.QuotaExceeded),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
    ],
)
def test_each_refusal_has_its_error(scores: server.Server, status: int, kind: type[errors.CloudError]) -> None:
    """And what never passes is asked once."""
    scores.faults.add({"match": "box_scores", "action": "refuse", "status": status, "times": 9})

    error = refused(scores)

    assert type(error) is kind
    assert scores.faults.state()["committed"] == (2 if error.retryable else 1)


@pytest.mark.parametrize("action", ["refuse", "drop_answer"])
def test_what_passes_is_asked_again(scores: server.Server, action: str) -> None:
    """A refusal for once, or a connection that breaks, costs a try and no game."""
    whole = provider.games(declared(scores), seconds=SECONDS)
    scores.faults.add({"match": "box_scores", "action": action, "status": 500})

    assert provider.games(declared(scores), seconds=SECONDS) == whole


@pytest.mark.parametrize("switch", ["half_page", "garbage", "cut"])
def test_half_a_page_is_no_page(scores: server.Server, switch: str) -> None:
    """Half a JSON, a page of HTML, a connection that is cut in the middle: an error, never fewer games."""
    scores.throw(**{switch: True})

    assert isinstance(refused(scores), errors.Garbled | errors.Unavailable)


def test_a_provider_that_hangs_is_left_in_time(scores: server.Server) -> None:
    """Its time is used up: it is not asked for longer than the run has left, and asked twice in it."""
    scores.faults.add({"match": "box_scores", "action": "hold", "times": 9})

    assert isinstance(refused(scores, seconds=3.0), errors.Unavailable)
    assert scores.faults.state()["committed"] == 2


def test_no_request_begins_without_time(scores: server.Server) -> None:
    """A run that has no time left asks nothing."""
    with pytest.raises(errors.Unavailable, match="used up"):
        provider.games(declared(scores), seconds=0.0)


def test_a_wait_that_is_longer_than_the_time_is_not_waited(scores: server.Server) -> None:
    """429 with Retry-After beyond the budget ends the asking, and not the run's time."""
    scores.throw(retry_after=600)
    scores.faults.add({"match": "box_scores", "action": "refuse", "status": 429, "times": 9})

    error = refused(scores)

    assert isinstance(error, errors.QuotaExceeded)
    assert scores.faults.state()["committed"] == 1


def test_an_empty_answer_is_one(scores: server.Server) -> None:
    """Whether it may be empty is for the calendar to say, not for the one who asks."""
    scores.throw(empty=True)

    assert provider.games(declared(scores), seconds=SECONDS) == ()

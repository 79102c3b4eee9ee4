"""Channels and buckets that fail: what is to be told stays owed, is said to be owed, and is told in the end."""

import concurrent.futures
import datetime
import email.utils
import time

import pytest

from tests.cloud_functions.alert_relay import scenes
from tests.cloud_functions.alert_relay.receiver import Answer
from tests.cloud_functions.alert_relay.scenes import Scene, envelope, reported, statuses

GOOD = Answer()
READ, WRITE = r"GET /(download/)?storage/v1/b/[^/]+/o/alerts%2Fstate", r"(?s)\APOST /upload/[^\n]*\n.*alerts/state"


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), Answer(429), Answer(408), Answer(failure="close")])
def test_a_passing_failure_is_tried_again_at_once(scene: Scene, answer: Answer) -> None:
    """A second request a moment later delivers it, with the same id."""
    scene.hook.answers[:] = [answer, GOOD]
    told = scene.push(("a", "fail"))

    assert told["findings"][0]["observed"] == 2
    assert statuses(told)["message"] == ("pass", "delivered")
    assert len({body["id"] for body in scene.hook.bodies}) == 1


@pytest.mark.parametrize(
    ("answer", "why", "posts"),
    [
        (Answer(500), "HTTP 500", 3),
        (Answer(404), "HTTP 404", 1),
        (Answer(400, body=b"invalid_blocks"), "HTTP 400: invalid_blocks", 1),
        (Answer(301, headers=(("Location", "/elsewhere"),)), "HTTP 301: a redirect, which is not followed", 1),
        (Answer(failure="close"), "no answer: ConnectionError", 3),
    ],
)
def test_what_is_not_delivered_fails_until_it_is(scene: Scene, answer: Answer, why: str, posts: int) -> None:
    """It stays in the outbox; every run says so, until one delivers it."""
    scene.hook.answers[:] = [answer]
    first, waiting = scene.push(("a", "fail")), scene.sweep()
    assert [statuses(one)["message"] for one in (first, waiting)] == [("fail", "undeliverable")] * 2
    assert why in first["findings"][0]["message"]
    assert [path for path, _ in scene.hook.posts] == ["/hook/s3cr3t"] * posts

    scene.hook.answers[:] = [GOOD]
    scene.age(1)
    told = scene.sweep()
    assert statuses(told)["message"] == ("pass", "delivered")
    assert told["summary"] == "nothing to tell; 1 message delivered at last; outbox empty"
    assert len({body["id"] for body in scene.hook.bodies}) == 1
    assert scene.sweep()["status"] == "pass"


def test_a_body_that_is_cut_is_an_answer(scene: Scene) -> None:
    """The status says that the message was taken: it is not sent twice."""
    scene.hook.answers[:] = [Answer(200, failure="cut"), GOOD]

    assert scene.push(("a", "fail"))["status"] == "pass"
    assert len(scene.hook.posts) == 1


def test_a_short_wait_is_honoured(scene: Scene) -> None:
    """Retry-After is kept when the run has the time."""
    scene.hook.answers[:] = [Answer(429, headers=(("Retry-After", "1"),)), GOOD]
    begun = time.monotonic()

    assert scene.push(("a", "fail"))["status"] == "pass"
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_long_wait_is_left_to_a_later_run(scene: Scene, form: str) -> None:
    """The channel is not asked before, neither in this run nor in the next."""
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=300)
    value = "300" if form == "seconds" else email.utils.format_datetime(later, usegmt=True)
    scene.hook.answers[:] = [Answer(429, headers=(("Retry-After", value),)), GOOD]
    scene.push(("a", "fail"))
    scene.sweep()
    assert len(scene.hook.posts) == 1

    scene.age(0.09)
    scene.sweep()
    assert scene.told() == [[("new", "a")]] * 2


def test_a_channel_that_hangs_does_not_hang_the_run(scene: Scene) -> None:
    """The budget of a run is its end; the message waits."""
    scene.hook.answers[:] = [Answer(failure="hang")]
    told = scene.push(("a", "fail"))

    assert statuses(told)["message"] == ("fail", "undeliverable")


def test_a_channel_that_is_down_is_asked_once_a_run(scene: Scene) -> None:
    """Five messages wait: the first one is tried, the others only when it got through."""
    scene.hook.answers[:] = [Answer(500)]
    for number in range(5):
        scene.push((f"x{number}", "fail"))
    scene.age(1)
    posts = len(scene.hook.posts)
    told = scene.sweep()
    assert len(scene.hook.posts) - posts == 3
    assert told["counts"]["fail"] == 5

    scene.hook.answers[:] = [GOOD]
    scene.age(1)
    assert scene.sweep()["counts"] == {"fail": 0, "error": 0, "warn": 0, "unknown": 0, "pass": 6, "skip": 0}


def test_what_nobody_takes_is_given_up_after_two_days(scene: Scene) -> None:
    """It fails once more, as dropped; what it told of is still bad, and comes as a reminder."""
    scene.hook.answers[:] = [Answer(500)]
    scene.push(("a", "fail"))
    scene.age(49)
    scene.hook.answers[:] = [GOOD]
    told = scene.sweep()

    assert ("message", "dropped") in [(found["kind"], found["reason"]) for found in told["findings"]]
    assert scene.told()[-1] == [("reminder", "a")]
    assert scene.sweep()["status"] == "pass"


@pytest.mark.parametrize("step", [READ, WRITE])
def test_without_a_memory_the_news_is_told_all_the_same(scene: Scene, step: str) -> None:
    """The run is an error, and the message goes out; a sweep tells nothing."""
    scene.push(("b", "pass"))
    scene.fault(match=step, action="refuse", status=403, reason="forbidden", times=1000)
    told, swept = scene.push(("a", "fail")), scene.sweep()

    assert statuses(told)["state"] == ("error", "state_unavailable")
    assert statuses(told)["message"] == ("pass", "delivered")
    assert scene.told() == [[("new", "a")]]
    assert step == WRITE or statuses(swept)["state"] == ("error", "state_unavailable")


def test_without_a_memory_and_a_channel_the_loss_is_told(scene: Scene) -> None:
    """Nothing pretends that there is a next try."""
    scene.fault(match=READ, action="refuse", status=403, reason="forbidden", times=1000)
    scene.hook.answers[:] = [Answer(500)]
    told = scene.push(("a", "fail"))

    assert "nothing remembers it" in told["findings"][0]["message"]
    assert told["counts"]["fail"] == 1


def test_a_lost_answer_of_the_bucket_is_no_second_message(scene: Scene) -> None:
    """The write had happened: the run finds its own and goes on."""
    scene.fault(match=WRITE, action="drop_answer", times=1)

    assert scene.push(("a", "fail"))["status"] == "pass"
    assert scene.told() == [[("new", "a")]]


def test_what_was_sent_and_not_written_down_is_sent_again(scene: Scene) -> None:
    """At least once: the second message has the id of the first, and the run says that it may come."""
    scene.fault(match=WRITE, action="refuse", status=403, reason="forbidden", after=1, times=1000)
    told = scene.push(("a", "fail"))
    assert statuses(told)["state"] == ("error", "state_unavailable")
    scene.disarm()

    scene.sweep()
    assert len(scene.hook.posts) == 1
    scene.age(0.06)
    scene.sweep()
    assert [body["id"] for body in scene.hook.bodies] == [scene.hook.bodies[0]["id"]] * 2
    assert scene.sweep()["status"] == "pass"


def test_calls_at_the_same_time_lose_nothing_and_tell_nothing_twice(scene: Scene) -> None:
    """Ten reports at once: each finding is told in exactly one message."""
    bodies = [envelope(reported((f"x{number}", "fail"), scope=f"s{number}")) for number in range(10)]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        told = list(pool.map(scene.call, bodies))
    for _ in range(3):
        scene.age(1)
        told.append(scene.sweep())

    subjects = [subject for items in scene.told() for change, subject in items if change == "new"]
    assert sorted(subjects) == sorted(f"x{number}" for number in range(10))
    assert told[-1]["status"] == "pass"


def test_a_memory_that_others_keep_writing_lets_the_report_wait(scene: Scene) -> None:
    """No turn comes: nothing is told now, the report waits in the bucket, and the next run takes it up."""
    scene.fault(match=WRITE, action="refuse", status=412, reason="conditionNotMet", times=1000)
    told = scene.push(("a", "fail"))
    assert statuses(told)["state"] == ("error", "state_unavailable")
    assert "the message waits at gs://" in told["summary"]
    assert scene.told() == []

    scene.disarm()
    scene.sweep()
    assert scene.told() == [[("new", "a")]]


def test_what_waits_is_left_alone_without_a_memory(scene: Scene) -> None:
    """It waits safely, so it is not told twice: once now, and once with the memory."""
    scene.declare("channels: []\n")
    scene.push(("a", "fail"))
    scene.declare()
    scene.fault(match=READ, action="refuse", status=403, reason="forbidden", times=1000)
    assert statuses(scene.sweep())["state"] == ("error", "state_unavailable")
    assert scene.told() == []

    scene.disarm()
    scene.sweep()
    assert scene.told() == [[("new", "a")]]


def test_a_message_to_a_channel_that_is_gone_goes_where_everything_goes(scene: Scene) -> None:
    """Somebody renamed the channel while its message waited."""
    scene.hook.answers[:] = [Answer(500)]
    scene.push(("a", "fail"))
    scene.declare(scenes.ALERTS.replace("team", "crew"))
    scene.hook.answers[:] = [GOOD]
    scene.age(1)

    assert statuses(scene.sweep())["message"] == ("pass", "delivered")
    assert scene.told()[-1] == [("new", "a")]


def test_a_secret_that_is_a_metadata_server_is_refused(scene: Scene) -> None:
    """Such an address is a mistake in the declaration, and is not called."""
    scene.declare(scenes.ALERTS.replace("${ALERTS_WEBHOOK_URL}", "http://169.254.169.254/token"))
    told = scene.push(("a", "fail"))

    assert told["error"]["code"] == "invalid_declaration"
    assert "169.254" not in str(told)

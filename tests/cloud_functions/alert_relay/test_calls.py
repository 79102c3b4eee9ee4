"""The relay over HTTP: from a pushed report to a message, once, whatever else happens."""

import json

import requests

from local.pubsub import push, queue
from tests.cloud_functions.alert_relay import receiver, scenes
from tests.cloud_functions.alert_relay.scenes import Scene, envelope, reported, statuses


def test_a_report_becomes_a_message(scene: Scene) -> None:
    """What is bad in it reaches the webhook at once; the relay's own report says so."""
    told = scene.push(("a", "fail"), ("b", "pass"))

    assert scene.told() == [[("new", "a")]]
    assert told["summary"] == "1 new in 1 message to team; outbox empty"
    assert statuses(told) == {
        "message": ("pass", "delivered"),
        "report": ("pass", "taken"),
        "state": ("pass", "kept"),
    }
    assert scene.state()["outbox"] == []


def test_what_a_push_subscription_posts_is_read(scene: Scene) -> None:
    """The envelope of the embedded Pub/Sub, with the count of attempts and without."""
    for counted in (False, True):
        data = json.dumps(reported((f"a{counted}", "fail"))).encode()
        message = queue.Message(f"p{counted}", data, {"function": "validation_runner"}, "", 1.7e9)
        posted = push.body("projects/p/subscriptions/s", queue.Delivery("ack", message, 3), counted=counted)
        scene.call(json.loads(posted))

    assert scene.told() == [[("new", "aFalse")], [("new", "aTrue")]]


def test_a_field_that_google_adds_loses_no_message(scene: Scene) -> None:
    """The envelope is not ours: what is new in it is left alone, outside and inside."""
    body = envelope(reported(("a", "fail")))
    scene.call({**body, "added": {"later": 1}, "message": {**body["message"], "added": 2}})

    assert scene.told() == [[("new", "a")]]


def test_what_was_told_is_told_once(scene: Scene) -> None:
    """The next report of the same, and a sweep, say nothing; the end of it is told."""
    scene.push(("a", "fail"))
    told = [scene.push(("a", "fail")), scene.sweep(), scene.push(("a", "pass")), scene.sweep()]

    assert scene.told() == [[("new", "a")], [("resolved", "a")]]
    assert told[1]["summary"] == "nothing to tell; outbox empty"


def test_a_message_of_pubsub_that_comes_again_is_skipped(scene: Scene) -> None:
    """At least once is Pub/Sub's promise, and once is ours."""
    body = envelope(reported(("a", "fail")))
    told = [scene.call(body), scene.call(body | {"deliveryAttempt": 2})]

    assert scene.told() == [[("new", "a")]]
    assert statuses(told[1])["report"] == ("skip", "duplicate")
    assert told[1]["status"] == "pass"


def test_an_older_report_is_skipped(scene: Scene) -> None:
    """A report that was overtaken raises nothing."""
    late = reported(("a", "fail"))
    scene.push(("a", "pass"))

    assert statuses(scene.call(envelope(late)))["report"] == ("skip", "outdated")
    assert scene.told() == []


def test_a_reminder_comes_by_a_sweep(scene: Scene) -> None:
    """A day later, and with GET as with POST."""
    scene.push(("a", "fail"))
    scene.age(24)
    told = scenes.checked(requests.get(scene.url, timeout=60))

    assert scene.told() == [[("new", "a")], [("reminder", "a")]]
    assert told["summary"] == "1 still bad in 1 message to team; outbox empty"


def test_the_report_repeats_no_report(scene: Scene) -> None:
    """What was pushed is named in the relay's report, and not repeated."""
    body = envelope(reported(("a", "fail")), messageId="12345")
    told = scene.call(body)

    assert told["request"]["message"] == "message 12345"
    assert body["message"]["data"] not in str(told)


def test_a_large_report_is_taken(scene: Scene) -> None:
    """Two thousand findings, far above what other functions take as a body, make one message."""
    scene.push(*((f"finding_{number}", "fail") for number in range(2000)))

    assert [len(items) for items in scene.told()] == [2000]
    assert scene.sweep()["status"] == "pass"


def test_google_may_add_fields(scene: Scene) -> None:
    """A message with more fields than today is read all the same."""
    scene.call(envelope(reported(("a", "fail"), novelty=1), novelty={"x": 1}))

    assert scene.told() == [[("new", "a")]]


def test_what_is_no_report_is_kept_aside(scene: Scene) -> None:
    """It is an error, and kept as it came; nothing else is disturbed."""
    body = envelope({"schema_version": 2}, messageId="77")
    told = scene.call(body)

    assert statuses(told)["report"] == ("error", "unreadable")
    assert scene.names("alerts/unreadable/") == ["alerts/unreadable/77.json"]
    assert scene.bucket.blob("alerts/unreadable/77.json").download_as_text().find(body["message"]["data"]) > 0
    assert [found["reason"] for found in scene.call(body)["findings"]] == ["unreadable", "kept"]
    assert scene.sweep()["status"] == "pass"


def test_a_broken_declaration_loses_no_report(scene: Scene) -> None:
    """The report waits in the bucket, and is told with the first call after the declaration was mended."""
    scene.declare("channels: []\n")
    told = scene.push(("a", "fail"))
    assert told["error"]["code"] == "invalid_declaration"
    assert "the message waits at gs://" in told["error"]["message"]
    assert len(scene.names("alerts/waiting/")) == 1

    scene.declare()
    assert scene.sweep()["status"] == "pass"
    assert scene.told() == [[("new", "a")]]
    assert scene.names("alerts/waiting/") == []


def test_what_waits_and_is_no_message_is_kept_aside(scene: Scene) -> None:
    """Whatever lies in that folder, no run stumbles over it twice."""
    scene.bucket.blob("alerts/waiting/odd.json").upload_from_string("not JSON")

    assert statuses(scene.sweep())["report"] == ("error", "unreadable")
    assert scene.names("alerts/waiting/") == []
    assert scene.sweep()["status"] == "pass"


def test_a_broken_memory_is_set_aside_and_told(scene: Scene) -> None:
    """It is not taken for an empty one: it is kept, the run is an error, and what is bad is told anew."""
    scene.push(("a", "fail"))
    scene.bucket.blob(scenes.STATE).upload_from_string("{")
    told = scene.push(("a", "fail"))

    assert statuses(told)["state"] == ("error", "state_unreadable")
    assert len(scene.names("alerts/unreadable/state-")) == 1
    assert scene.told() == [[("new", "a")]] * 2
    assert scene.sweep()["status"] == "pass"


def test_a_broken_memory_is_told_once(scene: Scene) -> None:
    """A sweep replaces it, although nothing else is to be remembered."""
    scene.bucket.blob(scenes.STATE).upload_from_string("{")

    assert [scene.sweep()["status"] for _ in range(2)] == ["error", "pass"]


def test_a_probe_tells_what_is_needed(scene: Scene) -> None:
    """It touches nothing, and sends nothing."""
    told = scenes.checked(requests.get(f"{scene.url}?probe=1", timeout=60))

    assert {found["subject"]: found["status"] for found in told["findings"]}["env ALERTS_WEBHOOK_URL"] == "pass"
    assert scene.hook.posts == []


def test_no_secret_leaves(scene: Scene) -> None:
    """Neither a report nor the log holds the address, when everything works and when nothing does."""
    answers = [
        receiver.Answer(500, body=scene.hook.url.encode()),
        receiver.Answer(404, body=scene.hook.url.encode()),
        receiver.Answer(302, headers=(("Location", scene.hook.url),)),
        receiver.Answer(failure="close"),
    ]
    texts: list[str] = []
    for answer in answers:
        scene.hook.answers[:] = [answer]
        texts.append(str(scene.push((f"x{len(texts)}", "fail"))))

    assert all("undeliverable" in text for text in texts)
    assert all("s3cr3t" not in text for text in [*texts, scene.log.read_text("utf-8")])

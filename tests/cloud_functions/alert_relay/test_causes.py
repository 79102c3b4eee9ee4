"""What follows from something else is told under it, and never gets lost with it."""

from tests.cloud_functions.alert_relay.stories import Story, alerts, report, said


def test_effects_are_listed_under_their_cause() -> None:
    """One item tells of the cause, and of all that follows from it, over more than one step."""
    story = Story()
    effects = [said("b", "fail", caused_by="rows:a"), said("c", "warn", caused_by="rows:b")]
    messages = story.call(0, [report(0, said("a", "fail"), *effects)])

    assert [item.subject for item in messages[0].items] == ["a"]
    assert [effect.subject for effect in messages[0].items[0].under] == ["b", "c"]


def test_a_cause_may_be_reported_by_another_function() -> None:
    """What is known of it is the latest report of that function."""
    story = Story()
    story.tell(0, said("a", "fail"), function="daily_health_check", scope=None)

    assert story.tell(1, said("b", "fail", caused_by="rows:a")) == []
    assert story.call(24)[0].items[0].under[0].subject == "b"


def test_an_effect_stands_alone_when_its_cause_is_good() -> None:
    """The cause is gone and the effect is not: now it is told."""
    story = Story()
    story.tell(0, said("a", "fail"), said("b", "fail", caused_by="rows:a"))

    told = story.tell(1, said("a", "pass"), said("b", "fail", caused_by="rows:a"))
    assert told == [("new", "b"), ("resolved", "a")]


def test_an_effect_ends_with_its_cause_without_a_word() -> None:
    """It was never told alone, so its end is not told either."""
    story = Story()
    story.tell(0, said("a", "fail"), said("b", "fail", caused_by="rows:a"))

    assert story.tell(1, said("a", "pass"), said("b", "pass")) == [("resolved", "a")]


def test_an_effect_of_something_good_or_unknown_is_told_alone() -> None:
    """A cause that nobody reports, or that is good, hides nothing."""
    story = Story()

    assert story.tell(0, said("a", "pass"), said("b", "fail", caused_by="rows:a")) == [("new", "b")]
    assert story.tell(1, said("c", "fail", caused_by="rows:nobody")) == [("new", "c")]


def test_a_circle_of_causes_hides_nothing() -> None:
    """Two findings that name each other, or one that names itself, are told."""
    story = Story()
    circle = [said("a", "fail", caused_by="rows:b"), said("b", "fail", caused_by="rows:a")]

    assert sorted(story.tell(0, *circle, said("c", "fail", caused_by="rows:c"))) == [
        ("new", "a"),
        ("new", "b"),
        ("new", "c"),
    ]


def test_an_effect_of_a_silenced_cause_is_told_alone() -> None:
    """Nobody hears of the cause, so the effect is not hidden under it."""
    silence = "silences: [{match: {subject: [a]}, until: 2026-02-20T00:00:00+00:00, reason: known, owner: ann}]\n"
    story = Story(alerts(silence))

    assert story.tell(0, said("a", "fail"), said("b", "fail", caused_by="rows:a")) == [("new", "b")]


def test_a_cause_of_the_same_report_is_meant_first() -> None:
    """The same id in another scope is another finding."""
    story = Story()
    story.tell(0, said("a", "fail"), scope="aaa")
    messages = story.call(1, [report(1, said("a", "fail"), said("b", "fail", caused_by="rows:a"))])

    assert [(item.scope, len(item.under)) for item in messages[0].items] == [("post_game", 1)]


def test_the_end_of_an_effect_that_was_told_is_told() -> None:
    """It stood alone before its cause was known; what is good is under nothing."""
    story = Story()
    story.tell(0, said("b", "fail"))

    told = story.tell(1, said("a", "fail"), said("b", "pass", caused_by="rows:a"))
    assert told == [("new", "a"), ("resolved", "b")]

"""Claims about the language of subscription filters."""

import contextlib

import hypothesis
import pytest
from google.api_core import exceptions
from hypothesis import strategies

from local.pubsub import filters, refusals
from tests.contract.pubsub import tools

FAIL = {"status": "fail", "function": "bigquery_backup"}


@pytest.mark.parametrize(
    ("text", "attributes", "expected"),
    [
        ("", {}, True),
        ("   ", {}, True),
        ("attributes:status", FAIL, True),
        ("attributes:status", {"state": "fail"}, False),
        ('attributes.status = "fail"', FAIL, True),
        ('attributes.status="fail"', FAIL, True),
        ('attributes.status = "Fail"', FAIL, False),
        ('attributes.status = ""', {"status": ""}, True),
        ('attributes.status = ""', {}, False),
        ('attributes.status != "pass"', FAIL, True),
        ('attributes.status != "fail"', FAIL, False),
        ('attributes.status != "fail"', {}, True),
        ('hasPrefix(attributes.function, "bigquery_")', FAIL, True),
        ('hasPrefix(attributes.function, "query")', FAIL, False),
        ('hasPrefix(attributes.missing, "")', FAIL, False),
        ('hasPrefix( attributes.function , "" )', FAIL, True),
        ('NOT attributes.status = "fail"', FAIL, False),
        ('NOT attributes.status = "pass"', FAIL, True),
        ("-attributes:status", FAIL, False),
        ("NOT NOT attributes:status", FAIL, True),
        ("NOT attributes:x AND attributes:status", FAIL, True),
        ("NOT (attributes:x OR attributes:status)", FAIL, False),
        ("attributes:status AND attributes:function", FAIL, True),
        ("attributes:status AND attributes:x", FAIL, False),
        ("attributes:x OR attributes:y OR attributes:status", FAIL, True),
        ("attributes:x OR attributes:y", FAIL, False),
        ("attributes:status AND (attributes:x OR attributes:function)", FAIL, True),
        ("(attributes:x AND attributes:y) OR attributes:status", FAIL, True),
        ("(attributes:status)", FAIL, True),
        ('attributes:"iana.org/language"', {"iana.org/language": "en"}, True),
        ('attributes."iana.org/language" = "en"', {"iana.org/language": "en"}, True),
        ("attributes:with-hyphen", {"with-hyphen": ""}, True),
        ("attributes:AND AND attributes:OR", {"AND": "", "OR": ""}, True),
        ('attributes.a = "AND"', {"a": "AND"}, True),
        (r'attributes.a = "say \"no\" \\ \u00e4"', {"a": 'say "no" \\ ä'}, True),
        ('attributes.a = "ä b"', {"a": "ä b"}, True),
    ],
)
def test_what_a_filter_lets_through(text: str, attributes: dict[str, str], expected: bool) -> None:  # noqa: FBT001  # the case's verdict
    """A filter says yes or no to the attributes of a message."""
    assert filters.compiled(text)(attributes) is expected


@pytest.mark.parametrize(
    "text",
    [
        "status",
        "attributes",
        "attributes:",
        "attributes.status",
        'attributes = "fail"',
        "attributes.status = fail",
        "attributes.status = 'fail'",
        'attributes.status == "fail"',
        'attributes.status > "fail"',
        'attributes.status = "fail',
        r'attributes.status = "\q"',
        'attributes.iana.org = "x"',
        "attributes:a attributes:b",
        "attributes:a AND",
        "AND attributes:a",
        "attributes:a and attributes:b",
        "NOT",
        "(attributes:a",
        "attributes:a)",
        "()",
        "attributes:a AND attributes:b OR attributes:c",
        "attributes:a OR attributes:b AND attributes:c",
        'hasPrefix(attributes.a "x")',
        'hasPrefix(attributes:a, "x")',
        'hasprefix(attributes.a, "x")',
        'hasSuffix(attributes.a, "x")',
        'data = "x"',
        "attributes:a;",
        "attributes:" + "a" * 256,
        "(" * 257,
    ],
)
def test_a_wrong_filter_is_refused(text: str) -> None:
    """What is no filter is an error that quotes it."""
    with pytest.raises(refusals.Refused) as caught:
        filters.compiled(text)
    assert caught.value.code == "INVALID_ARGUMENT"
    assert text in caught.value.message


@pytest.mark.parametrize("text", ["(" * 122 + "attributes:a" + ")" * 122, "-" * 244 + "attributes:a"])
def test_the_deepest_filter_is_read(text: str) -> None:
    """No filter within the limit of its length is too deep."""
    assert filters.compiled(text)({"a": ""}) is True


@hypothesis.given(
    text=strategies.text(max_size=60)
    | strategies.lists(
        strategies.sampled_from(
            ["attributes", ":", ".", "a", '"b"', "=", "!=", "(", ")", ",", "AND", "OR", "NOT", "-", "hasPrefix"]
        ),
        max_size=16,
    ).map(" ".join)
)
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    """Nothing but a refusal comes out of a text that is no filter."""
    verdict: object = "refused"
    with contextlib.suppress(refusals.Refused):
        verdict = filters.compiled(text)({"a": "b"})
    assert verdict in ("refused", True, False)


@pytest.mark.real_cloud
def test_a_subscription_gets_what_its_filter_lets_through(bench: tools.Bench) -> None:
    """The others are as if they had been acknowledged already."""
    topic = bench.topic()
    text = 'attributes.status = "fail" OR hasPrefix(attributes.function, "live")'
    subscription = bench.subscription(topic, filter=text)
    bench.publish(topic, b"1", attributes={"status": "pass", "function": "bigquery_backup"})
    bench.publish(topic, b"2", attributes={"status": "fail", "function": "bigquery_backup"})
    bench.publish(topic, b"3", attributes={"status": "pass", "function": "live_export"})
    bench.publish(topic, b"4")
    got = bench.pull(subscription)
    assert {one.message.data for one in got} <= {b"2", b"3"}
    assert got


@pytest.mark.real_cloud
def test_mixed_operators_need_parentheses(bench: tools.Bench) -> None:
    """AND beside OR is refused at the creation of the subscription."""
    with pytest.raises(exceptions.InvalidArgument):
        bench.subscription(bench.topic(), filter="attributes:a AND attributes:b OR attributes:c")

"""The declaration that ships, and the mistakes that a declaration can have; no mistake quotes an address."""

import json
from typing import Any

import pytest

from cloud_functions.alert_relay import declaration, run
from deploy import manifest, stage
from shared import declarations, errors, settings, shapes

SHIPPED = settings.ROOT / "cloud_functions" / "alert_relay"
SECRET = "https://hooks.slack.example/services/T0/B0/s3cr3t"  # noqa: S105 - the tests' own address
CHANNEL = "channels: [{{id: team, kind: slack, url: {url}}}]\n"
ROUTES = "routes: [{match: {}, channel: team, owner: data}]\n"
GOOD = CHANNEL.format(url="'${ALERTS_WEBHOOK_URL}'") + ROUTES


def parse(text: str, **environment: str) -> declaration.Alerts:
    """Return the declaration in a text."""
    return declarations.parse(
        declaration.Alerts, text, source="alerts.yaml", environment={"ALERTS_WEBHOOK_URL": SECRET} | environment
    )


def test_shipped_declaration_is_valid_with_its_one_secret() -> None:
    """All that it needs from the deployment is the secret that function.yaml declares."""
    facts = manifest.read("alert_relay", root=stage.REPOSITORY)
    loaded = run.declared(settings.read(dict.fromkeys(facts.secrets, SECRET)))

    assert [channel.id for channel in loaded.channels] == ["data-team"]
    assert list(facts.secrets) == ["ALERTS_WEBHOOK_URL"]
    assert SECRET not in repr(loaded)


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_secret_the_declaration_is_a_mistake(value: str | None) -> None:
    """An address that is not set, or empty, fails at once; nothing runs on and says that no webhook is configured."""
    environment = {} if value is None else {"ALERTS_WEBHOOK_URL": value}
    attempted = run.attempted(settings.read(environment))

    assert attempted.alerts is None
    assert "the environment variable ALERTS_WEBHOOK_URL is not set" in attempted.mistakes[0]
    with pytest.raises(errors.InvalidDeclaration):
        run.reach(attempted)


def test_published_schema_is_that_of_the_declaration() -> None:
    """Editors complete what the parser accepts: the file beside the YAML is generated from the dataclass."""
    published = json.loads((SHIPPED / "alerts.schema.json").read_text("utf-8"))

    assert published == shapes.schema(declaration.Alerts, title="alerts.yaml")


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T0/B0/x",
        "https://10.0.0.7:8443/x",
        "http://localhost:8080/x",
        "http://127.0.0.1/x",
        "http://[::1]:9/x",
    ],
)
def test_address_is_taken(url: str) -> None:
    """Any host by https, and this very machine by http."""
    assert declaration.Channel("team", "webhook", url).problems() == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "https://hooks.example/x\n",
        "https://hooks.example/a b",
        "https://",
        "https:///x",
        "hooks.example/x",
        "ftp://hooks.example/x",
        "file:///etc/passwd",
        "http://hooks.example/x",
        "http://10.0.0.7/x",
        "http://localhost.example/x",
        "https://user:password@hooks.example/x",
        "https://user@hooks.example/x",
        "https://hooks.example:port/x",
        "http://metadata.google.internal/computeMetadata/v1/",
        "https://metadata.google.internal./x",
        "https://169.254.169.254/x",
        "http://169.254.169.254/x",
        "https://2852039166/x",
        "https://0xa9fea9fe/x",
        "https://169.254.43518/x",
        "https://[::ffff:169.254.169.254]/x",
        "https://[fe80::1]/x",
        "https://[fd00:ec2::254]/x",
        "https://0.0.0.0/x",
        "https://[::1",
    ],
)
def test_address_is_refused_and_not_quoted(url: str) -> None:
    """Plain http, metadata servers in any disguise, users in addresses, and no address at all."""
    with pytest.raises(errors.InvalidDeclaration) as refused:
        parse(CHANNEL.format(url=json.dumps(url)) + ROUTES)

    assert "channels[0].url: " in str(refused.value)
    assert not url.strip() or url.strip() not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("channels: []\n" + ROUTES, "channels: must have at least 1 item"),
        (CHANNEL.format(url="https://a.example") + "routes: []\n", "routes: must have at least 1 item"),
        (GOOD.replace("channel: team", "channel: other"), "routes: there is no channel 'other'"),
        (GOOD.replace("match: {}", "match: {kind: rows}"), "routes: the last one must match everything"),
        (GOOD.replace("{match: {}, ", "{match: {}, channel: team, owner: a}, {match: {}, "), "one before the last"),
        (GOOD.replace("kind: slack", "kind: mail"), "must be one of slack, webhook"),
        (GOOD + "remind_hours: 0\n", "remind_hours: must be at least 1"),
        (GOOD + "quiet: {start: '22:00', end: '22:00', time_zone: UTC}\n", "quiet.end: must differ from start"),
        (GOOD + "quiet: {start: '22:00', end: '24:00', time_zone: UTC}\n", "quiet.end: must match"),
        (GOOD + "quiet: {start: 22:00, end: '07:00', time_zone: UTC}\n", "quiet.start: must be a text, not 1320"),
        (GOOD + "quiet: {start: '22:00', end: '07:00', time_zone: Mars}\n", "no such time zone: 'Mars'"),
        (GOOD + "quiet: {start: '22:00', end: '07:00', time_zone: UTC, severities: [critical]}\n", "must be one of"),
        (GOOD + "silences: [{match: {}, reason: r, owner: o}]\n", "until: is missing"),
        (GOOD + "silences: [{match: {}, until: 2026-02-12T10:00:00, reason: r, owner: o}]\n", "needs its offset"),
        (GOOD + "silences: [{match: {subject: []}, until: 2026-02-12T10:00:00Z, reason: r, owner: o}]\n", "at least 1"),
        (GOOD + "silence: []\n", "silence: is not known here"),
    ],
)
def test_mistake_is_named(text: str, problem: str) -> None:
    """A wrong declaration tells nobody anything, and says why."""
    with pytest.raises(errors.InvalidDeclaration) as refused:
        parse(text)

    assert problem in str(refused.value)


def test_channels_stand_there_once() -> None:
    """Two channels of one id are a mistake."""
    twice = (
        "channels: [{id: a, kind: slack, url: 'https://a.example'}, {id: a, kind: slack, url: 'https://b.example'}]\n"
    )
    with pytest.raises(errors.InvalidDeclaration, match="channels: a stands here twice"):
        parse(twice + ROUTES.replace("team", "a"))


def request(value: dict[str, Any]) -> tuple[declaration.Request | None, list[shapes.Problem]]:
    """Return the request in a body, or its mistakes."""
    return shapes.build(declaration.Request, shapes.plain(value))


def test_an_envelope_may_grow_inside_the_message() -> None:
    """Fields that Google adds to a message lose nothing."""
    made, problems = request({"message": {"data": "e30=", "messageId": "1", "novelty": [1]}, "subscription": "s"})

    assert problems == []
    assert made is not None
    assert made.message is not None
    assert dict(made.message) == {"data": "e30=", "messageId": "1", "novelty": [1]}


def test_nothing_is_a_sweep_and_an_envelope_around_nothing_a_mistake() -> None:
    """A subscription without a message asks for nothing."""
    assert request({}) == (declaration.Request(), [])
    assert [one.path for one in request({"subscription": "s"})[1]] == ["message"]


def test_the_report_repeats_the_message_by_name_only() -> None:
    """What a report repeats of its request must not hold another report."""
    made, _ = request({"message": {"data": "x" * 1000, "messageId": "17"}})

    assert made is not None
    assert str(made.message) == "message 17"

"""Where a URL leads, in each form that Google gives it."""

import dataclasses
from typing import Any

import pytest

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import targets
from tests.cloud_functions.daily_health_check import doctor_cases

PROJECT, REGION, NUMBER = "nba-props-platform", "us-west2", "756957797294"
PLACE = f"projects/{PROJECT}/locations/{REGION}"
FUNCTIONS_HOST = f"https://{REGION}-{PROJECT}.cloudfunctions.net"


def service(name: str, *urls: str) -> snapshots.Service:
    """Return a service that answers under its hashed URL, and under `urls`."""
    uri = f"https://{name}-f7p3g7f6ya-wl.a.run.app"
    bare = doctor_cases.read("healthy-daily").known.services
    assert bare
    return dataclasses.replace(bare[0], name=f"{PLACE}/services/{name}", uri=uri, urls=(uri, *urls))


def function(name: str, environment: str = "GEN_2") -> snapshots.Function:
    """Return a function, over the service of its name when it is of the second generation."""
    under = f"{PLACE}/services/{name}" if environment == "GEN_2" else None
    uri = f"https://{name}-f7p3g7f6ya-wl.a.run.app" if under else None
    url = f"{FUNCTIONS_HOST}/{name}"
    return snapshots.Function(
        f"{PLACE}/functions/{name}", environment, "ACTIVE", url, uri, under, None, None, 60.0, None, {}
    )


SERVICES = (
    service("coordinator", f"https://coordinator-{NUMBER}.{REGION}.run.app"),
    service("exporter", f"{FUNCTIONS_HOST}/exporter", "https://export.example.com"),
)
FUNCTIONS = (function("exporter"), function("fetcher", "GEN_1"))


def resolved(uri: str | None, **changes: Any) -> targets.Target:
    """Return where a URL leads, given the services and functions of this module."""
    known: dict[str, Any] = {"project": PROJECT, "functions": FUNCTIONS, "services": SERVICES, **changes}
    return targets.resolve(uri, **known)


@pytest.mark.parametrize(
    ("uri", "kind", "name"),
    [
        ("https://coordinator-f7p3g7f6ya-wl.a.run.app/start?x=1", "run", "coordinator"),
        ("https://COORDINATOR-f7p3g7f6ya-wl.a.run.app:443/", "run", "coordinator"),
        ("https://green---coordinator-f7p3g7f6ya-wl.a.run.app/", "run", "coordinator"),
        (f"https://coordinator-{NUMBER}.{REGION}.run.app/start", "run", "coordinator"),
        (f"https://exporter-{NUMBER}.{REGION}.run.app", "run", "exporter"),
        (f"{FUNCTIONS_HOST}/exporter/run", "run", "exporter"),
        ("https://export.example.com/run", "run", "exporter"),
        (f"{FUNCTIONS_HOST}/fetcher", "gen1", "fetcher"),
        (f"{FUNCTIONS_HOST}/removed", "gone", "removed"),
        (f"{FUNCTIONS_HOST}/", "gone", None),
        ("https://removed-f7p3g7f6ya-wl.a.run.app", "gone", "removed"),
        (f"https://removed-{NUMBER}.{REGION}.run.app", "gone", "removed"),
        ("https://removed-a1b2c3d4e5-wl.a.run.app", "foreign", "removed"),
        (f"https://coordinator-111111111111.{REGION}.run.app", "foreign", "coordinator"),
        ("https://us-west2-my-nba-props-platform.cloudfunctions.net/x", "foreign", "x"),
        ("https://us-west2-run.googleapis.com/apis/x:run", "google", None),
        ("https://googleapis.com.example.com/", "external", None),
        ("https://hooks.example.com/", "external", None),
        ("https://[", "external", None),
        (None, "none", None),
    ],
)
def test_a_url_leads_somewhere(uri: str | None, kind: str, name: str | None) -> None:
    """Hashed, numbered, tagged, of a function, of an own domain; of nobody, of others, of Google."""
    found = resolved(uri)

    assert (found.kind, found.name) == (kind, name)


def test_the_functions_host_is_not_the_service_s() -> None:
    """All functions of a region share the host that one service has among its URLs: the path decides."""
    assert resolved(f"{FUNCTIONS_HOST}/fetcher").service is None
    assert resolved(f"{FUNCTIONS_HOST}/exporter").service == SERVICES[1]


def test_a_second_generation_function_brings_its_service() -> None:
    """Either is found by the other, and both count for what the target may take."""
    found = resolved("https://exporter-f7p3g7f6ya-wl.a.run.app")

    assert (found.function, found.service) == (FUNCTIONS[0], SERVICES[1])
    assert found.timeout == SERVICES[1].timeout
    assert f"{FUNCTIONS_HOST}/exporter" in found.urls


@pytest.mark.parametrize("lost", ["functions", "services"])
def test_what_could_not_be_listed_is_not_gone(lost: str) -> None:
    """Without all lists nobody can say that nothing is there; what is found is found."""
    assert resolved(f"{FUNCTIONS_HOST}/removed", **{lost: None}).kind == "unasked"
    assert resolved("https://removed-f7p3g7f6ya-wl.a.run.app", **{lost: None}).kind == "unasked"
    assert resolved("https://exporter-f7p3g7f6ya-wl.a.run.app", **{lost: None}).kind == "run"


def test_another_region_is_not_gone() -> None:
    """A host of a region that was not asked is not judged."""
    elsewhere = f"https://us-east1-{PROJECT}.cloudfunctions.net/removed"

    assert resolved(elsewhere, regions=(REGION,)).kind == "unasked"
    assert resolved(elsewhere, regions=(REGION, "us-east1")).kind == "gone"


def test_what_could_not_be_read_is_not_gone() -> None:
    """A service whose resource is garbled is there."""
    known = doctor_cases.read("gone-service").known
    garbled = dataclasses.replace(known, garbled=("old-export: timeout must be seconds",))

    assert targets.of(known.jobs[0].uri, known).kind == "gone"
    assert targets.of(known.jobs[0].uri, garbled).kind == "unasked"

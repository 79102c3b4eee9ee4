"""Functions as Cloud Functions v2 says them: those over a Cloud Run service, and the first generation's."""

from typing import Any

from local.control import paging, times
from local.control.world import World
from local.storage import exchange
from local.world import platform

PAGE = 1000


def listed(world: World, request: exchange.Request, location: str) -> dict[str, Any]:
    """Return a page of a location's functions of both generations; "-" stands for all locations."""
    known = world.platform()
    found = [gen1(name) for name in known.gen1] + [gen2(one) for one in known.services if one.function]
    here = sorted(found, key=lambda one: str(one["name"])) if location in ("-", platform.REGION) else []
    shown, token = paging.page(here, request.query, default=PAGE, most=min(PAGE, known.page))
    return paging.answer("functions", shown, token=token, say=lambda one: one)


def gen2(service: platform.Service) -> dict[str, Any]:
    """Return the function over a service; its revision is the newest, whichever serves."""
    name = str(service.function)
    config: dict[str, Any] = {
        "service": f"{platform.PARENT}/services/{service.name}",
        "timeoutSeconds": service.timeout,
        "environmentVariables": {**service.environment, "BUILD_COMMIT": service.commit},
        "maxInstanceCount": 3,
        "ingressSettings": "ALLOW_ALL",
        "uri": service.url,
        "serviceAccountEmail": service.account,
        "availableMemory": service.memory,
        "allTrafficOnLatestRevision": not service.pinned,
        "revision": service.revision,
        "maxInstanceRequestConcurrency": 1,
        "availableCpu": "1",
    }
    if service.pinned:
        del config["allTrafficOnLatestRevision"]
    return _function(name, environment="GEN_2", seed=service.revision) | {
        "serviceConfig": config,
        "labels": {"commit-sha": service.commit, "deployment-tool": "cli-gcloud"},
    }


def gen1(name: str) -> dict[str, Any]:
    """Return a first-generation function, which has no Cloud Run service."""
    return _function(name, environment="GEN_1", seed=name) | {
        "serviceConfig": {
            "timeoutSeconds": 180,
            "environmentVariables": {"GCP_PROJECT": platform.PROJECT},
            "ingressSettings": "ALLOW_ALL",
            "uri": platform.gen1_url(name),
            "serviceAccountEmail": f"{platform.PROJECT}@appspot.gserviceaccount.com",
            "availableMemory": "256M",
            "revision": "7",
        },
        "upgradeInfo": {"upgradeState": "ELIGIBLE_FOR_2ND_GEN_UPGRADE"},
        "labels": {"deployment-tool": "cli-gcloud"},
    }


def _function(name: str, *, environment: str, seed: str) -> dict[str, Any]:
    build = platform.digest(f"build {seed}")
    folder = f"{platform.REGION}/{name}"
    return {
        "name": f"{platform.PARENT}/functions/{name}",
        "buildConfig": {
            "build": f"projects/{platform.NUMBER}/locations/{platform.REGION}/builds/"
            f"{build[:8]}-{build[8:12]}-4{build[13:16]}-8{build[17:20]}-{build[20:32]}",
            "runtime": "python311",
            "entryPoint": name if environment == "GEN_2" and "_" in name else "main",
            "source": {
                "storageSource": {
                    "bucket": f"gcf-v2-sources-{platform.NUMBER}-{platform.REGION}",
                    "object": f"{folder}/function-source.zip",
                    "generation": str(int(build[:13], 16) % 10**16),
                }
            },
        },
        "state": "ACTIVE",
        "updateTime": times.instant(platform.DEPLOYED),
        "environment": environment,
        "url": platform.gen1_url(name),
    }

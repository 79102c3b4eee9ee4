"""Services and their access policies as Cloud Run v2 says them."""

from typing import Any

from local.control import errors, paging, times
from local.control.world import World
from local.storage import exchange
from local.world import platform

PAGE = 100
MOST = 1000


def listed(world: World, request: exchange.Request, location: str) -> dict[str, Any]:
    """Return a page of a location's services; raise Refused (400) for all locations at once, which Run cannot list."""
    if location == "-":
        raise errors.invalid("Request contains an invalid argument: the wildcard '-' is not a supported location.")
    services = world.platform().services if location == platform.REGION else ()
    shown, token = paging.page(services, request.query, default=PAGE, most=min(MOST, world.platform().page))
    return paging.answer("services", shown, token=token, say=resource)


def got(world: World, _request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return one service; raise Refused (404)."""
    return resource(_service(world, location, name))


def policy(world: World, _request: exchange.Request, location: str, name: str) -> dict[str, Any]:
    """Return who may do what with a service; raise Refused (404). A policy without bindings has an etag only."""
    found = _service(world, location, name)
    members = [f"serviceAccount:{one}" for one in found.invokers]
    bindings = {"version": 1, "bindings": [{"role": "roles/run.invoker", "members": members}]} if members else {}
    return bindings | {"etag": "BwYk" + platform.digest(str(members))[:8] + "="}


def resource(service: platform.Service) -> dict[str, Any]:
    """Return a service as the API says it; what is empty is left out."""
    name = f"{platform.PARENT}/services/{service.name}"
    deployed = times.instant(platform.DEPLOYED)
    newest = f"{name}/revisions/{service.revision}"
    return {
        "name": name,
        "uid": platform.digest(service.name)[:32],
        "generation": str(int(service.revision.split("-")[-2])),
        "labels": {"commit-sha": service.commit} | ({"goog-managed-by": "cloudfunctions"} if service.function else {}),
        "createTime": times.instant(platform.DECLARED),
        "updateTime": deployed,
        "creator": platform.account("pressbox-deploy"),
        "ingress": "INGRESS_TRAFFIC_ALL",
        "launchStage": "GA",
        "template": _template(service),
        "traffic": [_target(service)],
        "terminalCondition": _condition("Ready", service.problem, at=deployed),
        "conditions": [
            _condition("RoutesReady", "", at=deployed),
            _condition("ConfigurationsReady", service.problem, at=deployed),
        ],
        "latestReadyRevision": newest,
        "latestCreatedRevision": newest,
        "trafficStatuses": [_target(service)],
        "uri": service.url,
        "urls": [service.numbered_url, service.url],
        "etag": f'"{platform.digest(service.revision)[:16]}"',
    }


def _template(service: platform.Service) -> dict[str, Any]:
    variables = {**service.environment, "BUILD_COMMIT": service.commit}
    return {
        "labels": {"commit-sha": service.commit},
        "scaling": {"maxInstanceCount": 3},
        "timeout": f"{service.timeout}s",
        "serviceAccount": service.account,
        "containers": [
            {
                "name": "worker",
                "image": service.image,
                "env": [{"name": key, **({"value": text} if text else {})} for key, text in variables.items()],
                "resources": {"limits": {"cpu": "1", "memory": service.memory}, "startupCpuBoost": True},
                "ports": [{"name": "http1", "containerPort": 8080}],
            }
        ],
        "maxInstanceRequestConcurrency": 1,
    }


def _target(service: platform.Service) -> dict[str, Any]:
    if service.pinned:
        return {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": service.serving, "percent": 100}
    return {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}


def _condition(kind: str, problem: str, *, at: str) -> dict[str, Any]:
    state = "CONDITION_FAILED" if problem else "CONDITION_SUCCEEDED"
    said = {"type": kind, "state": state, "lastTransitionTime": at}
    return said | ({"message": f"HealthCheckContainerError: {problem}", "reason": "REVISION_FAILED"} if problem else {})


def _service(world: World, location: str, name: str) -> platform.Service:
    for one in world.platform().services if location == platform.REGION else ():
        if one.name == name:
            return one
    raise errors.not_found(f"Resource '{name}' of kind 'SERVICE' in region '{location}' does not exist.")

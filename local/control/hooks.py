"""What tests and curious people may ask of the stand-in beyond the APIs; these requests are never counted nor struck.

POST   /_faults     arm a fault (see local/faults.py); GET shows, DELETE disarms them
POST   /_world      merge switches into those that are thrown (see `switches`); GET shows them, DELETE takes all back
GET    /_requests   how many requests came, in total and by call; DELETE starts from nought
"""

from local import faults
from local.control import errors, switches
from local.control.world import World
from local.storage import exchange
from local.storage import hooks as counting


def run(
    world: World, request: exchange.Request, *, armed: faults.Faults, counted: counting.Counter
) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        if request.path == "/_faults":
            return _faults(request, armed)
        if request.path == "/_world":
            return _world(request, world)
        if request.path == "/_requests":
            return _requests(request, counted)
        raise _no_hook(request)
    except errors.Refused as refused:
        return refused.response()


def _faults(request: exchange.Request, armed: faults.Faults) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response(armed.state())
    if request.method == "DELETE":
        armed.clear()
    elif request.method == "POST":
        _arm(errors.document(request.body), armed)
    else:
        raise _no_hook(request)
    return exchange.Response(204)


def _arm(declared: dict[str, object], armed: faults.Faults) -> None:
    try:
        armed.arm(declared, whose="the control planes")
    except ValueError as error:
        raise errors.invalid(str(error)) from error


def _world(request: exchange.Request, world: World) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response(world.state())
    if request.method == "DELETE":
        world.change(lambda _thrown: {})
    elif request.method == "POST":
        news = errors.document(request.body)
        world.change(lambda thrown: switches.merged(thrown, news))
    else:
        raise _no_hook(request)
    return exchange.Response(204)


def _requests(request: exchange.Request, counted: counting.Counter) -> exchange.Response:
    if request.method == "DELETE":
        counted.clear()
        return exchange.Response(204)
    if request.method == "GET":
        return exchange.json_response(counted.state())
    raise _no_hook(request)


def _no_hook(request: exchange.Request) -> errors.Refused:
    return errors.not_found(f"Method not found: {request.method} {request.path}")

"""What tests and curious people may ask of the stand-in beyond the APIs; these requests are never counted nor struck.

POST   /_world      merge switches into those that are thrown (see `switches`); GET shows them, DELETE takes all back

What every stand-in is asked, its faults and its counts, is in local/hooks.py.
"""

from local import faults, hooks
from local.control import errors, switches
from local.control.world import World
from local.storage import exchange


def run(world: World, request: exchange.Request, *, armed: faults.Faults, counted: hooks.Counter) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        return _common(request, armed, counted) or _world(request, world)
    except errors.Refused as refused:
        return refused.response()


def _common(request: exchange.Request, armed: faults.Faults, counted: hooks.Counter) -> exchange.Response | None:
    def document() -> dict[str, object]:
        return errors.document(request.body)

    try:
        return hooks.common(request, document, armed=armed, counted=counted, whose="the control planes")
    except ValueError as error:
        raise errors.invalid(str(error)) from error


def _world(request: exchange.Request, world: World) -> exchange.Response:
    match request.method, request.path:
        case "GET", "/_world":
            return exchange.json_response(world.state())
        case "DELETE", "/_world":
            world.change(lambda _thrown: {})
        case "POST", "/_world":
            news = errors.document(request.body)
            world.change(lambda thrown: switches.merged(thrown, news))
        case _:
            raise errors.not_found(f"Method not found: {request.method} {request.path}")
    return exchange.Response(204)

"""How the emulator's insides are overridden: each replacement names what it expects, and fails at start without it."""

from collections.abc import Callable
from typing import Any


class UnexpectedInternalsError(RuntimeError):
    """The installed emulator is not built as the overrides expect, so none of them can be trusted."""


def replace(owner: Any, name: str, value: Any) -> Any:
    """Return the former value of `owner.name`, now `value`; raise UnexpectedInternalsError when there was none."""
    if not hasattr(owner, name):
        raise UnexpectedInternalsError(
            f"{getattr(owner, '__name__', owner)} has no {name!r}; is bqemulator 1.4.0 installed?"
        )
    former = getattr(owner, name)
    setattr(owner, name, value)
    return former


def route(router: Any, call: str, endpoint: Callable[..., Any]) -> None:
    """Let `endpoint` answer `call` ("GET /path") on `router`; raise UnexpectedInternalsError without such a route."""
    method, path = call.split(" ", 1)
    full = router.prefix + path
    former = [entry for entry in router.routes if entry.path == full and method in entry.methods]
    if len(former) != 1:
        raise UnexpectedInternalsError(f"the emulator has {len(former)} routes for {call!r}, expected one")
    router.routes.remove(former[0])
    router.add_api_route(path, endpoint, methods=[method], response_model=None)

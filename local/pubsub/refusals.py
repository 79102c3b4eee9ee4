"""How a rule of Pub/Sub says no: a gRPC status by name and the service's words; knows nothing of gRPC itself."""


class Refused(Exception):
    """A request that breaks a rule; `code` is the name of a gRPC status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    """Return the refusal of a request that is wrong in itself."""
    return Refused("INVALID_ARGUMENT", message)


def not_found(name: str) -> Refused:
    """Return the refusal of a request that names what does not exist."""
    return Refused("NOT_FOUND", f"Resource not found (resource={_last(name)}).")


def already_exists(name: str) -> Refused:
    """Return the refusal of a request that would create what exists."""
    return Refused("ALREADY_EXISTS", f"Resource already exists in the project (resource={_last(name)}).")


def precondition(message: str) -> Refused:
    """Return the refusal of a request that the resource, as it is, cannot serve."""
    return Refused("FAILED_PRECONDITION", message)


def uncovered(what: str) -> Refused:
    """Return the refusal of what the real service does and this one does not."""
    return Refused("UNIMPLEMENTED", f"The embedded cloud does not cover {what}.")


def _last(name: str) -> str:
    return name.rpartition("/")[2]

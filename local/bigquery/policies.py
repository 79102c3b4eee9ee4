"""Who asks: the default account of the fake metadata server, unless a test names another caller in a header."""

from typing import Any

from bqemulator.row_access import identity

from local.bigquery import patching

EMAIL = "pressbox@nba-props-platform.iam.example"
ACCOUNT = f"serviceAccount:{EMAIL}"


def install(settings: Any) -> None:
    """Override how the emulator finds the caller in HTTP headers and gRPC metadata."""
    del settings
    patching.replace(identity, "_resolve_from_pairs", caller)
    patching.replace(identity, "DEFAULT_CALLER", ACCOUNT)


def caller(pairs: dict[str, str]) -> identity.CallerIdentity:
    """Return the caller, given headers in lower case: the one in x-bqemu-caller, else the default account.

    The tokens of the fake metadata server carry no name, so a bearer token is not looked at. The billing project in
    x-goog-user-project says who pays, not who asks.
    """
    named = identity.parse_caller(pairs.get(identity.CALLER_HEADER))
    groups = identity._parse_groups(pairs.get(identity.GROUPS_HEADER))  # noqa: SLF001 -- the emulator's parser of its header
    return identity.CallerIdentity(principal=named or ACCOUNT, groups=groups, is_authenticated=True)

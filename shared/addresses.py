"""Which addresses of foreign hosts may be called: https, or http on this very machine, and no metadata server; pure."""

import ipaddress
from typing import Literal
from urllib import parse

_METADATA_HOSTS = ("metadata", "metadata.google.internal", "metadata.goog", "instance-data")


def mistake(url: str) -> str | None:
    """Return why an address must not be called, or None when it may; the address is never quoted: it may be secret."""
    if not url or url != url.strip() or any(character.isspace() for character in url):
        return "is empty, or holds white space: a secret often ends with a line break"
    try:
        split = parse.urlsplit(url)
        host, _ = split.hostname or "", split.port
    except ValueError:
        return "is no address"
    if not host or split.username is not None or split.password is not None:
        return "needs a host, and no user before it"
    kind = _kind(host)
    if host.rstrip(".") in _METADATA_HOSTS or kind == "refused":
        return "leads to a metadata server, a link-local address, or a number that is no proper address"
    if split.scheme == "https" or (split.scheme == "http" and (host == "localhost" or kind == "loopback")):
        return None
    return "must be https; http is taken on a loopback address only"


def _kind(host: str) -> Literal["name", "loopback", "other", "refused"]:
    """Return what sort of host it is; a number that resolvers read as an address in disguise is refused."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return "refused" if last.isdigit() or last.startswith("0x") else "name"
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_link_local or found.is_unspecified or found.is_multicast or str(found) == "fd00:ec2::254":
        return "refused"
    return "loopback" if found.is_loopback else "other"

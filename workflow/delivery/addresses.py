"""Which addresses a webhook may have: whoever may name one must not reach into our own network with it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from workflow.delivery.failed import Failed

Resolve = Callable[..., list[Any]]
"""As `socket.getaddrinfo`."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def checked(host: str, port: int, *, private: bool, resolve: Resolve = socket.getaddrinfo) -> list[str]:
    """The addresses of a host, looked up once: connect to these and to no others.

    One that is not public is enough to refuse the host, unless `private`. Raises `Failed`.
    """
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed(f"{host} is not known: {error}", away=True) from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    inside = [address for address in addresses if not is_public(address)]
    if inside and not private:
        raise Failed(f"{host} is at {inside[0]}, an address that is not public", away=True)
    if not addresses:
        raise Failed(f"{host} has no address", away=True)
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the whole internet; one of IPv4 inside one of IPv6 is looked at as such."""
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        inner = known.ipv4_mapped or known.sixtofour
        if known in NAT64:
            inner = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)
        if inner is not None:
            known = inner
    return known.is_global and not known.is_multicast

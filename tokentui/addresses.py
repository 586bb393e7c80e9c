"""Where a request or a packet came from, and whether that lies in some networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse(text: str | None) -> Address | None:
    """An IPv4 or IPv6 address; one that is mapped into IPv6 (::ffff:192.0.2.1) is the IPv4 one. Zones are dropped."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def within(text: str | None, networks: Iterable[Network]) -> bool:
    """Whether it is an address, and in one of these."""
    address = parse(text)
    return address is not None and any(address in network for network in networks)

"""Where a request or a packet came from, and whether that lies in some networks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Hashable, Iterable
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LONGEST = 128
# As RFC 7239, 6 writes a node: an IPv6 address in brackets, and behind a colon a port (or `_` and a name for one).
_IPV6_NODE = re.compile(r"\[([0-9A-Fa-f:.]+(?:%[^\]]*)?)\](?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")
_IPV4_NODE = re.compile(r"([0-9.]+)(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")


def parse(text: str | None) -> Address | None:
    """An IPv4 or IPv6 address as servers and proxies write it; None for what is none, such as `unknown` or `_hidden`.

    Quotes, brackets, a port (`203.0.113.9:54321`, `"[2001:db8::1]:443"`) and a zone (`fe80::1%eth0`) are taken off. An
    address that is mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 one.
    """
    text = (text or "").strip()
    if len(text) > _LONGEST:
        return None
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    node = _IPV6_NODE.fullmatch(text) or _IPV4_NODE.fullmatch(text)
    try:
        address = ipaddress.ip_address((node[1] if node else text).partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def within(text: str | None, networks: Iterable[Network]) -> bool:
    """Whether it is an address, and in one of these."""
    address = parse(text)
    return address is not None and any(address in network for network in networks)


def plain(text: str | None) -> str | None:
    """The address alone, as it is usually written; None where the text holds none."""
    address = parse(text)
    return None if address is None else str(address)


@lru_cache(maxsize=1024)  # tokens share theirs
def are_networks(networks: Hashable) -> bool:
    """Whether a column of networks can be read: CIDRs with a space between."""
    try:
        return isinstance(networks, str) and all(ipaddress.ip_network(network) for network in networks.split())
    except ValueError:
        return False

"""What a proxy says of the request that it asks about: its path, and the address that it came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from tokentui.gate.reader import Network

Headers = Iterable[tuple[bytes, bytes]]

_PAIRS = {
    "nginx": (b"x-original-method", b"x-original-uri"),
    "forwarded": (b"x-forwarded-method", b"x-forwarded-uri"),
}
_LISTS = (b"x-forwarded-for",)
_WANTED = frozenset((b"authorization", *_LISTS, *_PAIRS["nginx"], *_PAIRS["forwarded"]))


class Contradiction(ValueError):
    """The original request is told in two ways, so one of them may be the client's own."""


def wanted(headers: Headers) -> dict[bytes, str]:
    """The headers that matter, by lower-case name.

    Raises Contradiction for one of the original request's that came twice. Two `Authorization` are none: an empty
    value, as it is no key.
    """
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name not in _WANTED:
            continue
        text = value.decode("latin-1")
        if name not in found:
            found[name] = text
        elif name in _LISTS:
            found[name] += "," + text
        elif name == b"authorization":
            found[name] = ""
        else:
            raise Contradiction(name.decode())
    return found


def original(found: Mapping[bytes, str], proxy: str) -> tuple[str, str | None]:
    """The original method and target; the target is None where the proxy told none.

    `proxy`: `nginx` or `forwarded` reads that pair alone. With `auto` both may be there if they agree: nginx hands on
    a client's own `X-Forwarded-*`, and Traefik and Caddy its `X-Original-*`. Raises Contradiction.
    """
    if proxy != "auto":
        method, target = _PAIRS[proxy]
        return found.get(method, "GET"), found.get(target)
    told: list[str | None] = []
    for one, other in zip(*_PAIRS.values(), strict=True):
        first, second = found.get(one), found.get(other)
        if first is not None and second is not None and first != second:
            raise Contradiction(one.decode())
        told.append(second if first is None else first)
    return told[0] or "GET", told[1]


def client(found: Mapping[bytes, str], peer: str | None, trusted: Sequence[Network]) -> str | None:
    """The address that the request came from: the peer's, or the last that no trusted proxy has in the list it made.

    Entries further to the left are what the client itself may have sent.
    """
    if peer is None or not _within(peer, trusted):
        return peer
    last = peer
    for entry in reversed(found.get(b"x-forwarded-for", "").split(",")):
        text = entry.strip()
        if text:
            last = text
            if not _within(text, trusted):
                break
    return last


def _within(text: str, networks: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)

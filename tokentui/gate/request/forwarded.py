"""What a proxy says of the request that it asks about: its path, and the address that it came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tokentui import addresses
from tokentui.gate.request import path

Headers = Iterable[tuple[bytes, bytes]]

_PAIRS = {
    "nginx": (b"x-original-method", b"x-original-uri"),
    "forwarded": (b"x-forwarded-method", b"x-forwarded-uri"),
}
_BOTH = tuple(zip(*_PAIRS.values(), strict=True))
_LISTS = (b"x-forwarded-for",)
_WANTED = frozenset((b"authorization", *_LISTS, *_PAIRS["nginx"], *_PAIRS["forwarded"]))


class Contradiction(ValueError):
    """The original request is told in two ways, so one of them may be the client's own."""


def wanted(headers: Headers) -> dict[bytes, bytes]:
    """The headers that matter, by lower-case name.

    Raises Contradiction for one of the original request's that came twice. Two `Authorization` are none: an empty
    value, as it is no key.
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in _WANTED:
            continue
        if name not in found:
            found[name] = value
        elif name in _LISTS:
            found[name] += b"," + value
        elif name == b"authorization":
            found[name] = b""
        else:
            raise Contradiction(name.decode())
    return found


def target(found: Mapping[bytes, bytes], proxy: str) -> str | None:
    """The original request's target; None where the proxy told none. Its method is only looked at for a contradiction.

    `proxy`: `nginx` or `forwarded` reads that pair alone. With `auto` both may be there if they agree: nginx hands on
    a client's own `X-Forwarded-*`, and Traefik and Caddy its `X-Original-*`. Raises Contradiction.
    """
    if proxy != "auto":
        told = found.get(_PAIRS[proxy][1])
    else:
        methods, targets = _BOTH
        _agreed(found, *methods)
        told = _agreed(found, *targets)
    return None if told is None else path.of_bytes(told)


def _agreed(found: Mapping[bytes, bytes], one: bytes, other: bytes) -> bytes | None:
    first, second = found.get(one), found.get(other)
    if first is not None and second is not None and first != second:
        raise Contradiction(one.decode())
    return second if first is None else first


class Clients:
    """Tells the address that a request came from, as the trusted proxies say."""

    def __init__(self, trusted: Iterable[str]) -> None:
        """`trusted`: networks, as CIDR."""
        networks = [ipaddress.ip_network(each) for each in trusted]
        # The same few again and again: to parse one takes longer than the rest of a decision.
        self._is_trusted = lru_cache(maxsize=4_096)(lambda text: addresses.within(text, networks))

    def of(self, found: Mapping[bytes, bytes], peer: str | None) -> str | None:
        """The peer's, or the last that no trusted proxy has in the list it made.

        Entries further to the left are what the client itself may have sent.
        """
        if peer is None or not self._is_trusted(peer):
            return peer
        last = peer
        for entry in reversed(found.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
            text = entry.strip()
            if text:
                last = text
                if not self._is_trusted(text):
                    break
        return last

"""The address that a request came from, as the trusted proxies tell it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tokentui import addresses

# RFC 7239, 4: pairs with semicolons between, elements with commas between, values that may be quoted.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*("(?:[^"\\]|\\.)*"|[^;,\s]*)', re.IGNORECASE)


class Clients:
    """Tells the address that a request came from."""

    def __init__(self, trusted: Iterable[str]) -> None:
        """`trusted`: the networks of the proxies that are believed, as CIDR."""
        networks = [ipaddress.ip_network(network) for network in trusted]

        # The same few again and again: to parse one takes longer than the rest of a decision.
        @lru_cache(maxsize=4_096)
        def read(text: str) -> tuple[str | None, bool]:
            return addresses.plain(text), addresses.within(text, networks)

        self._read = read

    def of(self, headers: Mapping[bytes, bytes], peer: str | None) -> str | None:
        """The peer's address, or the last that is no trusted proxy's in the list that they made.

        `X-Forwarded-For` and `Forwarded` (RFC 7239) are read; entries further to the left are what the client itself
        may have sent. None where there is no address, or where the two headers tell different ones: one of them may
        be the client's.
        """
        if not peer:
            return None
        address, trusted = self._read(peer)
        if not trusted:
            return address
        clients = []
        if b"x-forwarded-for" in headers:
            clients.append(self._last(headers[b"x-forwarded-for"].decode("latin-1").split(","), address))
        if b"forwarded" in headers:
            clients.append(self._last(_forwarded_for(headers[b"forwarded"].decode("latin-1")), address))
        if not clients:
            return address
        return clients[0] if all(other == clients[0] for other in clients) else None

    def _last(self, entries: Iterable[str], peer: str | None) -> str | None:
        last = peer
        for entry in reversed(list(entries)):
            if entry.strip():
                last, trusted = self._read(entry.strip())
                if not trusted:
                    break
        return last


def _forwarded_for(value: str) -> Iterable[str]:
    """The node of each element of a `Forwarded` header; `unknown` for an element that names none."""
    for element in _ELEMENT.findall(value):
        node = _FOR.search(element)
        if element.strip():
            yield node[1] if node else "unknown"

"""What a proxy says of the request that it asks about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tokentui.gate.request import path

Headers = Iterable[tuple[bytes, bytes]]

_PAIRS = {
    "nginx": (b"x-original-method", b"x-original-uri"),
    "forwarded": (b"x-forwarded-method", b"x-forwarded-uri"),
}
_BOTH = tuple(zip(*_PAIRS.values(), strict=True))
_LISTS = (b"x-forwarded-for", b"forwarded")
_WANTED = frozenset((b"authorization", *_LISTS, *_PAIRS["nginx"], *_PAIRS["forwarded"]))


class Contradiction(ValueError):
    """The original request is told in two ways, so one of them may be the client's own."""


def wanted(headers: Headers) -> dict[bytes, bytes]:
    """The headers that matter, by lower-case name.

    Raises Contradiction for one of the original request's that came twice. Two `Authorization` are none: an empty
    value, as it is no key.
    """
    wanted_headers: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in _WANTED:
            continue
        if name not in wanted_headers:
            wanted_headers[name] = value
        elif name in _LISTS:
            wanted_headers[name] += b"," + value
        elif name == b"authorization":
            wanted_headers[name] = b""
        else:
            raise Contradiction(name.decode())
    return wanted_headers


def target(headers: Mapping[bytes, bytes], proxy: str) -> str | None:
    """The original request's target; None where the proxy told none. Its method is only looked at for a contradiction.

    `proxy`: `nginx` or `forwarded` reads that pair alone. With `auto` both may be there if they agree: nginx hands on
    a client's own `X-Forwarded-*`, and Traefik and Caddy its `X-Original-*`. Raises Contradiction.
    """
    if proxy != "auto":
        value = headers.get(_PAIRS[proxy][1])
    else:
        methods, targets = _BOTH
        _agreed(headers, *methods)
        value = _agreed(headers, *targets)
    return None if value is None else path.of_bytes(value)


def _agreed(headers: Mapping[bytes, bytes], one: bytes, other: bytes) -> bytes | None:
    first, second = headers.get(one), headers.get(other)
    if first is not None and second is not None and first != second:
        raise Contradiction(one.decode())
    return second if first is None else first

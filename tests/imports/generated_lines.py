"""Lines as nobody would write them: some are tokens, most are nearly so, and some are nothing at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tokentui.crypto.key_format import new_key

_TEXTS = (
    "", " ", "Billing", "x" * 128, "x" * 600, "é\u0301", "\u202e", "\x00", "\x1b[31m", "\ud800", "☕", "never", "30d",
    "custom", "zapier", "2026-12-31", "2027-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "10.0.0.0/8", "*", "disabled",
    "SU-631-646-036", "su-1", "0" * 64, "f" * 63, "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+00:00", "{}",
)  # fmt: skip
_FIELDS = ("id", "name", "key", "sha256", "external_id", "description", "owner", "extension", "permissions", "networks",
           "expires_at", "status", "created_at", "created_by", "updated_at", "updated_by", "last_used_at", "secrets",
           "damaged", "requests_30d", "expires", "", "nam")  # fmt: skip


def generate(random: Random, number: int) -> Iterator[bytes]:
    """So many lines, each with its end."""
    for _ in range(number):
        kind = random.random()
        if kind < 0.05:
            yield random.randbytes(random.randrange(200)).replace(b"\n", b"") + b"\n"
        elif kind < 0.1:
            text = json.dumps(_token(random)).encode()
            yield text[: random.randrange(len(text))] + b"\n"
        else:
            yield (
                json.dumps(_token(random), ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass") + b"\n"
            )


def _token(random: Random) -> dict[str, Any]:
    token: dict[str, Any] = {"name": f"Token {random.randrange(1000)}", "permissions": "*"}
    kind = random.random()
    if kind < 0.4:
        token["key"] = f"old-{random.getrandbits(64):x}"
    elif kind < 0.6:
        token["sha256"] = random.randbytes(32).hex()
    elif kind < 0.7:
        token["key"] = new_key(random.randrange(10**9)).text
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 4))):
        token[random.choice(_FIELDS)] = _value(random, 0)
    return token


def _value(random: Random, depth: int) -> Any:
    kind = random.randrange(9 if depth < 3 else 6)
    if kind < 3:
        return random.choice(_TEXTS)
    if kind < 6:
        return random.choice((None, True, False, 0, -1, 1e308, 10**30, float("inf"), new_key(random.randrange(9)).text))
    if kind == 6:
        return "".join(chr(random.choice((random.randrange(128), random.randrange(0x10000)))) for _ in range(9))
    if kind == 7:
        return [_value(random, depth + 1) for _ in range(random.randrange(3))]
    names = ("all", "modules", "slug", "x")
    return {random.choice(names): _value(random, depth + 1) for _ in range(random.randrange(3))}

"""The address that a request came from, whatever its proxies write it like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.gate.request.address import Clients
from tokentui.gate.request.forwarded import wanted

CLIENTS = Clients(["127.0.0.0/8", "10.0.0.0/8"])


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9:54321", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("127.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("127.0.0.1", '"[2001:db8::1]:47011"', "2001:db8::1"),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("127.0.0.1", "203.0.113.9:1, 10.1.2.3:2", "203.0.113.9"),
        ("127.0.0.1:5000", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first is the client's own word
        ("127.0.0.1", "198.51.100.1,203.0.113.9, 10.1.2.3", "203.0.113.9"),  # behind a second proxy of ours
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", " , ,", "127.0.0.1"),
        ("127.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("127.0.0.1", "203.0.113.9, nonsense", None),  # so a token with networks is refused
        ("127.0.0.1", "203.0.113.9, unknown", None),
        ("127.0.0.1", "203.0.113.9, _hidden", None),
        ("127.0.0.1", "203.0.113.9, \x9b31m", None),
        ("198.51.100.7", "10.0.0.1", "198.51.100.7"),  # not a proxy of ours: its word is worth nothing
        (None, "10.0.0.1", None),
        ("", "10.0.0.1", None),
    ],
)
def test_the_client_address(peer: str | None, told: str, address: str | None) -> None:
    for _ in range(2):  # the second time from what was kept
        assert CLIENTS.of({b"x-forwarded-for": told.encode("latin-1")}, peer) == address


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
        ('proto=https; For="203.0.113.9:54321"', "203.0.113.9"),
        ('for=198.51.100.1, for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("for=198.51.100.1, for=203.0.113.9, for=10.1.2.3", "203.0.113.9"),
        ('for="_a,b;for=10.0.0.1", for=203.0.113.9', "203.0.113.9"),
        ("for=203.0.113.9, for=unknown", None),
        ("for=203.0.113.9, for=_gazonk", None),
        ("for=203.0.113.9, proto=https", None),
        ("", "127.0.0.1"),
    ],
)
def test_rfc_7239(told: str, address: str | None) -> None:
    assert CLIENTS.of({b"forwarded": told.encode("ascii")}, "127.0.0.1") == address


@pytest.mark.parametrize(("other", "address"), [("203.0.113.9:80", "203.0.113.9"), ("198.51.100.1", None)])
def test_both_headers(other: str, address: str | None) -> None:
    """One of them may be the client's own: they count where they agree."""
    told = {b"x-forwarded-for": b"203.0.113.9", b"forwarded": f'for="{other}"'.encode()}
    assert CLIENTS.of(told, "127.0.0.1") == address


def test_several_lists_are_one() -> None:
    """RFC 9110, 5.3: as if joined with commas, in their order."""
    told = wanted([(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"203.0.113.9")])
    assert CLIENTS.of(told, "127.0.0.1") == "203.0.113.9"


@given(st.binary(), st.binary())
def test_any_bytes(one: bytes, other: bytes) -> None:
    """Never raises, and tells an address or nothing."""
    address = CLIENTS.of({b"x-forwarded-for": one, b"forwarded": other}, "127.0.0.1")
    assert address is None or CLIENTS.of({}, address) == address

"""Addresses as servers, proxies and logs write them."""

from __future__ import annotations

import ipaddress

import pytest

from tokentui import addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("203.0.113.9:54321", "203.0.113.9"),
        ("203.0.113.9:_port", "203.0.113.9"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]:47011"', "2001:db8::1"),
        ('"203.0.113.9"', "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
        ("", None), (None, None), ("unknown", None), ("_hidden", None), ("203.0.113", None), ("203.0.113.9:", None),
        ("203.0.113.9:123456", None), ("[203.0.113.9]:80", "203.0.113.9"), ("[2001:db8::1", None), ('"', None),
        ("203.0.113.9/24", None), ("1" * 10_000, None), ("203.0.113.9\x1b[31m", None),
    ],
)  # fmt: skip
def test_plain(text: str | None, address: str | None) -> None:
    assert addresses.plain(text) == address


def test_within() -> None:
    networks = [ipaddress.ip_network("203.0.113.0/24"), ipaddress.ip_network("2001:db8::/32")]
    for text in ("203.0.113.9:54321", "[2001:db8::1]:443", "::ffff:203.0.113.9"):
        assert addresses.within(text, networks)
    for other in ("198.51.100.1:1", "unknown", None):
        assert not addresses.within(other, networks)

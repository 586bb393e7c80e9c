"""What a proxy says of the original request, and what a client says that came through it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.gate.request import forwarded
from tokentui.gate.request.address import Clients
from tokentui.gate.request.forwarded import Contradiction, target, wanted

CLIENTS = Clients(["127.0.0.0/8", "10.0.0.0/8"])
NGINX = {b"x-original-method": b"POST", b"x-original-uri": b"/agreements/?a=1"}
TRAEFIK = {b"x-forwarded-method": b"POST", b"x-forwarded-uri": b"/agreements/?a=1"}
OTHER = {b"x-forwarded-method": b"GET", b"x-forwarded-uri": b"/products"}


@pytest.mark.parametrize("pair", [NGINX, TRAEFIK, NGINX | TRAEFIK])
def test_either_pair_of_headers_is_read_and_both_where_they_agree(pair: dict[bytes, bytes]) -> None:
    assert target(pair, "auto") == "/agreements/?a=1"


@pytest.mark.parametrize("key", [b"x-forwarded-method", b"x-forwarded-uri"])
def test_pairs_that_differ_in_one_are_refused(key: bytes) -> None:
    with pytest.raises(Contradiction):
        target(NGINX | TRAEFIK | {key: OTHER[key]}, "auto")


def test_a_named_proxy_reads_its_pair_alone() -> None:
    """The client's own other pair says nothing, nor does it stand in for a missing one."""
    assert target(NGINX | OTHER, "nginx") == "/agreements/?a=1"
    assert target(NGINX | OTHER, "forwarded") == "/products"
    assert target(OTHER, "nginx") is None


def test_a_pair_that_is_not_there() -> None:
    assert target({}, "auto") is None
    assert target({b"x-original-uri": b""}, "auto") == ""


@pytest.mark.parametrize("name", [b"x-original-uri", b"x-forwarded-method"])
def test_the_same_header_twice_is_refused(name: bytes) -> None:
    with pytest.raises(Contradiction):
        wanted([(name, b"/a"), (name, b"/a")])


def test_two_keys_are_none() -> None:
    assert wanted([(b"authorization", b"ApiKey a"), (b"authorization", b"ApiKey a")]) == {b"authorization": b""}


NAMES = [
    b"authorization",
    b"x-original-uri",
    b"x-original-method",
    b"x-forwarded-uri",
    b"x-forwarded-for",
    b"forwarded",
    b"cookie",
]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=30))), st.sampled_from(["auto", "nginx"]))
def test_any_headers(headers: list[tuple[bytes, bytes]], proxy: str) -> None:
    """Nothing but a contradiction is raised, and the target is one that was sent."""
    try:
        read = forwarded.wanted(headers)
        told = target(read, proxy)
    except Contradiction:
        return
    CLIENTS.of(read, "127.0.0.1")
    assert told is None or told.encode("utf-8", "surrogateescape") in [
        value for name, value in headers if name.endswith(b"-uri")
    ]

"""A path trick never reaches another module than those the token opens."""

from __future__ import annotations

import posixpath
import re
import time
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.gate.policy import ModulePaths, Needed
from tokentui.gate.request import path

PREFIXES = {"/agreements": "agreements", "/products": "products", "/products/special": "special"}


def ask(target: str, base: str = "", unmatched: str = "refuse") -> Needed:
    rows = [(prefix, slug, slug.title()) for prefix, slug in PREFIXES.items()]
    return ModulePaths(rows, base_path=base, unmatched=unmatched).needed(target)


@pytest.mark.parametrize(
    ("target", "modules"),
    [
        ("/agreements", ("agreements",)),
        ("/agreements/", ("agreements",)),
        ("/agreements?x=/products", ("agreements",)),
        ("/agreements#/products", None),
        ("/agreements#/../products", None),
        ("/agreements%23/../products", ("products",)),
        ("/agreements?a#/../products", ("agreements",)),
        ("/%61greements/1", ("agreements",)),
        ("//agreements", ("agreements",)),
        ("/./agreements", ("agreements",)),
        ("/agreements;v=1/x", ("agreements",)),
        ("http://host/agreements/x?y", ("agreements",)),
        ("/products/special/1", ("special",)),
        ("/products/specialist", ("products",)),
        ("/agreements/../products", ("products", "agreements")),
        ("/agreements/%2e%2e/products", ("products", "agreements")),
        ("/products/special/../1", ("products", "special")),
        ("/agreementsx", None),
        ("/Agreements", None),
        ("/", None),
        ("", None),
        ("agreements", None),
        ("*", None),
        ("http://[/agreements", None),
        ("/agreements%2fx", None),
        ("/agreements%5C..", None),
        ("/agreements\\x", None),
        ("/agreements/%252e%252e/products", None),
        ("/agreements/%zz", None),
        ("/agreements/%ff", None),
        ("/agreements/%00", None),
        ("/agreements/\udce4", None),
        ("/../agreements", None),
        ("/agreements/..;/products", None),
        ("/agreements//../products", None),
    ],
)
def test_modules_of_a_target(target: str, modules: tuple[str, ...] | None) -> None:
    """What each is taken for; None is refused."""
    assert ask(target) == modules


def test_unmatched_may_be_let_through() -> None:
    """But nothing that is ambiguous, nor a module's path in another case."""
    assert ask("/other", unmatched="allow") == ()
    assert ask("/PRODUCTS/1", unmatched="allow") is None
    assert ask("/a%2fb", unmatched="allow") is None
    assert ask("/agreements/../other", unmatched="allow") is None


def test_a_module_within_another_in_another_case() -> None:
    """A server that ignores case would take it for the inner one, so both are needed."""
    assert ask("/products/Special/1") == ("products", "special")
    assert ask("/products/%53PECIAL") == ("products", "special")
    assert ask("/products/specialist") == ("products",)


def test_base_path() -> None:
    """Taken off by whole segments."""
    assert ask("/public/v1/agreements", base="/public/v1") == ("agreements",)
    assert ask("/public/v1x/agreements", base="/public/v1") is None
    assert ask("/public/v1/../../agreements", base="/public/v1") is None
    assert ask("/agreements", base="/public/v1/") is None


PIECES = st.sampled_from(
    ["/", "//", ".", "..", "%2e", "%2E%2e", "%2f", "%5c", "\\", ";x", "?", "#", "%", "%25", "a", "agreements",
     "products", "special", "http://h", " ", "é", "%c3%a9", "\x00"]
)  # fmt: skip


def readings(target: str) -> set[str]:
    """How servers could read a target's path: by its text, resolved, slashes merged first or last, no parameters."""
    raw = re.sub(r"^http://[^/]*", "", target).split("?")[0]
    modules = set()
    for text in (raw, unquote(raw), unquote(unquote(raw))):
        for plain in (text, text.replace("\\", "/"), re.sub(r";[^/]*", "", text)):
            merged = re.sub("/+", "/", plain)
            modules |= {plain, merged, posixpath.normpath(merged) if merged else ""}
    return modules


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_trick_reaches_another_module(piece: str) -> None:
    """Whatever module any server could take the target for is asked of the token."""
    target = "/" + piece
    modules = ask(target)
    if modules is None:
        return
    for reading in readings(target):
        taken_for = path.module_of(reading.rstrip("/"), PREFIXES) if reading.startswith("/") else None
        assert taken_for is None or taken_for in modules, (target, reading)


@pytest.mark.parametrize("sent", [b"/caf\xc3\xa9/1", b"/caf%C3%A9/1", b"/caf\xc3%A9/1", b"/%63af%c3\xa9/1"])
def test_bytes_that_are_utf8_are_as_if_encoded(sent: bytes) -> None:
    """nginx hands them on as they are, and decodes them for the API."""
    for unmatched in ("refuse", "allow"):
        assert ModulePaths([("/café", "cafe", "Café")], unmatched=unmatched).needed(path.of_bytes(sent)) == ("cafe",)


@given(st.binary())
def test_any_bytes(sent: bytes) -> None:
    """Never raise; what is no UTF-8 is refused."""
    assert ask(path.of_bytes(b"/" + sent)) is None or sent.split(b"?")[0].decode("utf-8") is not None


@given(st.text())
def test_any_target(target: str) -> None:
    """Never raises; what has no module is refused."""
    assert ask(target) is None or ask(target)


@pytest.mark.parametrize("piece", ["/a", "/", "/..", "/a/..", "%2f", "/%61", "/é"])
def test_time_grows_with_the_length_alone(piece: str) -> None:
    """As many characters as are let in, many times: a square would take minutes."""
    started = time.process_time()
    for number in range(20):
        ask(f"/agreements/{number}" + piece * (path.LONGEST_TARGET // len(piece)), unmatched="allow")
        ask((f"/agreements/{number}" + piece * path.LONGEST_TARGET)[: path.LONGEST_TARGET])
    assert time.process_time() - started < 2


def test_module_of_a_path_of_slashes_is_linear() -> None:
    """Whatever the bound: sixteen times the segments take sixteen times as long, and not two hundred."""
    started = time.process_time()
    assert path.module_of("/products" + "/a" * 1_000_000, PREFIXES) == "products"
    assert time.process_time() - started < 2


def test_a_target_that_is_too_long_is_refused() -> None:
    """By one character; whatever module it is in."""
    target = "/agreements/".ljust(path.LONGEST_TARGET, "a")
    assert ask(target) == ("agreements",)
    assert ask(target + "a") is None
    assert ask(target + "a", unmatched="allow") is None

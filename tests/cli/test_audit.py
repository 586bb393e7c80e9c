"""`tokentui audit` as a table."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Tokentui
from tokentui.ui.text import cell_width


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_terminal(tokentui: Tokentui, width: int) -> None:
    """When, what and which token stand at every width; what was changed has the room that is left, if there is any."""
    token = tokentui.make(name="A name " + "x" * 120)["id"]
    tokentui("rotate", token, "--overlap", "1h")
    tokentui("edit", token, "--name", "Short", SUDO_USER="a-name-of-an-operator-that-is-long")
    lines = tokentui.in_terminal("audit", columns=width).out.splitlines()
    plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
    assert len(plain) == 4
    assert max(map(cell_width, plain)) <= width
    assert all(token in line for line in plain[1:])
    assert ("CHANGES" in plain[0]) is (width >= 80)
    assert ("A name xxx" in plain[1]) is (width >= 80)


def test_a_pipe_gets_straight_columns_and_all_of_them(tokentui: Tokentui) -> None:
    """Whatever is the longest actor and action."""
    token = tokentui.make(name="Nightly")["id"]
    tokentui("disable", token)
    lines = tokentui("audit").out.splitlines()
    places = [line.index(token) for line in lines[1:]]
    assert set(places) == {lines[0].index("TOKEN")}


def test_nothing_is_recorded(tokentui: Tokentui) -> None:
    """Said on standard error, as a program reads the other."""
    done = tokentui("audit")
    assert (done.status, done.out, done.err) == (0, "", "Nothing is recorded\n")

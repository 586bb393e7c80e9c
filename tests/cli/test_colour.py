"""`--color auto|always|never` and NO_COLOR, for standard output and for what is said beside it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Tokentui

RED = "\x1b[31m"


def test_an_error_is_red_where_colours_are_wanted(tokentui: Tokentui) -> None:
    """Also one of the command line itself, and whatever NO_COLOR says."""
    for arguments in (("show", "SU-000-000-000"), ("nosuch",), ("list", "--nosuch")):
        done = tokentui("--color", "always", *arguments, NO_COLOR="1")
        assert done.err.startswith(f"{RED}tokentui:\x1b[0m ")
        assert "\x1b" not in tokentui(*arguments).err
        assert "\x1b" not in tokentui("--color", "never", *arguments).err


def test_a_warning_is_yellow(tokentui: Tokentui) -> None:
    """As that of a name that is there already."""
    tokentui.make(name="Twin")
    done = tokentui("--color", "always", "create", "--name", "Twin", "--all-modules")
    assert "\x1b[33mtokentui: warning:\x1b[0m " in done.err


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_colours_unless_it_says_no(
    tokentui: Tokentui, environment: dict[str, str], coloured: bool
) -> None:
    """An empty NO_COLOR says nothing (no-color.org)."""
    shown = tokentui.in_terminal("show", "SU-000-000-000", environment={"TERM": "xterm-256color", **environment})
    assert (RED in shown.out) is coloured


def test_a_result_never_holds_colours_for_a_program(tokentui: Tokentui) -> None:
    """JSON, CSV and lines of JSON are the same, whatever is asked for."""
    tokentui.make()
    for command in (("list", "--json"), ("list", "--csv"), ("export",), ("stats", "--csv"), ("stats", "--json")):
        assert "\x1b" not in tokentui("--color", "always", *command).out

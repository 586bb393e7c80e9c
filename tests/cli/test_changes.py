"""State changes of many tokens: what is asked before, which tokens a filter means, and what is left alone."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Tokentui


def status(tokentui: Tokentui, token_id: str) -> str:
    shown: str = tokentui("show", token_id, "--json").json["status"]
    return shown


def test_one_token_is_named_in_the_question(tokentui: Tokentui) -> None:
    """Anything but yes leaves it as it is."""
    token_id = tokentui.make(name="Billing export")["id"]
    for answer in ("n\n", "\n", "\x04"):
        shown = tokentui.in_terminal("delete", token_id, typed=answer)
        assert f"Delete Billing export ({token_id})? [y/N]" in shown.out
        assert shown.status == 130
        assert status(tokentui, token_id) == "active"
    assert tokentui.in_terminal("delete", token_id, typed="y\n").status == 0
    assert status(tokentui, token_id) == "deleted"
    assert f"Purge Billing export ({token_id})? [y/N]" in tokentui.in_terminal("purge", typed="n\n").out


def test_several_are_listed_before_the_question(tokentui: Tokentui) -> None:
    """With what will happen, ten of them by name."""
    ids = [tokentui.make(name=f"Token {number}")["id"] for number in range(12)]
    shown = tokentui.in_terminal("delete", *ids, typed="n\n").out
    assert "12 will stop" in shown
    assert shown.count("never used") == 10
    assert "and 2 more" in shown
    assert "Delete 12 tokens? [y/N]" in shown


def test_what_is_refused_is_not_asked_about(tokentui: Tokentui) -> None:
    """A token that is deleted already, or is not there."""
    token_id = tokentui.make()["id"]
    tokentui("delete", token_id, "--yes")
    for wrong in (token_id, "SU-000-000-000"):
        shown = tokentui.in_terminal("delete", wrong)
        assert shown.status == 1
        assert "[y/N]" not in shown.out


def test_a_filter_stands_in_place_of_ids(tokentui: Tokentui) -> None:
    """It asks first, and needs --yes where nobody can be asked."""
    old, new = tokentui.make(name="Old export")["id"], tokentui.make(name="New export")["id"]
    other = tokentui.make(name="Import")["id"]
    assert tokentui("disable", "--filter", "export").status == 2
    shown = tokentui.in_terminal("disable", "--filter", "export", typed="y\n")
    assert "2 will stop" in shown.out
    assert "Disable 2 tokens? [y/N]" in shown.out
    assert [status(tokentui, token_id) for token_id in (old, new, other)] == ["disabled", "disabled", "active"]
    done = tokentui("enable", "--filter", "old", "--yes", "--json")
    assert done.json == {"done": [old], "refused": []}


def test_a_filter_means_the_tokens_that_allow_it(tokentui: Tokentui) -> None:
    """Those that are disabled already are left alone; a restore is of deleted ones."""
    first, second = tokentui.make(name="A x")["id"], tokentui.make(name="B x")["id"]
    tokentui("disable", first)
    assert tokentui("disable", "--filter", "x", "--yes", "--json").json == {"done": [second], "refused": []}
    again = tokentui("disable", "--filter", "x", "--yes")
    assert (again.status, again.out, again.err) == (0, "", "No token matches that can be disabled\n")
    assert sorted(tokentui("delete", "--filter", "x", "--yes", "--json").json["done"]) == sorted([first, second])
    assert tokentui("restore", "--filter", "name:A", "--yes").out in ("", f"{first} restored\n")
    assert tokentui("restore", "--filter", "x", "--yes").status == 0
    assert status(tokentui, second) == "disabled"


@pytest.mark.parametrize("command", ["enable", "disable", "delete", "restore"])
def test_which_tokens_is_said_once(tokentui: Tokentui, command: str) -> None:
    """Neither by both nor by none; what is wrong with a filter is told, and nothing is done."""
    token_id = tokentui.make()["id"]
    for arguments in ((), (token_id, "--filter", "x"), ("--filter", "nosuch:x", "--yes")):
        done = tokentui(command, *arguments)
        assert done.status == 2
        assert done.err.count("\n") == 1
    assert status(tokentui, token_id) == "active"

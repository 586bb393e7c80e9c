"""`tokentui list`: what it shows, in which form, and how wide."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui
from tokentui.ui.text import cell_width

LONG = "A name that is longer than any terminal leaves room for, " * 2


@pytest.fixture
def five(tokentui: Tokentui) -> dict[str, str]:
    """IDs by name: an active token, an expiring, a disabled, a deleted one, and one with a long name."""
    ids = {}
    for name, arguments in (
        ("Active", ("--owner", "billing")),
        ("Soon", ("--expires", "3d", "--extension", "zapier")),
        ("Off", ()),
        ("Gone", ()),
        (LONG.strip(), ("--module", "usage", "--module", "products")),
    ):
        ids[name] = tokentui.make(*arguments, name=name)["id"]
    tokentui("disable", ids["Off"])
    tokentui("delete", ids["Gone"], "--yes")
    return ids


def names(tokentui: Tokentui, *arguments: str) -> set[str]:
    return {token["name"][:6] for token in tokentui("list", "--json", *arguments).json}


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_a_table_fits_the_terminal(tokentui: Tokentui, five: dict[str, str], width: int) -> None:
    """ID, name and status stand at every width; the name has all the room that is left."""
    lines = tokentui.in_terminal("list", columns=width).out.splitlines()
    plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
    assert len(plain) == 5
    assert max(map(cell_width, plain)) <= width
    assert all(word in plain[0] for word in ("ID", "NAME", "STATUS"))
    assert all(any(token_id in line for line in plain) for name, token_id in five.items() if name != "Gone")
    assert ("LAST USED" in plain[0]) is (width >= 100)
    (long,) = [line for line in plain if "A name" in line]
    assert LONG.strip() in long or cell_width(long) >= width - 2


def test_a_pipe_gets_all_of_it(tokentui: Tokentui, five: dict[str, str]) -> None:
    """Whatever COLUMNS says: every column, every name whole, in straight columns."""
    lines = tokentui("list", COLUMNS="30").out.splitlines()
    assert any(LONG.strip() in line for line in lines)
    place = lines[0].index("STATUS")
    assert all(line[place] in "●◐○◌✕" for line in lines[1:])


def test_status_has_its_colour(tokentui: Tokentui, five: dict[str, str]) -> None:
    """By `--color`, and the shape besides."""
    out = tokentui("--color", "always", "list", "--status", "expiring").out
    assert "\x1b[33m◐ Expiring\x1b[0m" in out


def test_words_filter_and_statuses_go_together(tokentui: Tokentui, five: dict[str, str]) -> None:
    """Words and --filter by and, several --status by or; deleted ones only where they are asked for."""
    assert names(tokentui) == {"Active", "Soon", "Off", "A name"}
    assert names(tokentui, "--all") == {"Active", "Soon", "Off", "A name", "Gone"}
    assert names(tokentui, "--status", "deleted") == {"Gone"}
    assert names(tokentui, "--status", "deleted", "--status", "disabled") == {"Gone", "Off"}
    assert names(tokentui, "ext:zapier") == names(tokentui, "soon", "--filter", "ext:zapier") == {"Soon"}
    assert names(tokentui, "terminal", "leaves") == {"A name"}
    assert names(tokentui, "--", "-status:active") == {"Soon", "Off"}


def test_no_token_matches(tokentui: Tokentui) -> None:
    """Said beside the result, which is empty; an empty list in JSON."""
    done = tokentui("list", "nosuch")
    assert (done.status, done.out, done.err) == (0, "", "No token matches\n")
    assert tokentui("list", "-q", "nosuch").err == "No token matches\n"
    assert (tokentui("list", "--json", "nosuch").json, tokentui("list", "--json", "nosuch").err) == ([], "")
    assert "tokentui create" in tokentui("list").err


def test_ids_alone(tokentui: Tokentui, five: dict[str, str]) -> None:
    """As another command takes them."""
    ids = tokentui("list", "-q", "--sort", "id").out.split()
    assert ids == sorted(token_id for name, token_id in five.items() if name != "Gone")
    assert tokentui("disable", *ids[:1], "--json").json["done"] in (ids[:1], [])
    for other in (("-o", "wide"), ("--json",), ("--columns", "id")):
        assert tokentui("list", "-q", *other).status == 2


def test_columns_are_chosen_for_every_form(tokentui: Tokentui, five: dict[str, str]) -> None:
    """In their order, by name or by JSON key; an unknown one names the nearest."""
    assert tokentui("list", "--columns", "status,name", "Soon").out.split() == [
        "STATUS",
        "NAME",
        "◐",
        "Expiring",
        "Soon",
    ]
    assert tokentui("list", "--columns", "name,external_id", "Soon").out.split()[:3] == ["NAME", "EXTERNAL", "ID"]
    assert tokentui("list", "-o", "json", "--columns", "expires,id", "Soon").json[0].keys() == {"expires_at", "id"}
    assert tokentui("list", "--csv", "--columns", "name,owner", "Active").out == "name,owner\nActive,billing\n"
    wrong = tokentui("list", "--columns", "nmae")
    assert (wrong.status, wrong.err) == (2, "tokentui: there is no column 'nmae': did you mean name?\n")
    assert "last-used" in tokentui("list", "--columns", "qqq").err


def test_forms(tokentui: Tokentui, five: dict[str, str], tmp_path: Path) -> None:
    """-o says which; --json and --csv are short for it, and two of them are refused."""
    assert tokentui("list", "-o", "json").out == tokentui("list", "--json").out
    assert tokentui("list", "-o", "csv").out == tokentui("list", "--csv").out
    assert tokentui("list", "-o", "table").out == tokentui("list").out
    heading = tokentui("list", "-o", "wide").out.splitlines()[0]
    assert all(word in heading for word in ("EXTERNAL ID", "OWNER", "NETWORKS", "CREATED", "REQUESTS"))
    assert len(list(csv.DictReader(io.StringIO(tokentui("list", "-o", "csv").out)))) == 4
    for two in (("--json", "--csv"), ("-o", "wide", "--json"), ("-o", "xml")):
        assert tokentui("list", *two).status == 2

"""The walk of an operator, in a real terminal, by keys alone; each step seen from the command line too."""

from __future__ import annotations

import base64
import re
import subprocess
from functools import partial

import pytest

from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

KEY = re.compile(r"SU-\d{3}-\d{3}-\d{3}:[0-9a-f]{40}")
SIZES = pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])


def shows(text: str, screen: str) -> bool:
    """Whether a screen shows a text; pyte reads narrow spaces that don't break as others."""
    return text in screen.replace("\xa0", "\u202f")


def shown_key(terminal: Terminal) -> str:
    """The key in clear on the screen."""
    terminal.wait(KEY.search, "key in clear")
    match = KEY.search(terminal.text)
    assert match
    return match[0]


@pytest.mark.skip(reason="walks by the words of the earlier wizard: to be written anew for the one there is")
@SIZES
def test_the_whole_walk(installed: Installed, columns: int, lines: int) -> None:
    """Make, see the key, details, copy, edit, rotate, renew, disable, enable, delete, undo."""
    app = installed.open(columns=columns, lines=lines)
    app.wait_for("Tutorial Token")

    # The wizard: a Custom token with two modules and a date
    app.press("n")
    app.wait_for("External ID")
    app.press("E2E token", "pagedown")
    app.wait_for("◉ 30 days")
    app.press(*["down"] * 5)
    app.wait_for("◉ Custom")
    app.press_and_see("enter", "2026-12-31, ")
    app.press("2027-01-07")
    app.wait_for("Thu 07 Jan 2027 23:59 CET")
    app.press("pagedown")
    app.wait_for("◉ Custom EXT-000")
    app.press("pagedown")
    app.wait_for("0 of 24 chosen")
    choose(app, "help", "Helpdesk")
    app.wait_for("1 of 24 chosen")
    app.press_and_see("shift+tab", "help")
    app.press(*["backspace"] * 4)
    app.wait_for("type to narrow")
    app.press("shift+tab")
    choose(app, "usage", "Usage")
    app.wait_for("2 of 24 chosen")
    app.press("pagedown")
    app.wait_for("is ready")
    app.press("v")
    key = shown_key(app)
    token_id = key[:14]
    assert installed.json("show", token_id)["permissions"]["modules"] == ["helpdesk", "usage"]

    # Details: view and copy
    app.press("enter")
    app.wait_for("API KEY/HANDLE")
    app.wait_for("•••")
    app.press("v")
    assert shown_key(app) == key
    app.press("v")
    app.wait(lambda text: not KEY.search(text), "covered key")
    app.press("c")
    app.wait_for("OSC 52")
    assert base64.b64encode(key.encode()) in app.written
    actions = [entry["action"] for entry in installed.json("audit", token_id)]
    assert actions == ["copy", "reveal", "create"]

    # Edit: name and modules
    app.press("e")
    app.wait_for("^s saves")
    app.wait_for("2 of 24 chosen")
    app.press("end", " 2", "tab", "tab")
    app.press_and_see("tab", "All Modules")
    choose(app, "leads", "Leads")
    app.wait_for("3 of 24 chosen")
    app.press("ctrl+s")
    app.wait_gone("^s saves")
    app.wait_for("E2E token 2")
    assert installed.json("show", token_id)["name"] == "E2E token 2"
    assert "leads" in installed.json("show", token_id)["permissions"]["modules"]

    # Rotate with an overlap of an hour
    app.press("r")
    app.wait_for("Rotate E2E token 2?")
    app.press("2")
    app.wait_for("The old key stops")
    press_the_other_button(app)
    app.wait_for("new key")
    assert installed.run("key", token_id).strip() != key
    assert verified(installed, key) == verified(installed, installed.run("key", token_id)) == "valid"
    app.press("escape")

    # Renew
    app.wait_for("API KEY/HANDLE")
    app.press("w")
    app.wait_for("Renew E2E token 2?")
    press_the_other_button(app)
    app.wait(lambda text: "Renew E2E token 2?" not in text, "renewal")
    assert not installed.json("show", token_id)["expires_at"].startswith("2027-01-07")
    app.press("escape")
    app.wait_for("API KEY/HANDLE")

    # Disable, enable
    app.press("t")
    app.wait_for("Disable E2E")
    press_the_other_button(app)
    app.wait_for("◌ Disabled")
    assert installed.json("show", token_id)["status"] == "disabled"
    app.press("t")
    app.wait_for("● Active")
    assert installed.json("show", token_id)["status"] == "active"

    # Back in the list: delete, undo
    app.press("escape")
    app.wait_for("by Expires")
    app.press("/", "E2E")
    app.wait_for("1 of 41")
    app.press("enter")
    app.wait_for("n New")  # the rows have the focus
    app.press("ctrl+d")
    app.wait_for("Delete E2E")
    press_the_other_button(app)
    app.wait_for("✕ Deleted")
    assert installed.json("show", token_id)["status"] == "deleted"
    app.press("u")
    app.wait_for("● Active")
    assert installed.json("show", token_id)["status"] == "active"

    # And what a command does shows here
    installed.run("edit", token_id, "--name", "E2E by command")
    app.wait_for("E2E by command", seconds=5)
    installed.run("disable", token_id)
    app.wait_for("◌ Disabled", seconds=5)
    app.press("ctrl+q")
    assert app.end() == 0


@pytest.mark.skip(reason="reads the words of the earlier Statistics tab: to be written anew for the one there is")
@SIZES
def test_the_chart_day_by_day(installed: Installed, columns: int, lines: int) -> None:
    """The readout follows the cursor; ranges, classes, lines, the table."""
    app = installed.open(columns=columns, lines=lines)
    app.wait_for("Tutorial Token")
    app.press("/", "nightly")
    app.wait_for("1 of 38")
    app.press("enter", "enter")
    app.wait_for("API KEY/HANDLE")
    app.press("]")
    app.wait_for("(today)")
    days = installed.json("stats", "SU-207-551-940", "--days", "30")["days"]
    for back in (2, 3, 4):
        app.press("left")
        total = sum(number for name, number in days[-back].items() if name != "date")
        expected = f"total {total:,}".replace(",", "\u202f")
        app.wait(partial(shows, expected), expected)
    app.press("+")
    app.wait_for("Responses, 90 days")
    app.press("-", "-")
    app.wait_for("Responses, 14 days")
    app.press("T")
    app.wait_for("Total")
    app.press("T", "b", "2", "q", "escape")
    app.wait_for("by Expires")


def choose(app: Terminal, text: str, name: str) -> None:
    """From All Modules into the filter, and from there to the one module that it leaves."""
    app.press_and_see("tab", "type to narrow")
    app.press(text)
    app.wait(lambda screen: screen.count("▐") == 2, "one module")
    app.press_and_see("enter", name)
    app.press("space")


def verified(installed: Installed, key: str) -> str:
    """What the gate says of a key."""
    done = subprocess.run(
        [PROGRAM, "verify"], env=installed.environment, input=key, capture_output=True, text=True, timeout=60
    )
    return done.stdout.split()[1]


def press_the_other_button(app: Terminal) -> None:
    """From the safe button, which has the focus, to the one that does it."""
    app.press("right", "enter")

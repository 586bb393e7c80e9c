"""The walk of an operator, in a real terminal, by keys alone, while clients use the key that is made on the way."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import Installed
from tests.e2e.servers import eventually
from tests.e2e.terminal import Terminal
from tests.e2e.web import Web, served

pytestmark = pytest.mark.e2e

BERLIN = ZoneInfo("Europe/Berlin")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
DAY, NUMBER = r"(\d+ \w{3})(?: \d{4})?", r"(\d[\d ]*?)"
READOUT = re.compile(rf"{DAY}(?: \(today\))?  " + "  ".join(f"{name} {NUMBER}" for name in CLASSES) + "  ")
TABLE_ROW = re.compile(DAY + f" +{NUMBER} " * 5)
Days = dict[date, tuple[int, ...]]
KEY = re.compile(r"SU-\d{3}-\d{3}-\d{3}:[0-9a-f]{40}")


def test_the_whole_walk(installed: Installed) -> None:
    """Make, view, copy and use a key, see it counted; edit, rotate, renew, disable, enable, delete, undo."""
    app = installed.open(columns=80, lines=24)
    app.wait_for("Tutorial Token")
    with served(installed) as web:
        key = make(app)
        token = key[:14]
        made = installed.json("show", token)
        assert (made["name"], made["permissions"]["modules"]) == ("E2E token", ["helpdesk", "usage"])
        view_in_details(app, key)
        use(app, web, key)
        edit(app)
        rotated = rotate(app, web, key)
        renewed = renew(app)
        disable_and_enable(app, web, renewed)
        assert [web.status(old) for old in (key, rotated)] == [200, 200]
        delete_and_undo(app, web, renewed)
    assert [entry["action"] for entry in reversed(installed.json("audit", token))] == [
        "create", "reveal", "edit", "rotate", "renew", "disable", "enable", "delete", "restore",
    ]  # fmt: skip
    edited = installed.json("show", token)
    assert (edited["name"], edited["permissions"]["modules"]) == ("E2E token 2", ["helpdesk", "leads", "usage"])

    # What a command does shows in the open app too
    installed.run("edit", token, "--name", "E2E by command")
    app.wait_for("E2E by command")
    app.press("ctrl+q")
    assert app.end() == 0


def test_the_chart_day_by_day(installed: Installed) -> None:
    """The readout follows the cursor and agrees with the command on each day; ranges, classes, lines, the table."""
    app = installed.open(columns=120, lines=40)
    app.wait_for("Tutorial Token")
    app.press("/", "nightly")
    app.wait_for("1 of 38")
    app.press("enter")
    app.wait_for("n New")  # the footer of the rows
    app.press("enter")
    app.wait_for("API KEY/HANDLE")
    app.press("]")
    app.wait_for("Responses, 30 days")
    told = days_by_command(installed)
    days = sorted(told)[-30:]
    assert sum(sum(told[day]) for day in days) > 10_000
    walk(app, told, days)

    # The same at another size; ranges of other lengths; as a table and as lines
    app.resize(80, 24)
    walk(app, told, days)
    for key, number in ("+", 90), ("-", 30), ("-", 14), ("-", 7):
        app.press(key)
        total = sum(sum(told[day]) for day in sorted(told)[-number:])
        app.wait_for(f"Responses, {number} days   {f'{total:,}'.replace(',', ' ')} ·")
    app.press("T")
    app.wait(partial(says, TABLE_ROW, {day: told[day] for day in days[-7:]}), "the table of seven days")
    app.press("T", "b")
    app.wait_for("b bars")
    app.press("2")
    app.wait_for("2xx hidden")
    app.press("escape")
    app.wait_for("by Urgency")
    app.press("ctrl+q")
    assert app.end() == 0


def days_by_command(installed: Installed) -> Days:
    """The responses of each day, from `tokentui stats`."""
    told = installed.json("stats", "SU-207-551-940", "--days", "90")["days"]
    return {date.fromisoformat(day["date"]): tuple(day[name] for name in CLASSES) for day in told}


def walk(app: Terminal, told: Days, days: list[date]) -> None:
    """From the first day to the last by the right arrow; the readout says of each what the command told."""
    app.press("home")
    for day in days:
        app.wait(partial(says, READOUT, {day: told[day]}), f"{day} {told[day]} in the readout")
        app.press("right")


def says(pattern: re.Pattern[str], wanted: Days, screen: str) -> bool:
    """Whether these days, and no others, stand on a screen in this form, with their responses of each class."""
    return {f"{day.day} {day:%b}": numbers for day, numbers in wanted.items()} == {
        day: tuple(int(number.replace(" ", "")) for number in numbers[:4]) for day, *numbers in pattern.findall(screen)
    }


def make(app: Terminal) -> str:
    """A Custom token with two modules and a date, by the wizard; its key, viewed and copied from the summary."""
    day = datetime.now(BERLIN).date() + timedelta(days=44)
    app.press("n")
    app.wait_for("1 of 5 General")
    app.press("E2E token", "pagedown")
    app.wait_for("◉ 30 days")
    app.press(*["down"] * 5)
    app.wait_for("◉ Custom")
    app.press("enter", day.isoformat())
    app.wait_for(f"{day:%a} {day.day} {day:%b %Y} 23:59 CE")
    app.press("pagedown")
    app.wait_for("◉ Custom")
    app.press("pagedown")
    app.wait_for("0 of 24")
    tick(app, "help", "[x] Helpdesk")
    app.press("/", *["backspace"] * 4)
    tick(app, "usage", "[x] Usage")
    app.wait_for("2 of 24")
    app.press("pagedown")
    app.wait_for("is ready")
    app.press("v")
    key = shown_key(app)
    return copied_after(app, "c", key)


def view_in_details(app: Terminal, key: str) -> None:
    """The key is covered there, shown when it is asked for, and covered again."""
    app.press("pagedown")
    app.wait_for("API KEY/HANDLE")
    app.wait_for(f"{key[:14]}:•••")
    app.press("v")
    assert shown_key(app) == key
    app.press("v")
    app.wait(lambda text: not KEY.search(text), "covered key")


def use(app: Terminal, web: Web, key: str) -> None:
    """Requests of a client; Statistics shows each of them, without a key pressed."""
    app.press("]")
    app.wait_for("No response was recorded yet")
    paths = {"/usage": 200, "/usage/none": 404, "/usage/fails": 500, "/products": 403}
    assert {path: web.status(key, path) for path in paths} == paths
    assert [web.status(key) for _ in range(4)] == [200] * 4
    assert web.status(key[:-1]) == 401
    app.wait_for("Responses, 30 days   8 ·")
    app.wait_for("2xx 5 62.5 %   3xx 0 0.0 %   4xx 2 25.0 %   5xx 1 12.5 %")
    app.press("[")
    app.wait_for("API KEY/HANDLE")


def edit(app: Terminal) -> None:
    """A longer name and one more module."""
    app.press("e")
    app.wait_for("2 of 24")
    app.press("end", " 2", *["tab"] * 4)  # past External ID, Owner and Description
    app.press("leads", "enter", "space")
    app.wait_for("[x] Leads")
    app.wait_for("3 of 24")
    app.press("ctrl+s")
    app.wait_for("E2E token 2   ● Active")  # the details' heading


def rotate(app: Terminal, web: Web, key: str) -> str:
    """With an overlap of an hour: both keys work. Returns the new one."""
    app.press("r")
    app.wait_for("Rotate E2E token 2?")
    app.press("2")
    app.wait_for("The old key stops")
    press_the_other_button(app)
    app.wait_for("was rotated")
    new = copied_after(app, "c")
    assert new != key
    assert [web.status(one) for one in (key, new)] == [200, 200]
    app.press("escape")
    app.wait_gone("The new key")  # a key right behind it would be read as one with Alt
    app.wait_for("old key works until")
    return new


def renew(app: Terminal) -> str:
    """For 30 days instead of 44, with a new key, which is returned."""
    app.press("w")
    app.wait_for("Renew E2E token 2?")
    press_the_other_button(app)
    app.wait_for("was renewed")
    new = copied_after(app, "c")
    app.press("escape")
    app.wait_gone("The new key")
    day = datetime.now(BERLIN) + timedelta(days=30)
    app.wait_for(f"Expires {day.day} {day:%b %Y}")
    return new


def disable_and_enable(app: Terminal, web: Web, key: str) -> None:
    """The key stops at its next request, and works again."""
    app.press("t")
    app.wait_for("Disable E2E token 2?")
    press_the_other_button(app)
    app.wait_for("◌ Disabled")
    eventually(lambda: web.status(key) == 401, "the end of the key")
    app.press("t")
    app.wait_for("● Active")
    assert web.status(key) == 200


def delete_and_undo(app: Terminal, web: Web, key: str) -> None:
    """In the list; the token is then among the deleted ones alone, until that is taken back."""
    app.press("escape")
    app.wait_for("by Urgency")
    app.press("/", "E2E")
    app.wait_for("1 of 39")
    app.press("enter")
    app.wait_for("n New")  # the footer of the rows
    app.press("ctrl+d")
    app.wait_for("Delete E2E token 2?")
    press_the_other_button(app)
    app.wait_for("No token matches the filter")
    assert web.status(key) == 401
    app.press("u")
    app.wait_for("● Active")
    assert web.status(key) == 200


def tick(app: Terminal, text: str, module: str) -> None:
    """Narrows the modules to one, and ticks it."""
    app.press("/", text, "enter", "space")
    app.wait_for(module)


def shown_key(app: Terminal) -> str:
    """The key in clear on the screen."""
    app.wait(KEY.search, "key in clear")
    match = KEY.search(app.text)
    assert match
    return match[0]


def copied_after(app: Terminal, key: str, text: str | None = None) -> str:
    """Presses a key that copies; the text that the terminal was then given for its clipboard."""
    before = len(app.copied)
    app.press(key)
    app.wait(lambda _: len(app.copied) > before, "text for the clipboard")
    assert text in (None, app.copied[-1])
    return app.copied[-1]


def press_the_other_button(app: Terminal) -> None:
    """From the safe button, which has the focus, to the one that does it."""
    app.press("right", "enter")

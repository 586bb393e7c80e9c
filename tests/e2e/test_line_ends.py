"""The line to the terminal ends, in every screen and dialog: the program is gone within two seconds, without a mess."""

from __future__ import annotations

import fcntl
import os
import signal
import termios
import time
from array import array
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Installed
from tests.e2e.terminal import Terminal
from tests.screens.every_screen import PLACES

pytestmark = pytest.mark.e2e

BATCH = 6
"""Apps that are started together: a start takes longer than everything after it."""

TOGETHER = 3
"""Lines that end together. More would compete for the processors, and each must be gone in time."""

WITHIN_S = 2.0
CLOSED, UNREAD = "closed", "unread"
STATUS = {CLOSED: 129, signal.SIGHUP: 129, signal.SIGTERM: 143, UNREAD: 143}
Reason = str | signal.Signals
Batch = list[tuple[str, Terminal]]


def batches(installed: Installed, changed: Installed) -> Iterator[Batch]:
    """An app at each of the places, some at a time; `changed` is for the one that changes every token."""
    names = list(PLACES)
    for start in range(0, len(names), BATCH):
        batch = [
            (name, (changed if name == "bulk result" else installed).open()) for name in names[start : start + BATCH]
        ]
        yield from at_their_places(installed, batch)


def at_their_places(installed: Installed, batch: Batch) -> Iterator[Batch]:
    """Brings each app to its place."""
    for name, terminal in batch:
        terminal.wait_for("Tutorial Token", seconds=60)
        terminal.write_at_once(*PLACES[name].keys)
    for name, terminal in batch:
        if meanwhile := PLACES[name].meanwhile:
            terminal.wait_for(meanwhile.text)
            if meanwhile.command:
                installed.run(*meanwhile.command)
            terminal.write_at_once(*meanwhile.keys)
        terminal.wait_for(PLACES[name].text)
    for first in range(0, len(batch), TOGETHER):
        yield batch[first : first + TOGETHER]


def stop_reading(terminal: Terminal) -> None:
    """Has the program draw until nothing more fits into the line to a terminal that reads nothing."""
    unread = array("i", [0])
    for turn in range(3000):
        terminal.resize(80 + 30 * (turn % 2), 24 + 10 * (turn % 2))
        time.sleep(0.01)  # the program draws once for several sizes that come together
        fcntl.ioctl(terminal.fileno, termios.FIONREAD, unread)
        if unread[0] >= 4095 and terminal.is_writer_waiting():
            return
    raise AssertionError("the line never filled")


def end_lines(batch: Batch, reason: Reason) -> Iterator[tuple[str, Terminal, int]]:
    """Ends each of them, and waits for the end of each program; with its exit status."""
    if reason == UNREAD:
        for _, terminal in batch:
            stop_reading(terminal)
    begun = []
    for _, terminal in batch:
        if reason == CLOSED:
            terminal.close()
        else:
            terminal.kill(reason if isinstance(reason, signal.Signals) else signal.SIGTERM)
        begun.append(time.monotonic())
    for (name, terminal), moment in zip(batch, begun, strict=True):
        remaining = moment + WITHIN_S - time.monotonic()
        yield name, terminal, terminal.wait_end(name, seconds=remaining, reading=reason != UNREAD)


@pytest.mark.parametrize("reason", STATUS, ids=str)
def test_gone_from_every_screen(installed: Installed, another: Installed, reason: Reason) -> None:
    """With its status, and the terminal as it was, where there still is one."""
    for batch in batches(installed, another):
        for name, terminal, status in end_lines(batch, reason):
            assert status == STATUS[reason], f"{name}: {status}"
            if reason != CLOSED:
                terminal.pump(0.05)
                assert terminal.attributes() == terminal.attributes_before, name
                assert b"\x1b[?1049l" in terminal.written[-600:], name
                assert b"\x1b[?1003l" in terminal.written[-600:], name
                assert b"\x1b[?2004l" in terminal.written[-600:], name


def test_gone_with_keys_on_their_way(installed: Installed) -> None:
    """`e` ten times, and the terminal is closed."""
    app = installed.open()
    app.wait_for("Tutorial Token")
    app.write_at_once(*"e" * 10)
    app.close()
    assert app.wait_end("edit", seconds=WITHIN_S, reading=False) == 129


def test_bytes_that_are_no_text(installed: Installed) -> None:
    """Latin-1, a paste without an end: the next keys work, and leaving is leaving."""
    app = installed.open()
    app.wait_for("Tutorial Token")
    app.write(b"\xe9")
    app.press("?")
    app.wait_for("Esc close")
    app.write(b"\x1b[200~rotate")
    app.wait_for("token.rotate")
    app.wait_gone("tokens.down")
    app.press("ctrl+q")
    assert app.end() == 0


def test_a_terminal_that_was_left_raw_is_clean_after_the_next_start(installed: Installed) -> None:
    """After `kill -9` nothing could tidy up: the next start of the app does, at its end."""
    app = installed.open()
    app.wait_for("Tutorial Token")
    app.press("ctrl+q")
    assert app.end() == 0
    modes = app.written
    raw = installed.open(raw=True)
    raw.wait_for("Tutorial Token")
    raw.press("ctrl+q")
    raw.pump(0.2)
    flags = raw.attributes()[3]
    assert flags & termios.ECHO
    assert flags & termios.ICANON
    for mode in (1000, 1003, 1004, 1006, 1049, 2004):
        assert f"\x1b[?{mode}l".encode() in modes[-600:]


def test_a_fault_of_the_program_is_one_line(installed: Installed) -> None:
    """And a status that is not 0; the terminal is as it was."""
    app = installed.open(TOKENTUI_DEBUG="", PYTHONPATH=str(broken(installed)))
    before = app.attributes_before
    app.wait_for("a fault of the program")
    assert "Traceback" not in app.text
    assert app.text.count("tokentui: a fault of the program, ZeroDivisionError at sitecustomize.py") == 1
    assert app.attributes() == before
    assert app.end() == 70


def broken(installed: Installed) -> os.PathLike[str]:
    """A folder whose `sitecustomize` lets the details fail as they open, as a program with a fault would."""
    folder = installed.home.parent / "broken"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.abc, sys\n"
        "class Break(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'tokentui.screens.tokens.screen':\n"
        "            1 / 0\n"
        "sys.meta_path.insert(0, Break())\n"
    )
    return folder

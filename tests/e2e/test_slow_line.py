"""A line of 256 kbit/s: what is shown stays near the key that is held, and is right when the key is let go."""

from __future__ import annotations

import re
import time

import pytest

from tests.e2e.conftest import Installed
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

BYTES_A_SECOND = 32_000
DELAY_S = 0.15
HELD_S = 3.0
A_SECOND = 30
_TURN_S = 0.01


def hold(terminal: Terminal, key: str) -> int:
    """Holds a key while the line takes its time; how many bytes come after its last press.

    Bytes, not seconds: those say how far behind the line is, also where the machine is busy with something else.
    """
    start = turn = time.monotonic()
    sent, after, room, quiet = 0, 0, 0.0, start
    while sent < HELD_S * A_SECOND or time.monotonic() - quiet < 1.0:
        now = time.monotonic()
        room, turn = min(room + (now - turn) * BYTES_A_SECOND, 4096), now
        if sent < HELD_S * A_SECOND and now - start >= sent / A_SECOND:
            terminal.press_unread(key)
            sent += 1
        taken = terminal.take(int(room))
        room -= taken
        if sent >= HELD_S * A_SECOND:
            after += taken
        if taken:
            quiet = now
        time.sleep(_TURN_S)
    return after


@pytest.mark.parametrize(("key", "limit_s"), [("down", 0.5), ("pagedown", 1.0)])
def test_a_held_key_does_not_run_behind(installed: Installed, key: str, limit_s: float) -> None:
    """At most so long after the last press is the last byte there; the rows are those of a whole frame."""
    many = installed.database.with_name("many.db")
    installed.run("demo", "--tokens", "2000", "--to", str(many))
    terminal = installed.open("--db", str(many), columns=120, lines=40)
    terminal.wait_for("SU-")
    terminal.wait_for("Deleted")
    terminal.pump(1.0)
    after = hold(terminal, key)
    assert after / BYTES_A_SECOND + DELAY_S <= limit_s
    shown = rows(terminal)
    assert "▌" in {cursor for cursor, _ in shown}
    terminal.press("f5")
    terminal.pump(1.0)
    assert rows(terminal) == shown


def rows(terminal: Terminal) -> list[tuple[str, str]]:
    """The cursor, where it is, and the ID of each row: the widths of columns follow what was read."""
    return [
        (line[0], match[0]) for line in terminal.text.split("\n") if (match := re.search(r"SU-\d{3}-\d{3}-\d{3}", line))
    ]

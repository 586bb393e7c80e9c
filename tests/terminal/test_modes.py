"""The state that a terminal is left in."""

from __future__ import annotations

import os
import pty
import termios
import tty

from tokentui.terminal import modes


def test_a_terminal_that_was_left_raw_is_handed_back_cooked() -> None:
    """A program that was killed left it without echo: the next one does not."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    assert modes.cooked(before) == before
    tty.setraw(slave)
    termios.tcsetattr(slave, termios.TCSANOW, modes.cooked(termios.tcgetattr(slave)))
    after = termios.tcgetattr(slave)
    for flags, wanted in ((0, termios.ICRNL), (1, termios.OPOST), (3, termios.ECHO | termios.ICANON | termios.ISIG)):
        assert after[flags] & wanted == wanted
    os.close(master)
    os.close(slave)

"""What goes out to a terminal: nothing waits for whoever reads it."""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import tty

import pytest

from tokentui.terminal import modes
from tokentui.terminal.output import BEHIND_BYTES, TerminalOutput


class Ends:
    """A pseudo-terminal and an output on it, with the events of its two callbacks."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.lost, self.caught_up = threading.Event(), threading.Event()
        self.output = TerminalOutput(self.slave, lost=self.lost.set, caught_up=self.caught_up.set)

    def read(self, number: int) -> bytes:
        """So many bytes as the terminal reads them."""
        data = b""
        while len(data) < number:
            data += os.read(self.master, 65536)
        return data


def test_writes_arrive_in_order() -> None:
    """As UTF-8; what that can't say is replaced."""
    ends = Ends()
    for text in ("one ", "two ", "é", "\ud800"):
        ends.output.write(text)
    assert ends.read(11) == b"one two \xc3\xa9?"
    assert ends.output.drain(10)


def test_writing_does_not_wait_for_a_terminal_that_is_not_read() -> None:
    """Writing returns at once, and it is known to be behind until everything was read."""
    ends = Ends()
    size = 200_000
    for _ in range(size // 1000):
        ends.output.write("x" * 1000)
    assert ends.output.is_behind
    assert not ends.output.drain(0.01)
    assert len(ends.read(size)) == size
    assert ends.caught_up.wait(10)
    assert not ends.output.is_behind


def test_a_terminal_that_is_not_read_can_be_brought_back() -> None:
    """What was on its way to it is thrown away; the modes go off."""
    ends = Ends()
    ends.output.write("x" * 200_000)
    assert not ends.output.drain(0.01)
    ends.output.restore(None)
    assert ends.output.drain(10)
    data = b""
    while b"\x1b[?1049l" not in data:
        data += os.read(ends.master, 65536)
    assert len(data) < 200_000


def test_nothing_follows_what_brings_the_terminal_back() -> None:
    """What was drawn for it is not written into the room that throwing it away makes."""
    ends = Ends()
    ends.output.write("x" * 200_000)
    assert not ends.output.drain(0.01)
    terminal = modes.open_again(ends.slave)
    assert terminal is not None
    ends.output.silence()
    modes.restore(terminal, None)
    ends.output.write("x" * 200_000)
    assert ends.output.drain(10)
    os.close(terminal)
    os.set_blocking(ends.master, False)
    data = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            data += os.read(ends.master, 65536)
    assert data.endswith(modes.MAIN_SCREEN.encode())


@pytest.mark.parametrize("pending", [1, 10 * BEHIND_BYTES])
def test_a_terminal_that_is_gone_is_told_of(pending: int) -> None:
    """Also where it goes away with something on its way to it; what is written then is dropped."""
    ends = Ends()
    ends.output.write("x" * (pending - 1))
    os.close(ends.master)
    ends.output.write("x")
    assert ends.lost.wait(10)
    ends.output.write("more")
    assert ends.output.drain(0)

"""What state a terminal is left in: its attributes, and the modes that the app switches on."""

from __future__ import annotations

import contextlib
import os
import termios
from typing import Any

Attributes = list[Any]
"""What `termios.tcgetattr` returns: input, output, control and local flags, two speeds, the control characters."""

_OFF = (2004, 2048, 1004, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 2026)
"""Paste, in-band resize, focus, mouse (seven), synchronized output: private modes of xterm, see its ctlseqs."""

MODES_OFF = "".join(f"\x1b[?{mode}l" for mode in _OFF) + "\x1b[<9u\x1b[?7h"
"""Modes off, no keyboard flags of the kitty protocol, lines wrap. To be written in the alternate screen, whose flags
are its own. More than the app itself switches on: a program that was killed before it may have left some of them."""

MAIN_SCREEN = "\x1b[?1049l\x1b[?25h\x1b[0m"
"""Out of the alternate screen, the cursor shown, no colours."""

_CANCEL = "\x18"
"""Ends an escape sequence that was cut off in the middle (ECMA-48)."""


def cooked(attributes: Attributes) -> Attributes:
    """The attributes to leave a terminal with that was found with these.

    Neither echo nor lines is how a program that was killed leaves a terminal, never how a shell hands it over: both
    are switched on again then.
    """
    flags = list(attributes)
    if not flags[3] & (termios.ICANON | termios.ECHO):
        flags[0] |= termios.ICRNL | termios.IXON
        flags[1] |= termios.OPOST | termios.ONLCR
        flags[3] |= termios.ICANON | termios.ECHO | termios.ECHOE | termios.ISIG | termios.IEXTEN
    return flags


def open_again(fileno: int) -> int | None:
    """The terminal of a file descriptor, opened anew so that nothing waits for it; None where that can't be done.

    Not to wait is a property of the open file, which the shell shares with the app.
    """
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    with contextlib.suppress(OSError):
        os.tcgetpgrp(fileno)  # fails where it is not the controlling terminal
        return os.open("/dev/tty", flags)  # may be opened also where it belongs to somebody else, as after `su`
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(fileno), flags)
    return None


def restore(terminal: int, attributes: Attributes | None) -> None:
    """Brings a terminal of `open_again` back without waiting for it, also where nobody reads it.

    What is still on its way to the screen is thrown away: it belongs to the app that ends. Where the terminal is gone
    nothing happens.
    """
    with contextlib.suppress(OSError, termios.error):
        if attributes is not None:
            termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        termios.tcflush(terminal, termios.TCOFLUSH)
        os.write(terminal, (_CANCEL + MODES_OFF + MAIN_SCREEN).encode())

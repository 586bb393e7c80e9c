"""What a command says to a person beside its result: on standard error, safe on any terminal, where somebody reads."""

from __future__ import annotations

import contextlib
import sys

from tokentui.cli.colour import Ink, paint


def say(text: str) -> None:
    """A message of one or several lines, on standard error."""
    _write("", None, text)


def say_error(text: str) -> None:
    """What is wrong and what to do, in a line that begins with `tokentui:`."""
    _write("tokentui:", Ink.RED, text)


def say_warning(text: str) -> None:
    """A line that begins with `tokentui: warning:`, on standard error."""
    _write("tokentui: warning:", Ink.YELLOW, text)


def _write(mark: str, ink: Ink | None, text: str) -> None:
    from tokentui.ui.text import safe_text  # not for `--help`, which should not wait for it

    line = safe_text(text, lines=True)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{paint(mark, ink, sys.stderr)} {line}\n" if mark else f"{line}\n")
        sys.stderr.flush()

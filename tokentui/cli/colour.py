"""Colours of what commands print: those that every terminal has, so that its own theme decides how they look."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TextIO

import click


class Ink(StrEnum):
    """The colours and weights that commands use; the value is the parameter of SGR (ECMA-48, 8.3.117)."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


_choice = "auto"


def choose(_context: click.Context, _option: click.Parameter, choice: str) -> str:
    """Keeps what `--color` says as soon as it is read, so that what is wrong with the rest is told in colour too."""
    global _choice
    _choice = choice
    return choice


def forget() -> None:
    """Ends what `--color` said: the next command line of the process, as in tests, begins with `auto`."""
    global _choice
    _choice = "auto"


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream gets colours: as `--color` says; with `auto`, a terminal where NO_COLOR is not set."""
    if _choice == "auto":
        return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return _choice == "always"


def paint(text: str, ink: Ink | None, stream: TextIO | None = None) -> str:
    """The text in a colour, where the stream (None: standard output) gets any."""
    if ink is None or not text.strip() or not wants_colour(stream or sys.stdout):
        return text
    return f"\x1b[{ink}m{text}\x1b[0m"

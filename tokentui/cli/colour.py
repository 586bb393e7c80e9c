"""Colours of what commands print: those that every terminal has, so that its own theme decides how they look."""

from __future__ import annotations

import os
import sys

from tokentui.ui.chart.styled import Line, Style

_CODES = {
    Style.SUCCESS: "32",
    Style.REDIRECTION: "36",
    Style.CLIENT_ERROR: "33",
    Style.SERVER_ERROR: "31",
    Style.AXIS: "2",
    Style.MUTED: "2",
    Style.STRONG: "1",
}


def wants_colour(choice: str) -> bool:
    """Whether standard output gets colours, for `--color auto`, `always` or `never`."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"


def painted(line: Line, *, colour: bool) -> str:
    """A line as text, with escape codes where `colour` is set."""
    parts = [
        f"\x1b[{_CODES[span.style]}m{span.text}\x1b[0m"
        if colour and span.style in _CODES and span.text.strip()
        else span.text
        for span in line
    ]
    return "".join(parts).rstrip(" ")

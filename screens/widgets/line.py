"""Texts that are shown again as time passes, and cost nothing while they read the same."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


def show(line: Static, text: str | Content) -> None:
    """Shows a text, unless it is shown already: an update lays the whole screen out anew."""
    shown = line.content
    # A Content equals another one of the same letters, whatever their styles are.
    same_styles = not (isinstance(shown, Content) and isinstance(text, Content)) or shown.spans == text.spans
    if type(shown) is not type(text) or shown != text or not same_styles:
        line.update(text)

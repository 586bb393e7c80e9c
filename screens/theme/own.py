"""The program's own theme: every colour is one of the 256 of xterm's palette, so that it is the same with truecolor.

sshd does not pass COLORTERM on, so most sessions of most operators have 256 colours, where others' themes are rounded
to whatever is near.
"""

from __future__ import annotations

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from textual.theme import Theme

OWN_THEME = Theme(
    name="tokentui",
    primary="#5fafff",  # 75
    secondary="#87afd7",  # 110
    accent="#ffaf5f",  # 215
    success="#87d787",  # 114
    warning="#ffd75f",  # 221
    error="#ff8787",  # 210
    foreground="#d0d0d0",  # 252
    background="#121212",  # 233
    surface="#1c1c1c",  # 234
    panel="#303030",  # 236
    boost="#262626",  # 235
    dark=True,
    variables={
        "block-cursor-background": "#005f87",  # 24
        "block-cursor-foreground": "#ffffff",  # 231
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#303030",
        "block-cursor-blurred-foreground": "#d0d0d0",
        "input-cursor-background": "#d0d0d0",
        "input-cursor-foreground": "#121212",
        "input-selection-background": "#005f87",
        "border": "#5fafff",
        "border-blurred": "#4e4e4e",  # 239
        "footer-background": "#303030",
        "footer-key-foreground": "#ffaf5f",
        "footer-description-foreground": "#d0d0d0",
        "text-muted": "#a8a8a8",  # 248
        "text-disabled": "#8a8a8a",  # 245
        "scrollbar": "#4e4e4e",
        "scrollbar-hover": "#767676",  # 243
        "scrollbar-active": "#5fafff",
        "scrollbar-background": "#1c1c1c",
        "scrollbar-background-hover": "#1c1c1c",
        "scrollbar-background-active": "#1c1c1c",
        "scrollbar-corner-color": "#1c1c1c",
    },
)

ANSI_THEME = "ansi-dark"
"""What a terminal of 16 colours, or one without any, gets: its own colours, and attributes."""


def color_depth(console: Console) -> ColorSystem | None:
    """How many colours a console found its terminal to have, by COLORTERM and TERM; None for none."""
    return COLOR_SYSTEMS.get(console.color_system or "")


def default_theme(depth: ColorSystem | None, *, no_color: bool) -> str:
    """The name of the theme for a terminal where none was chosen. `depth` is None where it shows no colours."""
    if no_color or depth not in (ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR):
        return ANSI_THEME
    return OWN_THEME.name

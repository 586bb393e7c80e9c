"""Textual's lists of options (8.2), without two of their faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from textual.style import Style
from textual.widget import Widget
from textual.widgets import OptionList

_move_page: Callable[[OptionList, Literal[-1, 1]], None] = OptionList._move_page


def mend_option_lists() -> None:
    """From now on, in this process: menus, choices and the palette are such lists."""
    setattr(OptionList, "get_visual_style", visual_style_of)  # noqa: B010
    setattr(OptionList, "_move_page", move_page)  # noqa: B010


def visual_style_of(widget: OptionList, *component_classes: str, partial: bool = False) -> Style:
    """The style of a part of a list, turned around where the sheet says so: Textual leaves that out."""
    style = Widget.get_visual_style(widget, *component_classes, partial=partial)
    is_reverse = any(widget.get_component_styles(name).text_style.reverse for name in component_classes)
    return style + Style(reverse=True) if is_reverse else style


def move_page(widget: OptionList, direction: Literal[-1, 1]) -> None:
    """A page up or down; nothing where the list has no room or is not laid out yet: it has no lines then."""
    if widget.scrollable_content_region:
        _move_page(widget, direction)

"""The mouse on a widget that is gone: a message that expires, a line that is drawn anew, a list that is read again.

Textual (8.2) keeps a widget that was removed in its layout until the next one, a turn of the event loop later. What
the mouse does meanwhile is handed to it, and fails, as it has no parent and no screen.
"""

from __future__ import annotations

from textual._compositor import Compositor
from textual.errors import NoWidget
from textual.geometry import Region
from textual.selection import SelectState
from textual.widget import Widget


def widget_at(compositor: Compositor, x: int, y: int) -> tuple[Widget, Region]:
    """The uppermost widget at a cell that is still there, and its region; NoWidget where there is none."""
    for widget, region in compositor.get_widgets_at(x, int(y)):
        if widget.is_attached:
            return widget, region
    raise NoWidget(f"no widget at ({x}, {y})")


def is_selection_there(selection: SelectState) -> bool:
    """Whether everything is still there that the text is in which is being selected."""
    start, end = selection.start, selection.end
    widgets = [start.container, start.content_widget]
    if end is not None:
        widgets += [end.container, end.content_widget]
    return all(widget.is_attached for widget in widgets if widget is not None)


def leave_removed_widgets_out() -> None:
    """From now on, in this process: a screen makes its compositor itself."""
    setattr(Compositor, "get_widget_at", widget_at)  # noqa: B010
    # Textual asks for it as for a property, and gets the method, which is true.
    setattr(SelectState, "is_attached_to_dom", property(is_selection_there))  # noqa: B010

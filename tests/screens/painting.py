"""What an app draws, drawn when it has come to rest: nobody sees the frames before, and they take most of the time."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import Screen

_refresh = Screen._compositor_refresh


def refresh(screen: Screen[Any]) -> None:
    """Keeps for `paint` what has changed on the screen in front, where no terminal shows it."""
    app = screen.app
    if not app.is_headless or screen is not app.screen:
        _refresh(screen)
        return
    screen._dirty_widgets.clear()
    app._update_mouse_over(screen)


def paint(app: App[Any]) -> None:
    """Draws what has changed since the last time; what fails there ends the app, as it would in a frame."""
    if not app.is_running or not app.screen_stack:
        return
    try:
        app.screen._compositor.render_update(screen_stack=app._background_screens)
    except Exception as error:
        app._handle_exception(error)


def install() -> None:
    """Lets every app without a terminal draw in this way."""
    Screen._compositor_refresh = refresh  # type: ignore[method-assign, assignment]

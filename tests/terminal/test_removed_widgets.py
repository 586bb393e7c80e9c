"""The mouse on a widget that was removed, before the screen is laid out anew."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Label

from tests.mouse import mouse_event
from tokentui.terminal.textual_internals import TerminalApp


class _Lines(TerminalApp):
    """A line that stays above one that goes."""

    def compose(self) -> ComposeResult:
        yield Label("stays", id="stays")
        yield Label("goes", id="goes")


STAYS, GOES = (2, 0), (2, 1)


def mouse(screen: Screen[object], kind: type[events.MouseEvent], cell: tuple[int, int]) -> None:
    """At once, as the layout is: a message would come after the next one."""
    screen._forward_event(mouse_event(kind, cell))


@pytest.mark.parametrize("kind", [events.MouseMove, events.MouseDown, events.MouseUp, events.MouseScrollDown])
async def test_what_is_under_it_has_the_mouse(kind: type[events.MouseEvent]) -> None:
    """A removed widget has no screen to draw itself on, and no parent."""
    app = _Lines()
    async with app.run_test(size=(20, 4)) as pilot:
        line = app.query_one("#goes", Label)
        await line.remove()
        mouse(app.screen, kind, GOES)
        assert app.screen.get_widget_and_offset_at(*GOES)[0] is app.screen
        await pilot.pause()
        assert app.fault is None


@pytest.mark.parametrize(("start", "end"), [(GOES, STAYS), (STAYS, GOES)])
async def test_a_selection_ends_with_its_text(start: tuple[int, int], end: tuple[int, int]) -> None:
    """The button is held while the widget goes; what is dragged after that selects nothing of it."""
    app = _Lines()
    async with app.run_test(size=(20, 4)) as pilot:
        mouse(app.screen, events.MouseDown, start)
        mouse(app.screen, events.MouseMove, end)
        assert set(app.screen.selections) == {app.query_one("#stays"), app.query_one("#goes")}
        gone = app.query_one("#goes")
        await gone.remove()
        mouse(app.screen, events.MouseMove, (3, 0))
        await pilot.pause()
        mouse(app.screen, events.MouseMove, (4, 0))
        mouse(app.screen, events.MouseUp, (4, 0))
        await pilot.pause()
        assert app.fault is None
        assert app.screen._select_state is None or gone not in app.screen.selections
        assert "goes" not in (app.screen.get_selected_text() or "")

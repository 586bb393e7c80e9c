"""The private parts of Textual that are relied on are there, as they were when they were read."""

from __future__ import annotations

import asyncio
import inspect
from select import select

import pytest
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region, Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList, Static

from tokentui.terminal.textual_internals import (
    TerminalApp,
    TerminalDriver,
    _may_draw,
    _SelectableEvent,
    draw_at_once,
    draw_scrolled_at_once,
    parts_of,
    render_rows,
)

OVERRIDDEN = [
    (App, TerminalApp, "_handle_exception"),
    (App, TerminalApp, "_fatal_error"),
    (App, TerminalApp, "_print_error_renderables"),
    (App, TerminalApp, "_display"),
    (App, TerminalApp, "panic"),
    (LinuxDriver, TerminalDriver, "_run_input_thread"),
    (LinuxDriver, TerminalDriver, "run_input_thread"),
    (LinuxDriver, TerminalDriver, "start_application_mode"),
    (LinuxDriver, TerminalDriver, "stop_application_mode"),
    (LinuxDriver, TerminalDriver, "write"),
    (LinuxDriver, TerminalDriver, "send_message"),
    (LinuxDriver, TerminalDriver, "close"),
]
USED = [
    (LinuxDriver.__init__, ("_file", "fileno", "attrs_before", "exit_event", "_writer_thread")),
    (LinuxDriver.start_application_mode, ("WriterThread(self._file)", "target=self._run_input_thread")),
    (LinuxDriver.stop_application_mode, ("self.attrs_before",)),
    (LinuxDriver.close, ("self._writer_thread.stop()",)),
    (App.__init__, ("_exception", "_return_code", "_exit_renderables", "_driver", "_exit")),
    (App._handle_exception, ("self._return_code = 1", "self._exception = error", "_exception_event.set()")),
    (App._fatal_error, ("_close_messages_no_wait()",)),
    (App._shutdown, ("_print_error_renderables()", "self._running = False")),
    (MessagePump.__init__, ("_closing", "_closed", "_running")),
    (DOMNode.__init__, ("_pruning",)),
    (App._prune, ("node._pruning = True",)),
    (App.copy_to_clipboard, ("self._driver.write(",)),
    (ChopsUpdate, ("self.spans", "self.chops", "for end, (x, strip) in zip(ends, line.items()):")),
    (
        LayoutUpdate,
        ("self.strips", "self.region", "loop_last(enumerate(self.strips, self.region.y))"),
    ),
    (
        Compositor._render_chops,
        (
            "renders = self._get_renders(crop)",
            "render_region = intersection(region, clip)",
            "zip(render_region.line_range, strips)",
        ),
    ),
    (
        Compositor._get_renders,
        ("visible_widgets = self.visible_widgets", "crop_overlaps(clip)", "widget.render_lines("),
    ),
    (App._display, ("if self._batch_count:", "self._running", "self._previous_cursor_position = cursor_position")),
    (App.on_event, ("self.screen._clear_tooltip()", "await self._check_bindings(event.key, priority=True)")),
    (LinuxDriver.send_message, ("self._app._post_message(message)",)),
    (MessagePump.post_message, ("loop.call_soon_threadsafe(self._message_queue.put_nowait, message)",)),
    (Widget.refresh, ("self._set_dirty(*regions)", "self._repaint_required = True", "self._layout_required")),
    (Screen._on_timer_update, ("self._compositor.update_widgets(self._dirty_widgets)", "self._compositor_refresh()")),
    (Screen._on_idle, ("self._layout_required", "self._scroll_required", "self._repaint_required", "_dirty_widgets")),
    (Compositor.get_widget_at, ("widget.visible", "return widget, region", "raise errors.NoWidget(")),
    (Compositor.get_widgets_at, ("self.layers_visible", "yield widget, region")),
    (Screen._watch__select_state, ("if not select_state.is_attached_to_dom:", "self._select_state = None")),
    (Timer._run, ("if self._skip and next_timer < now:", "while _repeat is None or count <= _repeat:")),
    (MessagePump.set_timer, ("repeat=0",)),
    (OptionList._move_page, ("self._index_to_line[self.highlighted or 0]",)),
    (OptionList._update_lines, ("if not self.scrollable_content_region:",)),
    (App._begin_update, ("if self._sync_available", "self._driver.write(SYNC_START)")),
]


@pytest.mark.parametrize(("base", "ours", "name"), OVERRIDDEN, ids=[name for _, _, name in OVERRIDDEN])
def test_overridden_methods_exist(base: type, ours: type, name: str) -> None:
    """Under its name, with its parameters: else Textual no longer calls ours."""
    theirs = inspect.signature(getattr(base, name)).parameters
    assert list(inspect.signature(getattr(ours, name)).parameters) == list(theirs), f"Textual has changed {name}"


@pytest.mark.parametrize(
    ("function", "parts"), USED, ids=[getattr(function, "__qualname__", "") for function, _ in USED]
)
def test_private_parts_exist(function: object, parts: tuple[str, ...]) -> None:
    """By the lines of Textual's source that set or read it."""
    source = inspect.getsource(function)  # type: ignore[arg-type]
    missing = [part for part in parts if part not in source]
    assert not missing, f"Textual has changed: {missing}; look at tokentui/terminal/textual_internals.py"


class _TwoPanes(TerminalApp):
    """A list in a container of its own, and a pane beside it."""

    CSS = "#pane { width: 12; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                yield Static("the list")
            yield Static("the pane", id="pane")


async def test_a_pane_that_is_drawn_alone_leaves_its_neighbour_as_it_is() -> None:
    """Textual renders the container of the neighbour too, but not what is in it."""
    app = _TwoPanes()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        pane = app.query_one("#pane", Static)
        compositor = app.screen._compositor
        compositor._dirty_regions = {pane.region}
        update = compositor.render_update()
        assert isinstance(update, ChopsUpdate)
        drawn = {(y, x): strip.text for y, x, strip in parts_of(update)}
    assert drawn[0, 28] == "the pane    "
    assert {x for _, x in drawn} == {28}


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[set[Region]]:
    """What each painting of a screen was of; nothing is painted."""
    paintings: list[set[Region]] = []

    def keep(screen: Screen[None]) -> None:
        paintings.append({*screen._compositor._dirty_regions})
        screen._compositor._dirty_regions.clear()
        screen._dirty_widgets.clear()

    monkeypatch.setattr(Screen, "_compositor_refresh", keep)
    return paintings


async def at_rest(pilot: Pilot[None], *widgets: Widget) -> None:
    """Waits until nothing but these is to be drawn, and nothing to be handled: Textual's `pause` may end before."""
    async with asyncio.timeout(60):
        while not _may_draw(pilot.app.screen, {*widgets}):
            await pilot.pause(0.01)


async def test_a_part_is_drawn_at_once_where_nothing_else_waits(painted: list[set[Region]]) -> None:
    """Else with the rest, so that keys that come at once are drawn once."""
    app = _TwoPanes()
    async with app.run_test(size=(40, 5)) as pilot:
        pane = app.query_one("#pane", Static)
        await at_rest(pilot, pane)
        line = Region(0, 1, 12, 1)
        painted.clear()
        draw_at_once(pane, line)
        assert painted == [{line.translate(pane.region.offset)}]
        assert not pane._repaint_required
        with app.batch_update():
            draw_at_once(pane, line)
            assert len(painted) == 1
            assert pane._repaint_required


async def test_what_was_scrolled_is_drawn_at_once_where_nothing_else_waits(painted: list[set[Region]]) -> None:
    """With its scrollbar, and not once more with the next frame."""

    class Lines(ScrollView):
        def render_line(self, y: int) -> Strip:
            return Strip([Segment(f"{self.scroll_offset.y + y:>9}")])

    class Scrolled(App[None]):
        def compose(self) -> ComposeResult:
            yield Lines()

    app = Scrolled()
    async with app.run_test(size=(20, 5)) as pilot:
        lines = app.query_one(Lines)
        lines.virtual_size = Size(20, 100)
        await at_rest(pilot, lines, lines.vertical_scrollbar)
        assert lines.show_vertical_scrollbar
        painted.clear()
        lines.scroll_to(y=50, animate=False, immediate=True)
        draw_scrolled_at_once(lines)
        assert [lines.region in regions for regions in painted] == [True]
        assert not lines._repaint_required
        assert not lines.vertical_scrollbar._repaint_required
        lines.scroll_to(y=20, animate=False, immediate=True)
        with app.batch_update():
            draw_scrolled_at_once(lines)
        assert len(painted) == 1
        assert lines._repaint_required


def test_an_event_can_be_selected_while_it_is_set() -> None:
    event = _SelectableEvent()
    for _ in range(2):
        assert select([event], [], [], 0)[0] == []
        event.set()
        event.set()
        assert select([event], [], [], 0)[0] == [event]
        event.clear()


async def test_what_lies_under_others_is_not_drawn() -> None:
    """A container under its children; of what is covered in part, the part is right that is seen."""

    class Covered(App[None]):
        CSS = "#over { layer: above; width: 4; height: 1; offset: 2 1; } Screen { layers: below above; }"

        def compose(self) -> ComposeResult:
            with Vertical():
                yield Static("\n".join(["under" * 4] * 24))
            yield Static("over", id="over")

    app = Covered()
    async with app.run_test(size=(20, 24)):
        compositor = app.screen._compositor
        drawn = [region for region, _, _ in render_rows(compositor)]
        assert drawn == [app.query_one("#over").region, app.query_one("Vertical Static").region]
        rows = [strip.text for strip in compositor.render_strips()]
        assert rows[:3] == ["under" * 4, "unovernderunderunder", "under" * 4]

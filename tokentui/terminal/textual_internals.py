"""Private parts of Textual (8.2): its driver, its parser, how it fails and how it draws.

Beside this module only `late_timers`, `option_lists` and `removed_widgets` touch such parts.
`tests/terminal/test_textual_internals.py` fails where a new Textual has changed them.
"""

from __future__ import annotations

import os
import selectors
import sys
import termios
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from threading import Event
from typing import Any

from rich.console import COLOR_SYSTEMS, RenderableType
from rich.control import Control
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual._context import active_message_pump
from textual._xterm_parser import XTermParser
from textual.app import App, ScreenError, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.message import Message
from textual.message_pump import CallbackError, MessagePump
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import MountError, Widget

from tokentui.terminal import modes
from tokentui.terminal.input import InputDecoder, Parser
from tokentui.terminal.late_timers import ring_late_timers
from tokentui.terminal.option_lists import mend_option_lists
from tokentui.terminal.output import TerminalOutput
from tokentui.terminal.removed_widgets import leave_removed_widgets_out
from tokentui.terminal.shown_screen import Part, ShownScreen

_LATE_ERRORS = (NoMatches, MountError, NoScreen, ScreenError, ScreenStackError)
"""What a widget meets that is worked with while its screen goes away."""

_LONGEST_WAIT_S = 1.0
"""Seconds after which the thread that waits for keys looks whether its terminal is still open."""

_DRAIN_S = 0.5
"""Seconds that the end waits for a terminal to read what was written last."""


def new_parser(*, debug: bool = False) -> Parser:
    """A parser of escape sequences, which is Textual's own; `debug` makes it write what it does into a log."""
    return XTermParser(debug)


class _SelectableEvent(Event):
    """An event that a selector can wait for: whoever waits for keys too need not wake up to look at it."""

    def __init__(self) -> None:
        super().__init__()
        self._read_end, self._write_end = os.pipe()

    def fileno(self) -> int:
        """What can be read from while the event is set. Never closed: a late `set` would write into another file."""
        return self._read_end

    def set(self) -> None:
        if not self.is_set():
            super().set()
            os.write(self._write_end, b".")

    def clear(self) -> None:
        if self.is_set():
            os.read(self._read_end, 1)
            super().clear()


class TerminalDriver(LinuxDriver):
    """Textual's driver, with input and output that no terminal can hold up, and a terminal that may go away."""

    _app: TerminalApp
    exit_event: _SelectableEvent

    def __init__(
        self, app: TerminalApp, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stderr__ is not None
        self.output = TerminalOutput(sys.__stderr__.fileno(), lost=app.on_terminal_lost, caught_up=self._catch_up)
        self._file = self.output  # type: ignore[assignment]
        self.exit_event = _SelectableEvent()

    def write(self, data: str) -> None:
        """Drops what is written while the terminal is not the app's."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            self.output.write(data)  # not by way of that thread: a turn of it costs more than the write

    def send_message(self, message: Message) -> None:
        """Puts what was typed into the app's queue: a task that does so, as Textual makes, costs as much as a paint."""
        self._app.post_message(message)

    def start_application_mode(self) -> None:
        """Notices a terminal that has gone away while the app was suspended."""
        self._app.forget_screen()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            self._app.on_terminal_lost()
        if self.attrs_before is not None:
            self.attrs_before = modes.cooked(self.attrs_before)

    def stop_application_mode(self) -> None:
        """Switches off more than was switched on: a program that was killed may have left it so."""
        self.write(modes.MODES_OFF)
        super().stop_application_mode()
        self.write("\x1b[0m")

    def close(self) -> None:
        """Waits for the last bytes, but not for a terminal that nobody reads."""
        super().close()
        if not self.output.drain(_DRAIN_S):
            self.output.restore(self.attrs_before)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app.fail, error)

    def run_input_thread(self) -> None:
        """Reads keys until the app leaves the terminal, or the terminal the app."""
        decoder = InputDecoder(lambda: new_parser(debug=self._debug))
        with selectors.PollSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self.exit_event, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(0.02 if decoder.is_waiting else _LONGEST_WAIT_S)
                if any(key.fd == self.fileno for key, _ in ready):
                    try:
                        data = os.read(self.fileno, 4096)
                    except BlockingIOError:
                        continue
                    except OSError:
                        data = b""
                    if not data:
                        self._app.on_terminal_lost()
                        return
                    for message in decoder.feed(data):
                        self.process_message(message)
                for message in decoder.tick():
                    self.process_message(message)

    def _catch_up(self) -> None:
        self._app.call_later(self._app.catch_up)


class TerminalApp(App[None]):
    """An app that tells its own faults in one line, and whose screen waits for a slow terminal, not the app itself."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        # For the process: a screen makes its compositor itself.
        setattr(Compositor, "_get_renders", render_rows)  # noqa: B010
        leave_removed_widgets_out()
        mend_option_lists()
        ring_late_timers()
        self._shown = ShownScreen(COLOR_SYSTEMS.get(self.console.color_system or ""))
        self._left_out = False
        self._styled_with: dict[str, str] = {}
        self.fault: BaseException | None = None
        """What the app has failed of, and ends for; None while it is sound."""
        self.on_terminal_lost: Callable[[], object] = self.exit
        """Called from any thread when the terminal is gone."""

    def fail(self, error: BaseException) -> None:
        """Ends the app for a fault of its own; later ones are not told. To be called in the event loop."""
        cause = _cause(error)
        if isinstance(cause, _LATE_ERRORS) and self._is_leaving(active_message_pump.get(self)):
            return
        self._return_code = 1
        if self.fault is None:
            self.fault = cause
        if self._exception is None and isinstance(error, Exception):
            self._exception = error  # the pilot of a test raises it
            self._exception_event.set()
        self._close_messages_no_wait()

    def silence(self) -> None:
        """Writes nothing to the terminal any more. From any thread."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.output.silence()

    def begin_with_theme(self, name: str) -> None:
        """The theme of the first frame: nothing is styled in Textual's own before. To be called before the app runs."""
        self.theme = name
        self._styled_with = self.get_css_variables()
        self.stylesheet.set_variables(self._styled_with)

    def refresh_css(self, animate: bool = True) -> None:
        """Styles everything anew, unless the variables are those that it is styled with: Textual begins with that."""
        variables = self.get_css_variables()
        if variables != self._styled_with:
            self._styled_with = variables
            super().refresh_css(animate)

    def hide_tooltip(self) -> None:
        """As each key does that takes Textual's own way."""
        self.screen._clear_tooltip()

    def catch_up(self) -> None:
        """Draws what was left out while the terminal was behind."""
        if self._left_out:
            self._left_out = False
            self.refresh(layout=True)
            self.screen.refresh()

    def forget_screen(self) -> None:
        """What the terminal shows is not known any longer: the next frame is a whole one."""
        self._shown.forget()

    def repaint(self) -> None:
        """Writes every cell again: another program may have written to the terminal."""
        self.forget_screen()
        self.refresh(layout=True)
        self.screen.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """What a terminal of another size keeps of its lines is its own affair."""
        self.forget_screen()

    def panic(self, *renderables: RenderableType) -> None:
        """Textual would draw what it is given over several lines, with values in it."""
        self.fail(RuntimeError("panic"))

    def _handle_exception(self, error: Exception) -> None:
        self.fail(error)

    def _fatal_error(self) -> None:
        self.fail(sys.exception() or RuntimeError("unknown"))

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()  # the one line is written when the terminal is as it was

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not isinstance(driver, TerminalDriver) or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count and self._running and not self._closed:
                self._draw(driver, renderable)
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()

    def _draw(self, driver: TerminalDriver, update: LayoutUpdate | ChopsUpdate) -> None:
        if driver.output.is_behind:
            self._left_out = True
            return
        width, height = self.size
        text = self._shown.draw(parts_of(update), width=width, height=height)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if text or cursor != self._previous_cursor_position:
            self._previous_cursor_position = cursor
            text += Control.move_to(*cursor).segment.text
            driver.write(f"{SYNC_START}{text}{SYNC_END}" if self._sync_available else text)

    def _is_leaving(self, node: MessagePump) -> bool:
        """Whether a node, or what it is part of, is going away."""
        if self._exit or not self._running or not isinstance(node, DOMNode):
            return True
        parts = [part for part in node.ancestors_with_self if part is not self]
        return any(part._pruning or part._closing or part._closed for part in parts) or not node.is_attached


def is_going_away(screen: Screen[Any]) -> bool:
    """Whether a screen is being closed, or the app is: its widgets go one by one."""
    app = screen.app
    return screen._pruning or not screen.is_running or app._exit or not app.is_running


def terminal_writer(app: App[Any]) -> Callable[[str], object]:
    """What writes a text to an app's terminal, from any thread, as Textual's own `copy_to_clipboard` does.

    Nothing is written where the app has no terminal.
    """
    driver = app._driver
    return driver.write if driver is not None else lambda text: None


def render_rows(compositor: Compositor, crop: Region | None = None) -> Iterator[tuple[Region, Region, list[Strip]]]:
    """Each widget's region, what is seen of it, and its lines there: those of the rows of `crop` alone.

    Textual 8.2 takes all lines of each widget through every filter, to throw all but a few away; and draws those that
    lie wholly under others, as a container does.
    """
    wanted = -1 if crop is None else ((1 << crop.width) - 1) << crop.x  # the cells of a row, a bit each
    covered: defaultdict[int, int] = defaultdict(int)
    for widget, (region, clip) in compositor.visible_widgets.items():
        seen = region.intersection(clip)
        if crop is not None:
            if not crop.overlaps(clip):
                continue
            seen = seen.intersection(Region(seen.x, crop.y, seen.width, crop.height))
        if seen.width and seen.height:
            cells = ((1 << seen.width) - 1) << seen.x
            uncovered = 0
            for y in seen.line_range:
                uncovered |= cells & ~covered[y]
                covered[y] |= cells
            if uncovered & wanted:
                end = uncovered.bit_length()
                if end < seen.right and all(end in compositor.cuts[y] for y in seen.line_range):
                    seen = Region(seen.x, seen.y, end - seen.x, seen.height)  # without its scrollbar
                yield region, seen, widget.render_lines(seen.translate(-region.offset))


def draw_at_once(widget: Widget, *regions: Region) -> None:
    """Draws parts of a widget now, where nothing else is to be drawn or handled first; else with the next frame.

    A frame of Textual's takes a message to the widget, one to its screen and a timer, each a turn of the event loop.
    """
    if widget._repaint_required or not _may_draw(widget.screen, {widget}):
        widget.refresh(*regions)
        return
    widget._set_dirty(*regions)
    widget.screen._compositor.update_widgets({widget})
    widget.screen._compositor_refresh()


def draw_scrolled_at_once(widget: ScrollView) -> None:
    """The same for a widget that has just been scrolled, and asks for a frame already: with its scrollbar.

    That frame may be a sixtieth of a second away.
    """
    drawn: set[Widget] = {widget, widget.vertical_scrollbar} if widget.show_vertical_scrollbar else {widget}
    if _may_draw(widget.screen, drawn):
        for part in drawn:
            part._repaint_required = False
        widget.screen._compositor.update_widgets(drawn)
        widget.screen._compositor_refresh()


def _may_draw(screen: Screen[Any], widgets: Set[Widget]) -> bool:
    """Whether nothing but these widgets is to be drawn, and no message to be handled first."""
    app = screen.app
    if app.message_queue_size or app._batch_count or not screen.is_active or screen._repaint_required:
        return False
    has_more = any(
        node._layout_required or node._scroll_required or node._recompose_required for node in (screen, *widgets)
    )
    return not has_more and screen._dirty_widgets <= widgets <= screen._compositor.visible_widgets.keys()


def parts_of(update: LayoutUpdate | ChopsUpdate) -> Iterator[Part]:
    """Where each strip of an update stands."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield y, x, strip
                x += strip.cell_length
        return
    spans: dict[int, list[tuple[int, int]]] = {}
    for y, start, end in update.spans:
        spans.setdefault(y, []).append((start, end))
    for y, changed in spans.items():
        for x, chop in update.chops[y].items():
            # Outside of what changed there may be a chop too, of a container whose children were not asked to draw.
            if chop is not None and any(x < end and start < x + chop.cell_length for start, end in changed):
                yield y, x, chop


def _cause(error: BaseException) -> BaseException:
    """What a worker or a timer has failed of."""
    while True:
        inner = error.__context__ if isinstance(error, CallbackError) else getattr(error, "error", None)
        if not isinstance(inner, BaseException):
            return error
        error = inner

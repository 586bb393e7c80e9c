"""What every screen does the same way: run services off the event loop, explain errors, respect read-only mode."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from textual import events, on
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.worker import Worker

from tokentui.context import Context
from tokentui.errors import Stopped, TokentuiError
from tokentui.screens.commands import binding, writing_actions
from tokentui.screens.keys import KeyTable
from tokentui.screens.messages import TokensChanged
from tokentui.screens.offers import Offers
from tokentui.screens.widgets.key_line import KeyLine
from tokentui.terminal.pending_work import READING
from tokentui.terminal.textual_internals import is_going_away
from tokentui.tokens.progress import Progress
from tokentui.ui.text import cell_width
from tokentui.validation import ValidationError

T = TypeVar("T")
TICK_S = 1.0
"""Seconds between two looks at the clock, for what depends on time."""

SPINNER_DELAY = 0.3
"""Seconds after which work that is still going on is shown."""


_LOCKED = (
    "Waiting for the database: it is locked by another process",
    "The database is locked by another process",
    "Locked by another",
)
"""What is waited for; the first that there is room for is said."""


class WaitingGivenUp(TokentuiError):
    """Raised by `ServiceCalls.change` where the operator stopped waiting for it; the service goes on in its thread."""

    def __init__(self) -> None:
        super().__init__("You stopped waiting", "where it is done after all, a message says so")


Failure = TokentuiError | ValidationError
"""What a service refuses with. Anything else is a fault of the program and ends it with a traceback."""


class HasContext(Protocol):
    """The one thing that screens need of the app beyond Textual's own."""

    context: Context
    problem: str
    """Why the database can't be read; empty while it can."""


def context_of(app: App[Any]) -> Context:
    """The context that the app was started with."""
    return cast(HasContext, app).context


def keys_of(app: App[Any]) -> KeyTable:
    """The keys of the commands, with those that the settings rebind."""
    return KeyTable(context_of(app).settings.keys)


class ServiceCalls(Offers):
    """Mixed into screens: `read` and `change` are the only ways from a screen to a service."""

    busy: reactive[bool] = reactive(False)
    """True while a service has been at work for longer than `SPINNER_DELAY`."""

    _waiting: asyncio.Event | None = None
    """Set where the operator stops waiting for the change under way; None while there is none to stop waiting for."""

    _progress: Progress | None = None
    """How far the change under way is, where it is one of many steps."""

    @property
    def context(self) -> Context:
        """The app's context, for services and for the clock and zone of what is shown."""
        return context_of(self.app)

    @property
    def keys(self) -> KeyTable:
        """The operator's keys, for what is said of them."""
        return keys_of(self.app)

    @property
    def problem(self) -> str:
        """Why the database can't be read, empty while it can."""
        return cast(HasContext, self.app).problem

    def problem_lines(self) -> list[str]:
        """What is said over rows that may be out of date; nothing while the database can be read."""
        return [f"{self.problem}. What is shown was known last."] if self.problem else []

    @property
    def is_open(self) -> bool:
        """False once the screen is being closed: its widgets go one by one, and a late result finds no place."""
        return not is_going_away(self)

    def read(
        self,
        group: str,
        service: Callable[[Context], T],
        done: Callable[[T], object],
        failed: Callable[[Failure], object] | None = None,
    ) -> None:
        """Runs `service` in a thread, then `done` with its result, or `failed` (a toast, unless given), here.

        `done` may be async. A newer read of the same group drops the result of the one before.
        """

        async def run() -> None:
            try:
                result = await self.change(service)
            except (TokentuiError, ValidationError) as error:
                if self.is_open:
                    (failed or self.explain)(error)
            else:
                # A screen that was left meanwhile has nothing to show it in.
                after = done(result) if self.is_open else None
                if inspect.isawaitable(after):
                    await after

        self._work(run, group=f"{READING}{group}", exclusive=True)

    async def change(
        self,
        service: Callable[[Context], T],
        late: Callable[[T], object] | None = None,
        progress: Progress | None = None,
    ) -> T:
        """Runs `service` in a thread and gives its result; raises what it raises. To be awaited inside a worker.

        The transaction begins and ends inside the thread: nothing is held open while a person thinks.

        With `late`, `give_up` ends the waiting, and WaitingGivenUp is raised. A thread can't be ended, so the service
        may still succeed: `late` is then called with its result, in the event loop, also where the screen is closed by
        then. Where it fails, a toast says so. With `progress` too, which the service is given as well, a bar shows how
        far it is, and `give_up` has it do nothing where it is not too late: Stopped is raised then.
        """
        work = asyncio.create_task(asyncio.to_thread(service, self.context))

        def show_busy() -> None:
            # A tick may wait in the queue while the work ends: nothing would take the spinner away again.
            if not work.done():
                self.busy = True

        timer = self.set_timer(SPINNER_DELAY, show_busy)
        self._progress = progress
        try:
            return await (work if late is None else self._wait_for(work, late))
        except WaitingGivenUp:
            if progress is not None and progress.is_stopped:
                raise Stopped from None
            raise
        finally:
            timer.stop()
            self._progress = None
            self.busy = False

    async def _wait_for(self, work: asyncio.Task[T], late: Callable[[T], object]) -> T:
        self._waiting = asyncio.Event()
        given_up = asyncio.create_task(self._waiting.wait())
        try:
            await asyncio.wait({work, given_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting = None
            given_up.cancel()
            if not work.done():  # given up, or the screen is being closed
                work.add_done_callback(partial(_tell_late, self.app, late))
        if not work.done():
            raise WaitingGivenUp
        return work.result()

    def give_up(self) -> bool:
        """Stops waiting for a change that can be given up; False where none is under way."""
        if self._waiting is None:
            return False
        if self._progress is not None:
            self._progress.stop()
        self._waiting.set()
        return True

    def waiting_text(self, width: int) -> str:
        """What is waited for or how far it is, and the key that ends the waiting where it can be ended.

        In `width` cells, of which a bar takes what the words leave.
        """
        from tokentui.ui.progress_text import count_text, progress_bar

        progress, texts, ending = self._progress, ["Working"], "stops waiting"
        if self.context.database.is_waiting_for_lock:
            progress, texts = None, [*_LOCKED]
        elif progress is not None:
            texts, ending = [count_text(progress.done, progress.total)], "stops: nothing is done then"
        if self._waiting is not None:
            texts = [f"{text} · {self.keys.first('app.back')} {ending}" for text in texts]
        text = next((text for text in texts if cell_width(text) <= width), texts[-1])
        if progress is None:
            return text
        return f"{progress_bar(progress.done, progress.total, width - cell_width(text) - 1)}{text}"

    def watch_busy(self, busy: bool) -> None:
        """Says what is waited for in place of the keys."""
        for line in self.query(KeyLine):
            line.busy = busy

    def changed(self) -> None:
        """Tells every screen that something was written."""
        self.app.post_message(TokensChanged())

    def explain(self, error: Failure) -> None:
        """Says in a toast what went wrong and what to do."""
        _explain(self.app, error)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Read-only mode drops every command that writes."""
        if self.context.database.read_only and action in writing_actions():
            return False
        return super().check_action(action, parameters)

    def _work(self, work: Callable[[], Coroutine[None, None, None]], *, group: str, exclusive: bool) -> None:
        # The function, not its coroutine: one that is replaced before it began would never be awaited.
        _: Worker[None] = self.run_worker(work, name=group, group=group, exclusive=exclusive, exit_on_error=True)


def _explain(app: App[Any], error: Failure) -> None:
    if isinstance(error, TokentuiError) and error.hint:
        app.notify(error.hint, title=error.message, severity="error", markup=False)
    else:
        app.notify(error.message, severity="error", markup=False)


def _tell_late(app: App[Any], late: Callable[[T], object], work: asyncio.Task[T]) -> None:
    """Says how a change ended for which nobody waited any longer."""
    if work.cancelled() or not app.is_running:
        return
    try:
        result = work.result()
    except Stopped:
        pass  # said already
    except (TokentuiError, ValidationError) as error:
        _explain(app, error)
    else:
        app.post_message(TokensChanged())
        late(result)


class Answers(ServiceCalls):
    """Mixed into screens that are closed with an answer, once, and only when they are in front."""

    _answer: tuple[Any] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Closes the screen; where another lies over it, as soon as that is gone. A second answer is dropped."""
        if not self.is_open or self not in self.app.screen_stack:
            return AwaitComplete()
        if self.app.screen is not self:
            self._answer = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    def dismiss_answered(self) -> None:
        """Closes the screen where it was answered while another lay over it."""
        if self._answer is not None:
            (result,) = self._answer
            self.dismiss(result)


class BaseScreen(Answers, Screen[ScreenResultType]):
    """A screen that fills the terminal."""

    @on(events.ScreenResume)
    def _in_front_again(self) -> None:
        self.dismiss_answered()
        self.refresh_bindings()

    @on(events.ScreenSuspend)
    def _behind_another(self) -> None:
        self.refresh_bindings()


class BaseModal(Answers, ModalScreen[ScreenResultType]):
    """A screen over another one, whose keys do nothing meanwhile."""

    BINDINGS = [
        binding("app.help", action="app.help"),
        binding("app.palette", action="app.command_palette"),
        binding("app.quit", action="app.quit"),
        binding("app.suspend", action="app.suspend_process"),
    ]

    @on(events.ScreenResume)
    def _in_front_again(self) -> None:
        self.dismiss_answered()

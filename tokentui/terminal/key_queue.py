"""Hands the app one key after the other: the next when what the one before asked for is on the screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message

from tokentui.terminal.pending_work import PendingWork

CHECK_S = 0.25
"""Seconds between two calls of `check`."""

_LONGEST_WAIT = 4
"""After so many checks in which no screen has opened, a second, the next key is handed on whatever the one before
has come to. They are counted, not timed: while the event loop is held up, or the machine busy, nothing can come."""

_POLL_S = 0.01
_ROUNDS = 3
"""A key makes a message (a button is pressed), that another (a step is wanted), and that opens the screen."""

_MOST_ROUNDS = 12


class KeyFollowed(Message):
    """Goes the way of the key that it follows, from the focused widget up to the app, and so arrives after it."""

    verbose = True

    def __init__(self, number: int, turn: int) -> None:
        super().__init__()
        self.number = number
        self.turn = turn


class KeyQueue:
    """Keys and pastes that wait for their turn.

    Without it, a key that arrives while the one before opens a screen goes to the screen underneath, and opens a
    second. `deliver` handles an event as Textual does, `moves_only` says of a key that it moves a cursor and opens
    nothing: the next one need not wait for it.
    """

    def __init__(
        self,
        app: App[None],
        deliver: Callable[[events.Event], Awaitable[None]],
        pending_work: PendingWork,
        moves_only: Callable[[events.Key], bool] = lambda key: False,
    ) -> None:
        self._app = app
        self._deliver = deliver
        self._pending_work = pending_work
        self._moves_only = moves_only
        self._waiting: deque[events.Event] = deque()
        self._following = False
        self._number = 0
        self._checks = 0
        self._screen: object = None

    @property
    def is_idle(self) -> bool:
        """Whether no key waits for its turn, and the last one has come to what it asked for."""
        return not self._waiting and not self._following

    async def put(self, event: events.Event) -> None:
        """Hands an event on, now or in its turn."""
        self._waiting.append(event)
        if not self._following:
            await self._next()

    async def followed(self, message: KeyFollowed) -> None:
        """The app has got the message that follows the last key."""
        if message.number != self._number or not self._following:
            return
        if self._app.screen is not self._screen:
            self._checks = 0
            self._follow(0)  # another screen: it has to be there, with its focus, before the next key
        elif message.turn + 1 < _ROUNDS or (message.turn < _MOST_ROUNDS and not self._is_quiet()):
            self._follow(message.turn + 1)
        elif self._pending_work.is_under_way() and not self._is_late():
            self._app.set_timer(_POLL_S, lambda: self._follow(0))
        else:
            await self._next()

    async def check(self) -> None:
        """Hands on the next key where nothing has come of the last one for too long."""
        self._checks += 1
        if self._following and self._is_late():
            await self._next()

    async def _next(self) -> None:
        self._following = False
        while self._waiting and not self._following:
            event = self._waiting.popleft()
            if self._is_typed(event):
                await self._deliver(event)
                continue
            target = self._target()
            self._following = True
            self._number += 1
            self._checks = 0
            self._pending_work.begin_key()
            await self._deliver(event)
            self._follow(0, target)

    def _is_typed(self, event: events.Event) -> bool:
        """What is typed into a field changes nothing but the field; nor does what moves a cursor."""
        focused = self._app.focused
        if focused is None or not isinstance(event, events.Key):
            return False
        return self._moves_only(event) or focused.check_consume_key(event.key, event.character)

    def _follow(self, turn: int, target: DOMNode | None = None) -> None:
        self._screen = self._app.screen
        message = KeyFollowed(self._number, turn)
        if not (target or self._target()).post_message(message):
            self._app.post_message(message)  # the widget is gone already

    def _target(self) -> DOMNode:
        return self._app.focused or self._app.screen

    def _is_quiet(self) -> bool:
        return all(node.message_queue_size == 0 for node in self._target().ancestors_with_self)

    def _is_late(self) -> bool:
        return self._checks > _LONGEST_WAIT

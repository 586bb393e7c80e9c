"""Counts responses in memory and writes them each second, in one transaction a batch.

A process that is killed loses what it counted since its last flush: at most `interval` seconds. One that ends, or
that closes the recorder, loses nothing. Where the database can't be written the counts are kept and tried again.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter, deque

from tokentui import addresses
from tokentui.clock import NANOS_A_MICRO
from tokentui.context import Context
from tokentui.crypto.key_format import ID_SPACE
from tokentui.database import fork
from tokentui.database.retries import retried
from tokentui.errors import TokentuiError
from tokentui.records import TokenInfo
from tokentui.usage.better_digests import BetterDigests
from tokentui.usage.counts import ADD, AHEAD_MICROS, SECRET_USED, SLOT_MICROS, TOKEN_USED, SlotCounts, add, rows
from tokentui.usage.retention import HourlyTidy

_LOG = logging.getLogger(__name__)
INTERVAL = 1.0
_MINUTE = 60_000_000_000
_SLOT = SLOT_MICROS * NANOS_A_MICRO
_STATUSES = 1_000
_FORK_TIMEOUT_S = 10.0

Uses = dict[int, tuple[int, int, str]]
"""By the ID of a secret: its token's ID, the moment in microseconds since 1970, the address (or nothing)."""


class Recorder:
    """Counts by token, slot of 15 minutes and class. Safe to share between threads and on both sides of a fork.

    `failures`: how many flushes could not write; their counts wait for the next. On a database that is read only
    nothing is counted.

    A request costs one `append`, which needs no lock: the thread that flushes adds up what has come. It is a plain
    number, slot, token and status in one, since a tuple for each would keep the garbage collector busy.
    """

    _responses: deque[int]
    _counts: SlotCounts
    _uses: Uses
    _recorded: dict[int, int]
    _thread: threading.Thread | None
    _closed: bool
    _running: bool
    _holds_flush: bool

    def __init__(
        self, context: Context, *, interval: float = INTERVAL, better_digests: BetterDigests | None = None
    ) -> None:
        """`interval`: seconds between two flushes. `better_digests`: those of the gate, to be written with a flush."""
        self.failures = 0
        self._context = context
        self._nanos = context.nanoseconds()
        self._interval = interval
        self._better_digests = better_digests or BetterDigests()
        self._renew()
        fork.register(self, fork.Floor.RECORDER)

    def count(self, token: TokenInfo, status: int, client: str | None = None, *, used: bool = True) -> None:
        """Counts one response with an HTTP status; `used`: its key was accepted, from the address `client`.

        Never raises. 1xx (a WebSocket that was accepted) counts as success.
        """
        now = self._nanos()
        if not 0 <= status < _STATUSES:
            status = _STATUSES - 1
        self._responses.append((now // _SLOT * ID_SPACE + token.number) * _STATUSES + status)
        if used and not 0 <= now - self._recorded.get(token.secret, 0) < _MINUTE:
            self._record_use(token, now, client)
        if not self._running:
            self._ensure()

    def record_use(self, token: TokenInfo, client: str | None = None) -> None:
        """Records that the key was accepted from the address `client`; another counts the response. Never raises."""
        now = self._nanos()
        if not 0 <= now - self._recorded.get(token.secret, 0) < _MINUTE:
            self._record_use(token, now, client)
            if not self._running:
                self._ensure()

    def _record_use(self, token: TokenInfo, now: int, client: str | None) -> None:
        """At most once a minute a key."""
        with self._lock:
            if not 0 <= now - self._recorded.get(token.secret, 0) < _MINUTE:
                self._recorded[token.secret] = now
                self._uses[token.secret] = (token.number, now // NANOS_A_MICRO, _address(client))

    def _ensure(self) -> None:
        if self._closed:  # the last flush is over: this one is not left behind
            self.flush()
        else:
            self._start()

    def flush(self) -> bool:
        """Writes what was counted; False, and nothing is lost, where the database could not be written."""
        with self._flushing:
            if self._context.database.read_only:
                self._renew_counts()
                return True
            self._add_up()
            counts, self._counts = self._counts, {}
            with self._lock:
                uses, self._uses = self._uses, {}
            if counts or uses:
                try:
                    self._write(counts, uses)
                except TokentuiError:
                    self.failures += 1
                    self._put_back(counts, uses)
                    return False
                except BaseException:
                    self._put_back(counts, uses)
                    raise
                self._forget_old()
            self._better_digests.write(self._context)
            return True

    def _add_up(self) -> None:
        """What was appended before this call, into the counts."""
        next_response = self._responses.popleft
        for packed, times in Counter([next_response() for _ in range(len(self._responses))]).items():
            of, status = divmod(packed, _STATUSES)
            slot, token = divmod(of, ID_SPACE)
            add(self._counts, token, slot, status, times)

    def close(self) -> None:
        """Ends the thread and writes the rest; what is counted after it is written at once."""
        with self._lock:
            self._closed, self._running = True, False
            thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        if self.flush():
            atexit.unregister(self.close)
        else:  # tried once more when the process ends
            _LOG.warning("responses could not be counted: the database can't be written")

    def reopen(self) -> None:
        """Counts in the background again after `close`, as an application that is started again does."""
        with self._lock:
            if self._closed:  # else a thread may run, and waits for the event that there is
                self._closed = False
                self._stop = threading.Event()

    def before_fork(self) -> None:
        """Waits for a flush that is under way: the child must not inherit its connection."""
        self._holds_flush = self._flushing.acquire(timeout=_FORK_TIMEOUT_S)

    def after_fork_in_parent(self) -> None:
        """Lets flushes go on."""
        if self._holds_flush:
            self._flushing.release()

    def after_fork_in_child(self) -> None:
        """Begins with nothing counted: the parent writes what it counted."""
        self._renew()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._renew_counts()
        self._thread = None
        self._closed = self._running = False

    def _renew_counts(self) -> None:
        self._responses = deque()
        self._counts = {}
        self._uses = {}
        self._recorded = {}

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None or self._closed:
                return
            self._thread = threading.Thread(target=self._run, args=(self._stop,), name="tokentui-usage", daemon=True)
            try:
                self._thread.start()
                self._running = True
            except RuntimeError:  # no thread can be started while the interpreter ends
                self._thread = None
        if self._running:
            atexit.register(self.close)
        else:
            self.flush()

    def _run(self, stop: threading.Event) -> None:
        tidy = HourlyTidy(self._context)
        while not stop.wait(self._interval):
            try:
                self.flush()
                with self._flushing:  # no fork while it writes
                    tidy.when_due()
            except Exception:  # noqa: S112 - kept counts are tried again; the thread must outlive any failure
                continue

    def _write(self, counts: SlotCounts, uses: Uses) -> None:
        now = self._nanos() // NANOS_A_MICRO
        # By token first: whoever writes several rows does so in one order, so that no two wait for each other.
        used = [
            {"token": token, "secret": secret, "at": min(at, now), "origin": origin, "ahead": now + AHEAD_MICROS}
            for token, secret, at, origin in sorted((use[0], secret, *use[1:]) for secret, use in uses.items())
        ]
        _add_all(self._context, counts, used)

    def _put_back(self, counts: SlotCounts, uses: Uses) -> None:
        self._counts = counts  # empty since: only a flush adds to it, and one at a time
        with self._lock:
            for secret, use in uses.items():
                self._uses.setdefault(secret, use)

    def _forget_old(self) -> None:
        """Keeps the memory of uses to those of the last minute."""
        limit = self._nanos() - _MINUTE
        with self._lock:
            for secret in [secret for secret, at in self._recorded.items() if at <= limit]:
                del self._recorded[secret]


@retried
def _add_all(context: Context, counts: SlotCounts, used: list[dict[str, object]]) -> None:
    with context.database.write() as session:
        if counts:
            session.execute(ADD, rows(counts))
        if used:
            session.execute(TOKEN_USED, used)
            session.execute(SECRET_USED, used)
        session.commit()


def _address(client: str | None) -> str:
    """The address as text, or nothing: a proxy may hand on whatever a client has sent."""
    address = addresses.parse(client)
    return "" if address is None else str(address)

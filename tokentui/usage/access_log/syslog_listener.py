"""Receives an access log that nginx sends as syslog, and counts it each second.

A datagram that never arrives, and what a killed process had not written yet (a second's worth), is missing from the
counts, until the log's file is imported: a line that came both ways counts once.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import threading
import time
from collections.abc import Sequence

from tokentui import addresses
from tokentui.addresses import Network
from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.usage.access_log import ingest
from tokentui.usage.access_log.line import of_syslog
from tokentui.usage.access_log.log_socket import LogSocket
from tokentui.usage.retention import HourlyTidy

_LOG = logging.getLogger(__name__)
INTERVAL_S = 1.0
_MAX_WAITING_LINES = 200_000
_BATCH_ROWS = 5_000
_DRAIN_S = 1.0
_TIMEOUT_S = 0.2
_MAX_SENDERS = 1_000


class LiveLog:
    """A thread that receives, so that the system's buffer never fills while another writes to the database.

    `result` says what became of the lines, `dropped` how many were not looked at: more than can wait, or from nobody
    who is trusted. The lines of a UDP socket are believed from the networks of `trusted_proxies`; to a Unix socket only
    those can write whom its directory lets.
    """

    def __init__(self, context: Context, bound: LogSocket, *, interval: float = INTERVAL_S) -> None:
        """`bound` is closed with this; `interval`: seconds between two writes."""
        self.result = ingest.IngestResult()
        self.dropped = 0
        self._context = context
        self._bound = bound
        self._interval = interval
        self._tidy = HourlyTidy(context)
        self._trusted: Sequence[Network] = [ipaddress.ip_network(text) for text in context.settings.trusted_proxies]
        self._senders: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._lines: list[tuple[int, str]] = []
        self._number = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._receive, name="tokentui-log", daemon=True),
            threading.Thread(target=self._write, name="tokentui-log-write", daemon=True),
        ]

    def start(self) -> None:
        """Starts the two threads, one that receives and one that writes."""
        self._bound.socket.settimeout(_TIMEOUT_S)
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Reads and writes what has arrived, for a second at most, ends the threads and closes the socket."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._bound.close()
        self._flush()

    def _receive(self) -> None:
        ends = math.inf
        receive = self._bound.socket.recvfrom
        while time.monotonic() < ends:
            try:
                packet, sender = receive(65_535)
                self._keep(packet, sender[0] if isinstance(sender, tuple) else None)
            except OSError:  # nothing for a while, or an ICMP error of somebody else's
                if self._stop.is_set():
                    return
            if self._stop.is_set():
                ends = min(ends, time.monotonic() + _DRAIN_S)

    def _keep(self, packet: bytes, sender: str | None) -> None:
        """Keeps a line until it is written; `sender` is None for a Unix socket."""
        trusted = sender is None or self._is_trusted(sender)
        with self._lock:
            if not trusted or len(self._lines) >= _MAX_WAITING_LINES:
                self.dropped += 1
                return
            self._number += 1
            self._lines.append((self._number, of_syslog(packet)))

    def _is_trusted(self, sender: str) -> bool:
        trusted = self._senders.get(sender)
        if trusted is None:
            trusted = addresses.within(sender, self._trusted)
            if len(self._senders) < _MAX_SENDERS:
                self._senders[sender] = trusted
        return trusted

    def _write(self) -> None:
        while not self._stop.wait(self._interval):
            self._flush()
            self._tidy.when_due()

    def _flush(self) -> None:
        """Counts what has come; where the database can't be written it is kept for the next time."""
        with self._lock:
            lines, self._lines = self._lines, []
        size = _BATCH_ROWS
        while lines:
            batch, lines = lines[:size], lines[size:]
            try:
                ingest.ingest(self._context, batch, self.result)
            except TokentuiError:
                with self._lock:
                    self._lines[:0] = batch + lines
                return
            except Exception as error:
                # A line that nobody thought of must not stop those behind it: it is looked for by halves.
                if len(batch) > 1:
                    lines = batch + lines
                    size = len(batch) // 2
                else:
                    _LOG.warning("a line of the access log can't be counted: %s", type(error).__name__)
                    self.result.refuse(batch[0][0], "it can't be counted")
                continue
            size = _BATCH_ROWS

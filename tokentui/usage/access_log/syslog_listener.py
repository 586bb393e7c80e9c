"""Takes an access log that nginx sends as syslog over UDP, and counts it each second.

A datagram that never arrives, and what a killed process had not written yet (a second's worth), is missing from the
counts, until the log's file is imported: a line that came both ways counts once.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import math
import socket
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from tokentui import addresses
from tokentui.addresses import Network
from tokentui.context import Context
from tokentui.errors import TokentuiError, UsageError
from tokentui.usage.access_log import ingest
from tokentui.usage.access_log.line import of_syslog

_LOG = logging.getLogger(__name__)
INTERVAL = 1.0
_WAITING = 200_000
_TOGETHER = 5_000
_DRAIN = 1.0
_BUFFER = 8 * 1024 * 1024
_SO_RCVBUFFORCE = 33  # Linux: past the limit that the system sets, for who may


def bind(url: str) -> socket.socket:
    """A socket for `udp://HOST:PORT`; raises UsageError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme != "udp" or parts.path not in ("", "/"):
        raise UsageError(f"{url!r} is not an address for the access log", "write udp://127.0.0.1:8766")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.bind(address)
    except OSError as error:
        raise UsageError(f"{url} can't be listened on", error.strerror or str(error)) from None
    with contextlib.suppress(OSError):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        bound.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    return bound


class LiveLog:
    """A thread that receives, so that the system's buffer never fills while the other writes to the database."""

    def __init__(self, context: Context, bound: socket.socket, *, interval: float = INTERVAL) -> None:
        """`bound` is closed with this; only the networks of `trusted_proxies` are listened to."""
        self.outcome = ingest.Outcome()
        self.dropped = 0
        self._context = context
        self._socket = bound
        self._interval = interval
        self._trusted: Sequence[Network] = [ipaddress.ip_network(each) for each in context.settings.trusted_proxies]
        self._believed: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._lines: list[tuple[int, str]] = []
        self._number = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._receive, name="tokentui-log", daemon=True),
            threading.Thread(target=self._write, name="tokentui-log-write", daemon=True),
        ]

    def start(self) -> None:
        """Begins to receive."""
        self._socket.settimeout(0.2)
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Takes what has arrived, writes it, and ends."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._socket.close()
        self._flush()

    def _receive(self) -> None:
        ends = math.inf
        while time.monotonic() < ends:
            try:
                packet, address = self._socket.recvfrom(65_535)
                self._keep(packet, address[0])
            except OSError:  # nothing for a while, or an ICMP error of somebody else's
                if self._stop.is_set():
                    return
            if self._stop.is_set():
                ends = min(ends, time.monotonic() + _DRAIN)

    def _keep(self, packet: bytes, sender: str) -> None:
        believed = self._believed.get(sender)
        if believed is None:
            believed = addresses.within(sender, self._trusted)
            if len(self._believed) < 1_000:
                self._believed[sender] = believed
        with self._lock:
            if not believed or len(self._lines) >= _WAITING:
                self.dropped += 1
                return
            self._number += 1
            self._lines.append((self._number, of_syslog(packet)))

    def _write(self) -> None:
        while not self._stop.wait(self._interval):
            self._flush()

    def _flush(self) -> None:
        """Counts what has come; where the database can't be written it is kept for the next time."""
        with self._lock:
            lines, self._lines = self._lines, []
        together = _TOGETHER
        while lines:
            batch, lines = lines[:together], lines[together:]
            try:
                ingest.ingest(self._context, batch, self.outcome)
            except TokentuiError:
                with self._lock:
                    self._lines[:0] = batch + lines
                return
            except Exception as error:
                # A line that nobody thought of must not stop those behind it: it is looked for by halves.
                if len(batch) > 1:
                    lines = batch + lines
                    together = len(batch) // 2
                else:
                    _LOG.warning("a line of the access log can't be counted: %s", type(error).__name__)
                    self.outcome.refuse(batch[0][0], "it can't be counted")
                continue
            together = _TOGETHER

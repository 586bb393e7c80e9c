"""The audit's entries as lines for others to keep: the journal, syslog or a file, after they were committed."""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

JOURNAL, SYSLOG = "journal", "syslog"
JOURNAL_SOCKET = "/run/systemd/journal/socket"
SYSLOG_SOCKET = "/dev/log"

_LOG = logging.getLogger(__name__)
_TIMEOUT_S = 1.0
_FACILITY, _NOTICE = 10, 5  # authpriv; RFC 5424, 6.2.1
_IDENTIFIER = "tokentui"

Entry = dict[str, Any]
"""As `entries.entry_json` makes it."""


def tell(target: str, entries: Iterable[Entry]) -> None:
    """Hands entries on to what `audit_log` of the settings names; one that can't be, is a warning of `logging`.

    They are in the database by then: a log that is full or away is no reason for a change to fail.
    """
    try:
        with _sender(target) as send:
            for entry in entries:
                send(entry)
    except OSError as error:
        reason = error.strerror or str(error)
        _LOG.warning("audit_log %s can't be written (%s): the entry is in the database alone", target, reason)


def problem(target: str) -> str:
    """Why nothing can be handed on to a target; empty where it can be. Writes nothing."""
    try:
        with _sender(target):
            return ""
    except OSError as error:
        return error.strerror or str(error)


@contextmanager
def _sender(target: str) -> Iterator[Callable[[Entry], None]]:
    if target in (JOURNAL, SYSLOG):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.settimeout(_TIMEOUT_S)
            sending.connect(JOURNAL_SOCKET if target == JOURNAL else SYSLOG_SOCKET)
            packet = _journal_packet if target == JOURNAL else _syslog_packet
            yield lambda entry: _send(sending, packet, entry)
        return
    # Opened anew each time, so that a file which was rotated away is let go. A FIFO that nobody reads is an error.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    handle = os.open(os.path.expanduser(target), flags, 0o600)
    try:
        yield lambda entry: _append(handle, entry)
    finally:
        os.close(handle)


def _send(sending: socket.socket, packet: Callable[[Entry], bytes], entry: Entry) -> None:
    try:
        sending.send(packet(entry))
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise
        sending.send(packet(entry | {"changes": None}))


def _append(handle: int, entry: Entry) -> None:
    """In one write, so that no other process's line comes in between."""
    line = f"{_text(entry)}\n".encode("ascii")
    if os.write(handle, line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _syslog_packet(entry: Entry) -> bytes:
    """RFC 3164, as local programs send it."""
    return f"<{_FACILITY * 8 + _NOTICE}>{_IDENTIFIER}[{os.getpid()}]: {_text(entry)}".encode("ascii")


def _journal_packet(entry: Entry) -> bytes:
    """https://systemd.io/JOURNAL_NATIVE_PROTOCOL; no value has a line feed."""
    fields = {
        "MESSAGE": _text(entry),
        "PRIORITY": _NOTICE,
        "SYSLOG_FACILITY": _FACILITY,
        "SYSLOG_IDENTIFIER": _IDENTIFIER,
        "TOKENTUI_ACTION": json.dumps(entry["action"]).strip('"'),
        "TOKENTUI_TOKEN": entry["token"] or "",
    }
    return "".join(f"{name}={value}\n" for name, value in fields.items()).encode("ascii")


def _text(entry: Entry) -> str:
    """In ASCII: nothing in it moves or colours a terminal that shows the log."""
    return json.dumps(entry)

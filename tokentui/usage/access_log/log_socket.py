"""The socket that an access log is sent to as syslog: `unix:PATH`, or `udp://HOST:PORT`.

Whoever may write to it can invent responses. A Unix socket's directory says who that is; to a UDP port of the loopback
any user of the machine may write.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

from tokentui.errors import UsageError

_RECEIVE_BYTES = 8 * 1024 * 1024
_SO_RCVBUFFORCE = 33  # Linux: past the limit that the system sets, for who may
_QUEUE_LENGTH = Path("/proc/sys/net/unix/max_dgram_qlen")
_ENOUGH_QUEUED = 512
_HINT = "write unix:/run/tokentui/access.sock or udp://127.0.0.1:8766"


class LogSocket:
    """A bound socket; `path` is the file of a Unix one (None for UDP), which closing it removes."""

    def __init__(self, bound: socket.socket, path: Path | None = None) -> None:
        self.socket = bound
        self.path = path
        self._inode = path.stat().st_ino if path else None

    def warnings(self) -> list[str]:
        """What an operator should know of this socket, one text a finding; none where all is well."""
        if self.path is None:
            return []
        warnings = []
        if _open_to_all(self.path):
            warnings.append(f"any user of this machine may write to {self.path}: take others' `x` off its directory")
        with contextlib.suppress(OSError, ValueError):
            length = int(_QUEUE_LENGTH.read_text())
            if length < _ENOUGH_QUEUED:
                hint = f"sysctl -w net.unix.max_dgram_qlen={_ENOUGH_QUEUED}"
                warnings.append(f"only {length} lines of the access log can wait, nginx drops more: {hint}")
        return warnings

    def close(self) -> None:
        """Closes it, and removes its file, unless another program has put its own there."""
        self.socket.close()
        if self.path is not None:
            with contextlib.suppress(OSError):
                if self.path.lstat().st_ino == self._inode:
                    self.path.unlink()


def bind(address: str) -> LogSocket:
    """Listens on `unix:PATH` or `udp://HOST:PORT`; raises UsageError."""
    if address.startswith("unix:"):
        return _bind_unix(address.removeprefix("unix:"))
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme != "udp" or parts.path not in ("", "/"):
        raise UsageError(f"{address!r} is not an address for the access log", _HINT)
    return _bind_udp(address, host, port)


def _bind_udp(address: str, host: str, port: int) -> LogSocket:
    try:
        family, _, _, _, resolved = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.bind(resolved)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{address} can't be listened on", getattr(error, "strerror", None) or str(error)) from None
    with contextlib.suppress(OSError):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        bound.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
    return LogSocket(bound)


def _bind_unix(name: str) -> LogSocket:
    path = Path(os.path.abspath(os.path.expanduser(name))) if name and "\0" not in name else None
    if path is None:
        raise UsageError("unix: needs the path of a socket", _HINT)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        _remove_left_over(path)
        bound.bind(os.fspath(path))
        path.chmod(0o666)  # whoever gets through the directory may write: nginx's workers are another user
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)  # the length of the path is no error of the system's
        raise UsageError(f"unix:{path} can't be listened on", reason) from None
    except UsageError:
        bound.close()
        raise
    return LogSocket(bound, path)


def _remove_left_over(path: Path) -> None:
    """Removes the socket of a program that is gone; raises UsageError where it is in use, or no socket."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise UsageError(f"{path} is no socket", "name another path, or remove it")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(os.fspath(path))
        except OSError as error:
            if error.errno != errno.ECONNREFUSED:
                raise
        else:
            raise UsageError(f"unix:{path} can't be listened on", "another program does")
    path.unlink()


def _open_to_all(path: Path) -> bool:
    """Whether every directory above lets everybody through."""
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in path.parents)

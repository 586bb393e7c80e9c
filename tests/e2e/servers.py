"""Real servers for a test: started, waited for until they answer, ended with what they said kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event

ROOT = Path(__file__).parent.parent.parent
_TIMEOUT_S = 30.0


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on; all held at once, so that they differ."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [server.getsockname()[1] for server in listening]
    for server in listening:
        server.close()
    return ports


def eventually(done: Callable[[], bool], what: str, *, within: float = _TIMEOUT_S) -> None:
    """Waits for a state, and fails where it does not come."""
    until, pause = time.monotonic() + within, Event()
    while not done():
        assert time.monotonic() < until, f"{what}: not within {within:g} s"
        pause.wait(0.02)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Server:
    """A process with those that it starts, in a group of their own."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def ready(self, *ports: int) -> None:
        """Waits until all ports are listened on."""
        for port in ports:
            eventually(partial(self._ended_or_listens, port), f"port {port}")
            assert not self._ended(), self.said()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks the process to end, and waits; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(_TIMEOUT_S)

    def kill(self) -> None:
        """Ends the whole group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        """Everything it wrote."""
        return self.log.read_text(errors="replace")

    def _ended_or_listens(self, port: int) -> bool:
        return self._ended() or listens(port)

    def _ended(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def running(command: Sequence[str | Path], environment: Mapping[str, str], log: Path, *ports: int) -> Iterator[Server]:
    """A server that listens on all `ports`; none of its processes outlives the block."""
    server = Server(command, environment, log)
    try:
        server.ready(*ports)
        yield server
    finally:
        server.kill()

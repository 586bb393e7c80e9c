"""Servers of the bench, and requests a second to them: by wrk where there is one, else by a client of our own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
CONNECTIONS = 16
PATH = "/agreements/"
# The key stands in the environment: in the arguments every process could read it.
_SCRIPT = 'wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")\n'


@dataclass(frozen=True)
class Site:
    """Where to ask, and as whom."""

    port: int
    authorization: str

    @property
    def request(self) -> bytes:
        """A whole request, for whoever writes to a socket."""
        return request(self.authorization)

    def check(self) -> None:
        """Raises where the key is refused."""
        with socket.create_connection((HOST, self.port), timeout=10) as connection:
            connection.sendall(self.request)
            answer = connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"port {self.port} answers {answer[:200]!r}")


def request(authorization: str) -> bytes:
    """What a client sends."""
    return f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {authorization}\r\n\r\n".encode("ascii")


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def server(command: Sequence[str], port: int, place: Path, environ: Mapping[str, str] | None = None) -> Iterator[None]:
    """Runs a server, with its files in `place`, until the end of the block; begins once it accepts connections."""
    with (place / "servers.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=place, env={**os.environ, **(environ or {})}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, port, place)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, place: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                said = (place / "servers.log").read_text(errors="replace")[-1000:]
                raise RuntimeError(f"a server does not start: {said}") from None
            time.sleep(0.05)


def rate(site: Site, place: Path, seconds: float) -> float:
    """Requests a second over connections that stay open; each must be answered with 2xx."""
    if shutil.which("wrk") is None:
        return asyncio.run(_own(site, seconds))
    script = place / "wrk.lua"
    script.write_text(_SCRIPT)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
    command.append(f"http://{HOST}:{site.port}{PATH}")
    environ = {**os.environ, "BENCH_AUTHORIZATION": site.authorization}
    said = subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout
    rate_line = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    if rate_line is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk says: {said}")
    return float(rate_line[1])


async def _own(site: Site, seconds: float) -> float:
    until = time.monotonic() + seconds
    start = time.monotonic()
    counts = await asyncio.gather(*(_ask(site, until) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.monotonic() - start)


async def _ask(site: Site, until: float) -> int:
    reader, writer = await asyncio.open_connection(HOST, site.port)
    asked = 0
    while time.monotonic() < until:
        writer.write(site.request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *([0-9]+)", head)
        is_chunked = b"transfer-encoding: chunked" in head.lower()
        if not head.startswith(b"HTTP/1.1 2") or (length is None and not is_chunked):
            raise RuntimeError(f"port {site.port} answers {head[:200]!r}")
        if length is None:
            await reader.readuntil(b"\r\n0\r\n\r\n")
        else:
            await reader.readexactly(int(length[1]))
        asked += 1
    writer.close()
    return asked

"""Requests a second: with the middleware and without, against others, and behind nginx."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from gate_parts import load, times
from gate_parts.load import Site, free_port, server
from gate_parts.measure import Table, interleaved, ratio
from gate_parts.peers import SITES, python
from gate_parts.sample import Sample

WITHOUT = "none"
PARSERS = ("h11", "httptools")
"""What uvicorn parses requests by: as it installs itself, and the one in C, beside which all else weighs more."""


class Web:
    """Starts servers and asks them in turns."""

    def __init__(self, table: Table, sample: Sample, place: Path, *, rounds: int, seconds: float) -> None:
        self.table = table
        self.sample = sample
        self.place = place
        self._rounds = rounds
        self._seconds = seconds
        self._stack = ExitStack()
        self.key = f"ApiKey {sample.keys[0]}"

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(
        self,
        *command: str,
        authorization: str = WITHOUT,
        check: bool = True,
        before: Callable[[int], None] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Site:
        """A server; `{port}` in its command is where it is to listen, which `before` is told first."""
        site = Site(free_port(), authorization)
        if before is not None:
            before(site.port)
        filled = [part.replace("{port}", str(site.port)) for part in command]
        self._stack.enter_context(server(filled, site.port, self.place, {**self.sample.environ, **(environ or {})}))
        if check:
            site.check()
        return site

    def uvicorn(
        self,
        app: str,
        *,
        authorization: str = WITHOUT,
        interpreter: str = sys.executable,
        factory: bool = False,
        parser: str = "httptools",
        environ: Mapping[str, str] | None = None,
    ) -> Site:
        """An application of `sites/` in one process."""
        command = [interpreter, "-m", "uvicorn", "--app-dir", str(SITES), app, "--port", "{port}"]
        command += ["--log-level", "warning", "--no-access-log", *(["--factory"] if factory else [])]
        return self.start(*command, "--http", parser, authorization=authorization, environ=environ)

    def starlette(self, parser: str) -> dict[str, Site]:
        """The trivial endpoint, `plain` and `guarded`; both are sent the same header."""
        return {
            "plain": self.uvicorn("starlette_site:plain", authorization=self.key, parser=parser),
            "guarded": self.uvicorn("starlette_site:guarded", authorization=self.key, parser=parser, factory=True),
        }

    def compare(self, sites: dict[str, Site], lines: list[tuple[str, str, str, str]]) -> None:
        """Each of `lines`: what, one site, the other, the target."""
        rates = interleaved({name: self._rate(site) for name, site in sites.items()}, self._rounds)
        for what, one, other, target in lines:
            self.table.add(f"requests a second: {what}", ratio(rates, one, other), target)

    def _rate(self, site: Site) -> Callable[[], float]:
        return lambda: load.rate(site, self.place, self._seconds)


def middleware(web: Web) -> None:
    """(c) A trivial endpoint under uvicorn, counting on."""
    for parser in PARSERS:
        what = f"trivial Starlette endpoint, with the middleware / without ({parser})"
        web.compare(web.starlette(parser), [(what, "guarded", "plain", "≥ 0.80")])


def frameworks(web: Web) -> None:
    """(c) Against others under the same servers."""
    interpreter = python(web.table)
    if interpreter is None:
        return
    own = web.uvicorn("fastapi_site:guarded", authorization=web.key, interpreter=interpreter, factory=True)
    number, secret = secrets.token_hex(8), secrets.token_hex(32)
    shield = web.uvicorn(
        "keyshield_site:app",
        authorization=f"Bearer ak_v1-{number}-{secret}",
        interpreter=interpreter,
        environ={"BENCH_KEY": f"{number}-{secret}"},
    )
    made = subprocess.run(
        [interpreter, SITES / "drf_site.py"], cwd=web.place, check=True, capture_output=True, text=True
    )
    drf = web.start(
        interpreter, "-m", "gunicorn", "--chdir", str(SITES), "--bind", "127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "2", "--keep-alive", "60", "--log-level", "warning",
        "drf_site:application", authorization=f"Api-Key {made.stdout.strip()}",
        environ={"BENCH_PLACE": str(web.place)},
    )  # fmt: skip
    web.compare(
        {"own": own, "keyshield": shield, "drf": drf},
        [
            ("FastAPI with the middleware / FastAPI with keyshield, cached, in memory", "own", "keyshield", "≥ 1.5"),
            ("FastAPI with the middleware / DRF with djangorestframework-api-key, gunicorn", "own", "drf", "≥ 5"),
        ],
    )


def refusals(web: Web, *, count: int, ids: int, repeated: int) -> None:
    """(f) What the time of a refusal tells over HTTP, through the middleware, on one connection."""
    site = web.uvicorn("starlette_site:guarded", authorization=web.key, factory=True)
    with socket.create_connection((load.HOST, site.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def timed(key: str) -> int:
            sent = load.request(f"ApiKey {key}")
            start = time.perf_counter_ns()
            connection.sendall(sent)
            answer = connection.recv(65536)
            took = time.perf_counter_ns() - start
            while not answer.endswith(b"}"):  # the body came in a packet of its own
                answer += connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 401"):
                raise AssertionError(f"not refused: {answer[:100]!r}")
            return took

        size = web.sample.size
        times.compare(web.table, f"over HTTP, {size}", web.sample, timed, count=count)
        times.compare_ids(web.table, f"over HTTP, {size}, by ID", web.sample, timed, ids=ids, times=repeated)

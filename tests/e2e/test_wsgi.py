"""The Flask example under a real gunicorn, whole, and under wsgiref: workers, threads, preloading, and its counts."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from shutil import which

import pytest

from tests.e2e import apis, checks
from tests.e2e.apis import Start, documented
from tests.e2e.conftest import PROGRAM

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("flask") is None, reason="Flask is not installed"),
]
GUNICORN = (PROGRAM.parent / "gunicorn", "examples.wsgi.app:app", "--bind", "127.0.0.1:{port}")
# Not ended by a KeyboardInterrupt: one that is raised inside of a request is answered with 500, and serving goes on.
WSGIREF = """
import signal, sys, threading
from wsgiref.simple_server import make_server
from examples.wsgi.app import app
server = make_server("127.0.0.1", int(sys.argv[1]), app)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
"""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return apis.starter(tmp_path)


@pytest.mark.skipif(not (which("make") and which("curl")), reason="make or curl is not installed")
def test_the_example(start: Start) -> None:
    """As its README says: what the operator does counts at once in each worker, and every answer is counted."""
    with start(*documented("wsgi")) as api:
        checks.the_readme(api, "wsgi")
        checks.the_life_of_a_token(api, workers=4)
        checks.every_answer_is_counted(api, requests=20, tokens=4)


@pytest.mark.parametrize("how", ["--workers 4 --preload", "--workers 2 --threads 4", "--threads 4 --preload"])
def test_preload_and_threads(start: Start, how: str) -> None:
    """Opened before the fork, and shared by threads: as exact."""
    with start(*GUNICORN, *how.split()) as api:
        checks.every_answer_is_counted(api, requests=10, tokens=2)


@pytest.mark.parametrize("how", ["--workers 4", "--workers 4 --preload", "--workers 2 --threads 4"])
def test_a_stop_under_load(start: Start, how: str) -> None:
    with start(*GUNICORN, *how.split()) as api:
        checks.a_stop_under_load(api)


def test_a_killed_worker(start: Start) -> None:
    with start(*GUNICORN, "--workers", "2", "--preload") as api:
        checks.a_killed_worker(api)


def test_wsgiref(start: Start) -> None:
    """The standard library's own server."""
    with start(sys.executable, "-c", WSGIREF, "{port}") as api:
        checks.every_answer_is_counted(api, requests=10, tokens=2)

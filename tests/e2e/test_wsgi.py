"""The Flask example under a real gunicorn, whole, and under wsgiref: workers, threads, preloading, and its counts."""

from __future__ import annotations

import importlib.util
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.e2e import apis
from tests.e2e.apis import Api, documented, serving
from tests.e2e.conftest import PROGRAM, Installed

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("flask") is None, reason="Flask is not installed"),
]
GUNICORN = (PROGRAM.parent / "gunicorn", "examples.wsgi.app:app", "--bind", "127.0.0.1:{port}")
WSGIREF = """
import sys
from wsgiref.simple_server import make_server
from examples.wsgi.app import app
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""
Start = Callable[..., AbstractContextManager[Api]]


@pytest.fixture
def start(empty: Installed, tmp_path: Path) -> Start:
    return lambda *command: serving(empty, tmp_path / "server.log", *command)


@pytest.fixture
def api(start: Start) -> Iterator[Api]:
    with start(*documented("example-wsgi")) as running:
        yield running


def test_every_answer_is_counted(api: Api) -> None:
    apis.check_every_answer_is_counted(api, each=25)


def test_the_life_of_a_token(api: Api) -> None:
    apis.check_the_life_of_a_token(api, workers=4)


@pytest.mark.parametrize(
    "how", [("--workers", "4", "--preload"), ("--workers", "2", "--threads", "4", "--preload")], ids=" ".join
)
def test_preload_and_threads(start: Start, how: tuple[str, ...]) -> None:
    """Opened before the fork, and shared by threads: as exact."""
    with start(*GUNICORN, *how) as api:
        apis.check_every_answer_is_counted(api, each=10, tokens=2)


@pytest.mark.parametrize("how", [("--workers", "4"), ("--workers", "2", "--threads", "4")], ids=" ".join)
def test_a_stop_under_load(start: Start, how: tuple[str, ...]) -> None:
    with start(*GUNICORN, *how) as api:
        apis.check_a_stop_under_load(api)


def test_wsgiref(start: Start) -> None:
    """The standard library's own server, ended from the keyboard."""
    with start(sys.executable, "-c", WSGIREF, "{port}") as api:
        apis.check_every_answer_is_counted(api, each=10, tokens=2, stop=signal.SIGINT)

"""The Starlette example under a real uvicorn, whole: four workers, HTTP and WebSocket, and its counts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.e2e import apis, checks
from tests.e2e.apis import Api, Start, documented
from tests.e2e.conftest import PROGRAM

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uvicorn") is None, reason="uvicorn is not installed"),
]
EXAMPLE = "examples.asgi.app:app"
UVICORN = (PROGRAM.parent / "uvicorn", EXAMPLE, "--port", "{port}")
GUNICORN: tuple[str | Path, ...] = (PROGRAM.parent / "gunicorn", EXAMPLE, "--bind", "127.0.0.1:{port}")


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return apis.starter(tmp_path)


@pytest.mark.skipif(not (which("make") and which("curl")), reason="make or curl is not installed")
def test_the_example(start: Start) -> None:
    """As its README says: what the operator does counts at once in each worker, and every answer is counted."""
    with start(*documented("asgi")) as api:
        checks.the_readme(api, "asgi")
        checks.the_life_of_a_token(api, workers=4)
        checks.every_answer_is_counted(api, requests=20, tokens=4)


def test_websockets(start: Start) -> None:
    """One that is accepted counts once, as success; one without a key, or with one that stopped, is refused."""
    client = pytest.importorskip("websockets.sync.client")

    def connect(api: Api, key: str | None) -> Any:
        headers = {"Authorization": f"ApiKey {key}"} if key else {}
        return client.connect(f"ws://127.0.0.1:{api.port}/agreements/echo", additional_headers=headers)

    with start(*UVICORN) as api:
        made = api.make()
        for _ in range(3):
            with connect(api, made["key"]) as socket:
                for text in ("one", "two"):
                    socket.send(text)
                    assert socket.recv() == text
        api.program.run("disable", made["id"])
        for key in (None, made["key"], made["key"][:-1]):
            with pytest.raises(Exception, match="HTTP 401"), connect(api, key):
                pass
        api.server.stop()
        assert api.totals(made["id"]) == {"2xx": 3, "3xx": 0, "4xx": 0, "5xx": 0}


@pytest.mark.parametrize("workers", ["1", "2", "4"])
def test_a_stop_under_load(start: Start, workers: str) -> None:
    with start(*UVICORN, "--workers", workers) as api:
        checks.a_stop_under_load(api)


def test_a_killed_worker(start: Start) -> None:
    with start(*UVICORN, "--workers", "2") as api:
        checks.a_killed_worker(api)


def test_the_asgi_workers_of_gunicorn(start: Start) -> None:
    """Another server, which forks, too."""
    pytest.importorskip("gunicorn.workers.gasgi")
    with start(*GUNICORN, "--worker-class", "asgi", "--workers", "2", "--preload") as api:
        checks.every_answer_is_counted(api, requests=10, tokens=2)

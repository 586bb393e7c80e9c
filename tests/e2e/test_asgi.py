"""The Starlette example under a real uvicorn, whole: four workers, HTTP and WebSocket, and its counts."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import apis
from tests.e2e.apis import Api, documented, serving
from tests.e2e.conftest import Installed

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uvicorn") is None, reason="uvicorn is not installed"),
]


@pytest.fixture
def api(empty: Installed, tmp_path: Path) -> Iterator[Api]:
    with serving(empty, tmp_path / "uvicorn.log", *documented("example-asgi")) as running:
        yield running


def test_every_answer_is_counted(api: Api) -> None:
    apis.check_every_answer_is_counted(api, each=25)


def test_the_life_of_a_token(api: Api) -> None:
    apis.check_the_life_of_a_token(api, workers=4)


@pytest.mark.parametrize("turn", range(2))
def test_a_stop_under_load(api: Api, turn: int) -> None:
    apis.check_a_stop_under_load(api)

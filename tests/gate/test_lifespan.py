"""What the middleware does between a server's start and its end: the last counts come before the server's last word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

from tests.usage.test_recorder import TOKEN, totals
from tokentui.context import Context
from tokentui.gate import lifespan
from tokentui.usage.recorder import Recorder

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def whole(scope: Message, receive: Receive, send: Send) -> None:
    """As Starlette's."""
    for moment in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{moment}"
        await send({"type": f"lifespan.{moment}.complete"})


async def raises(scope: Message, receive: Receive, send: Send) -> None:
    """As Django's."""
    raise ValueError("only HTTP")


async def hears_and_raises(scope: Message, receive: Receive, send: Send) -> None:
    await receive()
    raise ValueError("only HTTP")


async def returns(scope: Message, receive: Receive, send: Send) -> None:
    """Knows of nothing."""


async def returns_early(scope: Message, receive: Receive, send: Send) -> None:
    """Does not wait for the end."""
    await receive()
    await send({"type": "lifespan.startup.complete"})


@pytest.mark.parametrize("app", [whole, raises, hears_and_raises, returns, returns_early])
async def test_counts_come_before_the_servers_last_word(context: Context, app: lifespan.App) -> None:
    """Once it hears that word, uvicorn ends the process by a signal. Until then counts wait for the next flush."""
    recorder = Recorder(context, interval=3600)
    received: list[str] = []
    mail: asyncio.Queue[Message] = asyncio.Queue()

    async def send(message: Message) -> None:
        received.append(message["type"])
        if message["type"] == "lifespan.startup.complete":
            recorder.count(TOKEN, 200)
            assert totals(context) == {}  # in the background, which the interval holds back
            mail.put_nowait({"type": "lifespan.shutdown"})
        else:
            assert totals(context) == {7: (1, 0, 0, 0)}

    mail.put_nowait({"type": "lifespan.startup"})
    await lifespan.run(app, recorder, {"type": "lifespan"}, mail.get, send)
    assert received == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_start_that_fails(context: Context) -> None:
    """Is the application's to tell."""

    async def fails(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        raise RuntimeError("no database")

    received: list[str] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        received.append(message["type"])

    with pytest.raises(RuntimeError, match="no database"):
        await lifespan.run(fails, Recorder(context), {"type": "lifespan"}, receive, send)
    assert received == ["lifespan.startup.failed"]

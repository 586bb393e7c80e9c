"""Runs an ASGI application's lifespan, so that the last counts are written before the server ends.

uvicorn ends its process as soon as it hears that the shutdown is complete, by the signal that it got: nothing that
would run at exit does. An application that has no lifespan, as Django's, would leave the server with nobody to tell;
for it the middleware answers.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tokentui.usage.recorder import Recorder

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_LOG = logging.getLogger(__name__)


async def run(app: App, recorder: Recorder, scope: Scope, receive: Receive, send: Send) -> None:
    """Runs the lifespan of `app` (ASGI 3.0, "Lifespan Protocol"), and has the recorder flush before the shutdown ends.

    Where the application has no lifespan, the server is answered in its place.
    """
    received: list[str] = []
    sent: list[str] = []

    async def receive_recorded() -> Message:
        message = await receive()
        received.append(message["type"])
        return message

    async def send_recorded(message: Message) -> None:
        sent.append(message["type"])
        if message["type"].startswith("lifespan.shutdown"):
            recorder.close()
        await send(message)

    recorder.reopen()
    try:
        try:
            await app(scope, receive_recorded, send_recorded)
        except Exception as error:
            if sent:
                raise
            _LOG.info("the application has no lifespan: %r", error)
        for event in ("lifespan.startup", "lifespan.shutdown"):
            if any(kind.endswith(".failed") for kind in sent):
                return
            if event not in received:
                await receive_recorded()
            if f"{event}.complete" not in sent:
                await send_recorded({"type": f"{event}.complete"})
    finally:
        recorder.close()

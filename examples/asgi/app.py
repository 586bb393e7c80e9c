"""A Starlette API that lets in who has a key, and counts what it answers: no proxy, no other process."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tokentui.gate.asgi import TokenMiddleware


async def agreements(request: Request) -> Response:
    return JSONResponse([{"id": "AGP-884-348-731"}])


async def whoami(request: Request) -> Response:
    """The token that was let in, and which of the workers answers."""
    token = request.scope["tokentui.token"]
    return JSONResponse({"id": token.id, "name": token.name, "modules": token.modules, "process": os.getpid()})


async def export(request: Request) -> Response:
    """Streamed, as it comes."""
    return StreamingResponse((f"line {number}\n" for number in range(20)), media_type="text/plain")


async def moved(request: Request) -> Response:
    return RedirectResponse("/agreements/", 301)


async def fails(request: Request) -> Response:
    raise RuntimeError("this is what an error looks like")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


async def health(request: Request) -> Response:
    return PlainTextResponse("ok")


routes = [
    Route("/agreements/", agreements, methods=["GET", "POST"]),
    Route("/agreements/whoami", whoami),
    Route("/agreements/export", export),
    Route("/agreements/moved", moved),
    Route("/agreements/fails", fails),
    WebSocketRoute("/agreements/echo", echo),
    Route("/healthz", health),
]
# Outermost, so that it sees the status that is sent, and hears when the server ends. The database is the settings'.
app = TokenMiddleware(Starlette(routes=routes), exempt=["/healthz"])

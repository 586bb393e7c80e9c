"""A trivial Starlette endpoint: `plain`, and the same app `guarded`."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tokentui.gate.asgi import TokenMiddleware


async def agreements(request: Request) -> PlainTextResponse:
    """All there is."""
    return PlainTextResponse("ok")


plain = Starlette(routes=[Route("/agreements/", agreements)])


def guarded() -> TokenMiddleware:
    """By the settings' database; a factory, so that `plain` opens none."""
    return TokenMiddleware(plain)

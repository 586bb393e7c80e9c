"""A trivial FastAPI endpoint behind the middleware."""

from __future__ import annotations

from fastapi import FastAPI

from tokentui.gate.asgi import TokenMiddleware

app = FastAPI()


@app.get("/agreements/")
async def agreements() -> dict[str, bool]:
    """All there is."""
    return {"ok": True}


def guarded() -> TokenMiddleware:
    """By the settings' database."""
    return TokenMiddleware(app)

"""Answers 204 to everything, by the same server and with the same options as `tokentui serve`."""

from __future__ import annotations

import sys

import uvicorn

HEAD = {"type": "http.response.start", "status": 204, "headers": []}
BODY = {"type": "http.response.body", "body": b""}


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    """One answer."""
    if scope["type"] == "http":
        await send(HEAD)
        await send(BODY)


uvicorn.run(
    app,
    port=int(sys.argv[1]),
    log_level="warning",
    access_log=False,
    proxy_headers=False,
    server_header=False,
    timeout_keep_alive=75,
    lifespan="off",
    ws="none",
)

"""Answers 204 to everything, by the same server and with the same options as `tokentui serve`.

python constant.py PORT [direct]    # direct: as serve answers /auth, without ASGI
"""

from __future__ import annotations

import sys

import uvicorn

from tokentui.gate.server.app import Answer, Server
from tokentui.gate.server.auth_protocol import protocol
from tokentui.gate.server.limits import Connections

HEAD = {"type": "http.response.start", "status": 204, "headers": []}
BODY = {"type": "http.response.body", "body": b""}
ANSWER = Answer(204, [])


class Constant(Server):
    """It asks nobody."""

    def __init__(self) -> None:
        """Nothing is opened."""

    def answer(self, headers, peer):  # type: ignore[no-untyped-def]
        """Always the same."""
        return ANSWER

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        """One answer, uvicorn's way."""
        if scope["type"] == "http":
            await send(HEAD)
            await send(BODY)


uvicorn.run(
    Constant(),
    http=protocol(Connections(1000), remote=False) if "direct" in sys.argv else "httptools",
    port=int(sys.argv[1]),
    log_level="warning",
    access_log=False,
    proxy_headers=False,
    server_header=False,
    timeout_keep_alive=75,
    lifespan="off",
    ws="none",
)

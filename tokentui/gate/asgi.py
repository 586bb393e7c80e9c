"""ASGI middleware: lets in who has a key, puts the token into the scope, counts what was really sent.

app = TokenMiddleware(app, database="tokens.db")        # scope["tokentui.token"] is a TokenInfo

Outermost, it hears when the server ends (its lifespan), and writes what it counted in the last second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from urllib.parse import quote, unquote_to_bytes

from tokentui.errors import DatabaseError
from tokentui.gate import lifespan
from tokentui.gate.decision import Decision, TokenInfo
from tokentui.gate.gate import Gate
from tokentui.gate.lifespan import App, Message, Receive, Scope, Send
from tokentui.gate.recorder import Recorder
from tokentui.gate.responses import UNAVAILABLE, Refusal, refusal

__all__ = ["KEY", "App", "Message", "Receive", "Scope", "Send", "TokenMiddleware", "target"]
KEY = "tokentui.token"


class TokenMiddleware:
    """Wraps an ASGI application. With an SQLite file a decision takes microseconds: it is made in the event loop."""

    def __init__(
        self,
        app: App,
        gate: Gate | None = None,
        *,
        database: str | None = None,
        master_key_file: str | None = None,
        exempt: Iterable[str] = ("/healthz",),
        recorder: Recorder | None = None,
    ) -> None:
        """`gate`, or what to open one with (by default the settings'). `exempt`: whole paths that need no token."""
        self.app = app
        self.gate = gate or Gate(database, master_key_file)
        self.recorder = recorder or Recorder(self.gate.context)
        self._exempt = frozenset(exempt)
        # A database server is asked over the network: never in the event loop.
        self._remote = self.gate.context.database.path is None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        kind = scope["type"]
        if kind == "lifespan":
            await lifespan.run(self.app, self.recorder, scope, receive, send)
            return
        if kind not in ("http", "websocket") or scope["path"] in self._exempt:
            await self.app(scope, receive, send)
            return
        peer = scope.get("client")
        client = peer[0] if peer else None
        try:
            if self._remote:
                decision = await asyncio.to_thread(self._decide, scope, client)
            else:
                decision = self._decide(scope, client)
        except DatabaseError:
            await _refuse(kind, scope, receive, send, UNAVAILABLE)
            return
        token = decision.token
        if token is None or not decision.allowed:
            if token is not None and decision.status == 403:
                self.recorder.count(token, 403, client, used=False)
            await _refuse(kind, scope, receive, send, refusal(decision))
            return
        scope[KEY] = token
        await self._counted(scope, receive, send, token, client)

    def _decide(self, scope: Scope, client: str | None) -> Decision:
        method = scope.get("method", "GET")
        return self.gate.verify(_authorization(scope), method=method, path=target(scope), client=client)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, token: TokenInfo, client: str | None) -> None:
        count = self.recorder.count
        counted = False

        # Not a coroutine of its own: it hands on the server's, which saves one for each message.
        def watch(message: Message) -> Awaitable[None]:
            nonlocal counted
            if not counted:
                status = _status(message)
                if status:
                    counted = True
                    count(token, status, client)
            return send(message)

        try:
            await self.app(scope, receive, watch)
        except BaseException:  # the server answers 500, uvicorn also where it cancels what takes too long at its end
            if not counted:
                count(token, 500, client)
            raise
        if not counted:
            count(token, 500, client)


def target(scope: Scope) -> str:
    """The path as it was sent, where that is what the application routes by; else the path it does route by."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None:
        raw = raw.split(b"?", 1)[0]
        if unquote_to_bytes(raw) == path.encode("utf-8", "surrogatepass"):
            return raw.decode("latin-1")
    return quote(path, safe="/;:@!$&'()*+,=~", errors="surrogatepass")


def _authorization(scope: Scope) -> str | None:
    """The header; None where there is none, or more than one to choose from."""
    found: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if found is not None:
                return None
            found = value
    return None if found is None else found.decode("latin-1")


def _status(message: Message) -> int:
    """The status that a message sends; 0 for one that sends none."""
    kind = message["type"]
    if kind in ("http.response.start", "websocket.http.response.start"):
        return int(message["status"])
    if kind == "websocket.accept":
        return 101
    return 403 if kind == "websocket.close" else 0  # before it was accepted: the server answers 403


async def _refuse(kind: str, scope: Scope, receive: Receive, send: Send, answer: Refusal) -> None:
    prefix = "http.response"
    if kind == "websocket":
        await receive()  # websocket.connect
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        prefix = "websocket.http.response"
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in answer.headers]
    await send({"type": f"{prefix}.start", "status": answer.status, "headers": headers})
    body = b"" if scope.get("method") == "HEAD" else answer.body
    await send({"type": f"{prefix}.body", "body": body})

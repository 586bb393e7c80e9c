"""ASGI middleware: lets in who has a key, puts the token into the scope, counts what was really sent.

app = TokenMiddleware(app, database="tokens.db")        # scope["tokentui.token"] is a TokenInfo

Outermost, it hears when the server ends (its lifespan), and writes what it counted in the last second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from tokentui import addresses
from tokentui.errors import TokentuiError
from tokentui.gate import lifespan
from tokentui.gate.decision import Reason
from tokentui.gate.gate import Gate
from tokentui.gate.lifespan import App, Message, Receive, Scope, Send
from tokentui.gate.refusals import TOO_LONG, Refusal, refusal, unavailable
from tokentui.gate.request.path import LONGEST_TARGET, of_bytes
from tokentui.usage.recorder import Recorder

__all__ = ["KEY", "App", "Message", "Receive", "Scope", "Send", "TokenMiddleware", "route_path", "target"]
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
        verify_key_file: str | None = None,
        exempt: Iterable[str] = ("/healthz",),
        recorder: Recorder | None = None,
    ) -> None:
        """`gate`, or what to open one with (by default the settings'). `exempt`: whole paths that need
        no token, as the application routes by them: without `root_path`.
        """
        self.app = app
        self.gate = gate or Gate(database, master_key_file, verify_key_file=verify_key_file)
        self.recorder = recorder or Recorder(self.gate.context, better_digests=self.gate.better_digests)
        self._exempt = frozenset(exempt)
        self._address = lru_cache(maxsize=4_096)(addresses.plain)
        # A database server is asked over the network: never in the event loop.
        self._remote = self.gate.context.database.path is None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decides about a connection, and hands it on or refuses it.

        All in one coroutine: each that is awaited in between costs every request.
        """
        kind = scope["type"]
        if kind != "http" and kind != "websocket":
            await self._other_scope(scope, receive, send)
            return
        if route_path(scope) in self._exempt:
            await self.app(scope, receive, send)
            return
        peer = scope.get("client")
        client = self._address(peer[0]) if peer else None
        path = target(scope)
        if len(path) > LONGEST_TARGET:
            await _refuse(kind, scope, receive, send, TOO_LONG)
            return
        try:
            if self._remote:
                decision = await asyncio.to_thread(self.gate.decide, _authorization(scope), path, client)
            else:
                decision = self.gate.decide(_authorization(scope), path, client)
        except TokentuiError as error:
            await _refuse(kind, scope, receive, send, unavailable(error))
            return
        token = decision.token
        count = self.recorder.count
        if token is None or decision.reason is not Reason.VALID:
            if token is not None and decision.status == 403:
                count(token, 403, client, used=False)
            await _refuse(kind, scope, receive, send, refusal(decision))
            return
        scope[KEY] = token
        counted = False

        # Not a coroutine of its own: it hands on the server's, which saves one for each message.
        def watch(message: Message) -> Awaitable[None]:
            nonlocal counted
            if not counted:
                status = message["status"] if message["type"] == "http.response.start" else _status(message)
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

    async def _other_scope(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan.run(self.app, self.recorder, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def route_path(scope: Scope) -> str:
    """The path that an application routes by: without `root_path`, under which it is mounted.

    As in the ASGI specification and in Starlette, `path` begins with it; some servers leave it out.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :]
    return path


def target(scope: Scope) -> str:
    """The path as it was sent, where that is what the application routes by; else the path it does route by."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None:
        if raw.isascii() and raw.decode("ascii") == path and "?" not in path:  # as it mostly is
            return path
        raw = raw.split(b"?", 1)[0]
        if unquote_to_bytes(raw) == path.encode("utf-8", "surrogatepass"):
            return of_bytes(raw)
    return quote(path, safe="/;:@!$&'()*+,=~", errors="surrogatepass")


def _authorization(scope: Scope) -> bytes:
    """The header; empty where there is none, or more than one to choose from."""
    key: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if key is not None:
                return b""
            key = value
    return key or b""


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
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        prefix = "websocket.http.response"
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in answer.headers]
    await send({"type": f"{prefix}.start", "status": answer.status, "headers": headers})
    body = b"" if scope.get("method") == "HEAD" else answer.body
    await send({"type": f"{prefix}.body", "body": body})

"""uvicorn's HTTP protocol, bounded, and with a short way for `/auth`. Nothing else touches private parts of uvicorn.

Every request to an API waits for `/auth`: a task, an ASGI scope and messages cost several times what the decision
does. So it is answered as soon as its headers are there. All other requests, and one for `/auth` that is unusual, go
uvicorn's own way to the same answers; in a uvicorn whose protocol is not known, all do.
"""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tokentui.gate.server.app import PATH, Answer, Server
from tokentui.gate.server.limits import MAX_HEAD_BYTES, MAX_HEADERS, Connections

try:
    from uvicorn.protocols.http.httptools_impl import STATUS_LINE
except ImportError:  # pragma: no cover - an unknown uvicorn
    STATUS_LINE = {}

_LOG = logging.getLogger(__name__)
_URL = PATH.encode("ascii")
_SWEEP_INTERVAL_S = 1.0
_ANSWERED: Any = SimpleNamespace(
    response_complete=True, disconnected=False, keep_alive=True, message_event=SimpleNamespace(set=lambda: None)
)
"""What uvicorn sees as the cycle of a request that has been answered: it then drops a body that comes."""

_PRIVATE = {
    "__init__": ("parser", "flow", "client", "headers", "cycle", "expect_100_continue", "server_state", "transport"),
    "on_message_begin": ("url", "headers"),
    "on_headers_complete": ("response_complete",),
    "on_response_complete": (),
}
"""What the short way relies on: methods of the protocol, and the attributes that each of them names."""


def is_known() -> bool:
    """Whether this uvicorn's protocol has all that the short way relies on."""
    for method, attributes in _PRIVATE.items():
        code = getattr(getattr(HttpToolsProtocol, method, None), "__code__", None)
        if code is None or not set(attributes) <= set(code.co_names):
            return False
    return STATUS_LINE.get(200, b"").startswith(b"HTTP/1.1 200")


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed where it is silent for too long, one too many, or sends too large a head.

    It builds on asyncio's methods of a protocol and on httptools' callbacks alone. `connections` is set by a subclass
    for each server.
    """

    connections_held: Connections
    used_at = 0.0
    _head_bytes = 0
    _in_body = False
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._connection = transport
        super().connection_made(transport)
        self.connections_held.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connections_held.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if not self._in_body:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self._refused:
            self._refuse()

    def on_message_begin(self) -> None:
        self.connections_held.wait(self)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        large = self._head_bytes > MAX_HEAD_BYTES  # with what came behind it, so it is looked at
        self._head_bytes, self._in_body = 0, True
        self.connections_held.served(self)
        if len(self.headers) > MAX_HEADERS or (large and _size(self.headers) > MAX_HEAD_BYTES):
            self._refuse()
            return
        self.head_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        if not self._refused:
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def head_complete(self) -> None:
        """The head of a request is there, and not too large."""
        super().on_headers_complete()

    def abort(self) -> None:
        """Closes it at once."""
        self._connection.abort()

    def _refuse(self) -> None:
        self._refused = True
        answer = Server.too_large()
        head = b"HTTP/1.1 403 Forbidden\r\n" + answer.block + b"connection: close\r\n\r\n"
        self._connection.write(head + answer.body)
        self._connection.close()


class AuthProtocol(BoundedProtocol):
    """A connection whose application is a `Server` that decides without waiting for anybody."""

    def head_complete(self) -> None:
        server = self.config.app
        if not isinstance(server, Server) or not self._is_usual():
            super().head_complete()
            return
        answer: Answer = server.answer(self.headers, self.client)
        keeps = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        parts = [STATUS_LINE[answer.status]]
        parts += [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        parts += [answer.block, b"\r\n" if keeps else b"connection: close\r\n\r\n"]
        if self.parser.get_method() != b"HEAD":
            parts.append(answer.body)
        self.cycle = _ANSWERED
        self.transport.write(b"".join(parts))
        if not keeps:
            self.transport.close()
        self.on_response_complete()

    def _is_usual(self) -> bool:
        """A request for `/auth` that nothing comes before, no body is held back for, and no buffer is too full for."""
        return (
            self.url == _URL
            and (self.cycle is None or self.cycle.response_complete)
            and not self.expect_100_continue
            and not self.flow.write_paused
            and not self.parser.should_upgrade()
        )


def protocol(connections: Connections, *, remote: bool) -> type[BoundedProtocol]:
    """The class of a server's connections. `remote`: a decision waits for a database server, so none is made inline."""
    base = AuthProtocol if not remote and is_known() else BoundedProtocol
    if not remote and base is BoundedProtocol:
        _LOG.warning("uvicorn %s is not known: /auth is answered its own way, which is slower", uvicorn.__version__)
    return type("ServerProtocol", (base,), {"connections_held": connections})


class HttpServer(uvicorn.Server):
    """Closes overdue connections while it runs."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(2048)  # uvicorn's backlog is also how many asyncio accepts at once
        asyncio.get_running_loop().call_later(_SWEEP_INTERVAL_S, self._sweep)

    def _sweep(self) -> None:
        self._connections.close_overdue()
        if not self.should_exit:
            asyncio.get_running_loop().call_later(_SWEEP_INTERVAL_S, self._sweep)


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)

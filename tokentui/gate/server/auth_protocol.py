"""Answers `/auth` as soon as its headers are there: no task, no ASGI scope, no messages.

Every request to an API waits for it, and these cost several times what the decision does. All other requests, and one
for `/auth` that is unusual, go uvicorn's own way to the same answers. uvicorn lets a protocol be named, but what this
one builds on may change: `pyproject.toml` says up to which version it is known.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from tokentui.gate.server.app import PATH, Server

_URL = PATH.encode("ascii")
_ANSWERED: Any = SimpleNamespace(
    response_complete=True, disconnected=False, keep_alive=True, message_event=SimpleNamespace(set=lambda: None)
)
"""What uvicorn sees as the cycle of a request that has been answered: it then drops a body that comes."""


class AuthProtocol(HttpToolsProtocol):
    """A connection of uvicorn's whose application is a `Server`."""

    def on_headers_complete(self) -> None:
        """Called by the parser once a request's headers are there."""
        server = self.config.app
        if not isinstance(server, Server) or not self._is_usual():
            super().on_headers_complete()
            return
        answer = server.answer(self.headers, self.client)
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

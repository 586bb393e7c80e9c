"""`tokentui serve`: the gate over HTTP, for nginx `auth_request`, Traefik ForwardAuth and Caddy `forward_auth`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from anyio import to_thread
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokentui.errors import TokentuiError
from tokentui.gate import forwarded
from tokentui.gate.asgi import Message, Receive, Scope, Send
from tokentui.gate.decision import TokenInfo
from tokentui.gate.gate import Gate
from tokentui.gate.live_log import LiveLog
from tokentui.gate.metrics import CONTENT_TYPE, Meter
from tokentui.gate.recorder import Recorder
from tokentui.gate.responses import CONTRADICTION, NO_TARGET, UNAVAILABLE, Refusal, refusal
from tokentui.tokens import reads

RawHeaders = list[tuple[bytes, bytes]]

_PATH = "/auth"
_IDENTITIES = 10_000
# An external ID mostly is ASCII, and stands as it is: all but the percent sign, so that what is encoded can be told.
_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_EMPTY: Message = {"type": "http.response.body", "body": b""}


class Server:
    """The ASGI application: `/auth` by hand, as every request to an API waits for it; the rest by Starlette.

    It counts no responses, since it sees none: the access log does. It notes when a key was last used.
    """

    def __init__(self, gate: Gate, log: LiveLog | None = None, recorder: Recorder | None = None) -> None:
        """`recorder` None: the database is only read."""
        self._gate = gate
        self._log = log
        self._recorder = recorder
        self._settings = gate.context.settings
        self._clients = forwarded.Clients(self._settings.trusted_proxies)
        self._identities: dict[int, tuple[TokenInfo, RawHeaders]] = {}
        self._meter = Meter(self._state)
        # A database server is asked over the network: never in the event loop.
        self._remote = gate.context.database.path is None
        routes = [Route("/healthz", self._health), Route("/metrics", self._metrics)]
        self._rest = Starlette(routes=routes, lifespan=self._life)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and end."""
        if scope["type"] != "http" or scope["path"] != _PATH:
            await self._rest(scope, receive, send)
            return
        start = time.perf_counter()
        # In a thread, too, where it may take long: an event loop that waits lets nobody in.
        status, headers, body = await to_thread.run_sync(self._answer, scope) if self._remote else self._answer(scope)
        self._meter.seconds += time.perf_counter() - start
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send(_EMPTY if not body or scope["method"] == "HEAD" else {**_EMPTY, "body": body})

    def _answer(self, scope: Scope) -> tuple[int, RawHeaders, bytes]:
        peer = scope.get("client")
        try:
            found = forwarded.wanted(scope["headers"])
            method, target = forwarded.original(found, self._settings.proxy)
            client = self._clients.of(found, peer[0] if peer else None)
            decision = self._gate.verify(found.get(b"authorization"), method=method, path=target, client=client)
        except forwarded.Contradiction:
            return self._refused("contradiction", CONTRADICTION)
        except TokentuiError:
            return self._refused("unavailable", UNAVAILABLE)
        token = decision.token
        if token is None or not decision.allowed:
            # Whoever is refused for a permission has shown the key: the access log may count it to the token.
            known = self._identity(token)[:1] if token is not None and decision.status == 403 else []
            return self._refused(decision.reason.value, refusal(decision), known)
        if target is None:
            return self._refused("no-target", NO_TARGET)
        self._meter.decisions["valid"] += 1
        if self._recorder is not None:
            self._recorder.note(token, client)
        return 200, self._identity(token), b""

    def _refused(self, reason: str, answer: Refusal, more: RawHeaders | None = None) -> tuple[int, RawHeaders, bytes]:
        self._meter.decisions[reason] += 1
        headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in answer.headers]
        return answer.status, headers + (more or []), answer.body

    def _identity(self, token: TokenInfo) -> RawHeaders:
        """All five headers, also the empty ones: a proxy that copies only what there is would let a client's pass."""
        kept = self._identities.get(token.secret)
        if kept is None or kept[0] is not token:
            if len(self._identities) >= _IDENTITIES:
                self._identities.clear()
            kept = self._identities[token.secret] = (token, identity(token))
        return kept[1]

    async def _health(self, request: Request) -> Response:
        try:
            await to_thread.run_sync(self._gate.check)
        except TokentuiError as error:
            return JSONResponse({"status": "unavailable", "reason": str(error)}, 503)
        return JSONResponse({"status": "ok"})

    async def _metrics(self, request: Request) -> Response:
        return Response(await to_thread.run_sync(self._meter.text), media_type=CONTENT_TYPE)

    def _state(self) -> Iterator[Metric]:
        """What the database, the recorder and the access log know; a family that can't be read is left out."""
        try:
            counts = reads.count_by_status(self._gate.context)
        except TokentuiError:
            counts = {}
        tokens = GaugeMetricFamily("tokentui_tokens", "Tokens by status.", labels=["status"])
        for status, number in counts.items():
            tokens.add_metric([status.value], number)
        yield tokens
        if self._recorder is not None:
            yield CounterMetricFamily(
                "tokentui_flush_failures",
                "Writes of last uses that failed and are tried again.",
                self._recorder.failures,
            )
        if self._log is not None:
            outcome = self._log.outcome
            lines = CounterMetricFamily("tokentui_access_log_lines", "Lines of the access log.", labels=["result"])
            for result in ("counted", "known", "without_token", "unknown_token", "closed", "unreadable"):
                lines.add_metric([result], getattr(outcome, result))
            lines.add_metric(["dropped"], self._log.dropped)
            yield lines

    @asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        if self._log is not None:
            self._log.start()
        try:
            yield
        finally:
            for each in (self._log, self._recorder):
                if each is not None:
                    await to_thread.run_sync(each.close)
            self._gate.close()


def identity(token: TokenInfo) -> RawHeaders:
    """The headers of an answer that lets a token in; the ID comes first."""
    values = {
        "x-token-id": token.id,
        "x-token-name": quote(token.name, safe=""),
        "x-token-external-id": quote(token.external_id or "", safe=_PRINTABLE),
        "x-token-extension": token.extension,
        "x-token-modules": ",".join(token.modules),
        "cache-control": "no-store",
        "content-length": "0",
    }
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in values.items()]

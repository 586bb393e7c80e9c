"""`tokentui serve`: the gate over HTTP, for nginx `auth_request`, Traefik ForwardAuth and Caddy `forward_auth`."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokentui.errors import TokentuiError
from tokentui.gate.asgi import Message, Receive, Scope, Send
from tokentui.gate.gate import Gate
from tokentui.gate.refusals import (
    CONTRADICTION,
    FORBIDDEN_TOO_LONG,
    NO_TARGET,
    TOO_LARGE,
    UNAVAILABLE,
    Refusal,
    refusal,
    unavailable,
)
from tokentui.gate.request import forwarded
from tokentui.gate.request.address import Clients
from tokentui.gate.request.path import LONGEST_TARGET
from tokentui.gate.server import leak_alerts
from tokentui.gate.server.metrics import CONTENT_TYPE, Meter
from tokentui.records import TokenInfo
from tokentui.tokens import reads
from tokentui.usage.access_log.syslog_listener import LiveLog
from tokentui.usage.recorder import Recorder

RawHeaders = list[tuple[bytes, bytes]]

_LOG = logging.getLogger(__name__)
PATH = "/auth"
_IDENTITIES = 10_000
# An external ID mostly is ASCII, and stands as it is: all but the percent sign, so that what is encoded can be told.
_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_EMPTY: Message = {"type": "http.response.body", "body": b""}


class Answer:
    """What `/auth` answers; `block` is its headers as they are sent."""

    __slots__ = ("block", "body", "headers", "status")

    def __init__(self, status: int, headers: RawHeaders, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers, body
        self.block = b"".join(b"%s: %s\r\n" % header for header in headers)


class Server:
    """The ASGI application: `/auth` by hand, as every request to an API waits for it; the rest by Starlette.

    It counts no responses, since it sees none: the access log does. It records when a key was last used.
    """

    def __init__(self, gate: Gate, log: LiveLog | None = None, recorder: Recorder | None = None) -> None:
        """`recorder` None: the database is only read."""
        self._gate = gate
        self._log = log
        self._recorder = recorder
        self._settings = gate.context.settings
        self._clients = Clients(self._settings.trusted_proxies)
        self._identities: dict[int, tuple[TokenInfo, Answer]] = {}
        self._refusals: dict[Refusal, Answer] = {}
        self._meter = Meter(self._state)
        # A database server is asked over the network: never in the event loop.
        self.remote = gate.context.database.path is None
        routes = [Route("/healthz", self._health), Route("/metrics", self._metrics)]
        if self._settings.leaks_keys:
            routes.append(Route("/leaks", self._leaks, methods=["POST"]))
        self._other_routes = Starlette(routes=routes, lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or takes part in the server's start and end (ASGI 3.0)."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._other_routes(scope, receive, send)
            return
        # In a thread where it may take long: an event loop that waits lets nobody in.
        arguments = (scope["headers"], scope.get("client"))
        answer = await to_thread.run_sync(self.answer, *arguments) if self.remote else self.answer(*arguments)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send(_EMPTY if not answer.body or scope["method"] == "HEAD" else {**_EMPTY, "body": answer.body})

    def answer(self, headers: forwarded.Headers, peer: tuple[str, int] | None) -> Answer:
        """What a request for `/auth` with these headers is answered; never raises."""
        start = time.perf_counter()
        try:
            reason, answer = self._decide(headers, peer[0] if peer else None)
        except TokentuiError as error:
            reason, answer = "unavailable", self._refusal_answer(unavailable(error))
        except Exception:  # whoever asks waits for an answer, and must not be let in for a fault of ours
            _LOG.exception("a request could not be decided")
            reason, answer = "unavailable", self._refusal_answer(UNAVAILABLE)
        self._meter.add(reason, time.perf_counter() - start)
        return answer

    def _decide(self, headers: forwarded.Headers, peer: str | None) -> tuple[str, Answer]:
        try:
            values = forwarded.wanted(headers)
            target = forwarded.target(values, self._settings.proxy)
        except forwarded.Contradiction:
            return "contradiction", self._refusal_answer(CONTRADICTION)
        if target is not None and len(target) > LONGEST_TARGET:
            return "too-long", self._refusal_answer(FORBIDDEN_TOO_LONG)
        client = self._clients.of(values, peer)
        decision = self._gate.decide(values.get(b"authorization", b""), target, client)
        token = decision.token
        if token is None or not decision.allowed:
            # Whoever is refused for a permission has shown the key: the access log may count it to the token.
            refused_token = token if decision.status == 403 else None
            return decision.reason.value, self._refusal_answer(refusal(decision), refused_token)
        if target is None:
            return "no-target", self._refusal_answer(NO_TARGET)
        answer = self._identity_answer(token)
        if self._recorder is not None:
            self._recorder.record_use(token, client)
        return "valid", answer

    @staticmethod
    def too_large() -> Answer:
        """What a request whose headers are too many or too large is answered."""
        return Answer(TOO_LARGE.status, _encoded(TOO_LARGE.headers), TOO_LARGE.body)

    def _refusal_answer(self, why: Refusal, token: TokenInfo | None = None) -> Answer:
        if token is None and why in self._refusals:
            return self._refusals[why]
        headers = _encoded(why.headers)
        if why.status == 403:  # nginx drops the body: what it may put in its place, as the inside of a JSON string
            headers.append((b"x-token-error", json.dumps(why.error)[1:-1].encode("ascii")))
        if token is not None:
            return Answer(why.status, [*headers, (b"x-token-id", token.id.encode("ascii"))], why.body)
        self._refusals[why] = answer = Answer(why.status, headers, why.body)
        return answer

    def _identity_answer(self, token: TokenInfo) -> Answer:
        """All five headers, also the empty ones: a proxy that copies only what there is would let a client's pass."""
        cached = self._identities.get(token.secret)
        if cached is None or cached[0] is not token:
            if len(self._identities) >= _IDENTITIES:
                self._identities.clear()
            cached = self._identities[token.secret] = (token, Answer(200, identity(token)))
        return cached[1]

    async def _health(self, request: Request) -> Response:
        try:
            await to_thread.run_sync(self._gate.check)
        except TokentuiError as error:
            return JSONResponse({"status": "unavailable", "reason": str(error)}, 503)
        return JSONResponse({"status": "ok"})

    async def _metrics(self, request: Request) -> Response:
        return Response(await to_thread.run_sync(self._meter.text), media_type=CONTENT_TYPE)

    async def _leaks(self, request: Request) -> Response:
        """Alerts of a secret-scanning programme. A refusal says why: only who may sign is told what a key opens."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > leak_alerts.MAX_BODY:
                return JSONResponse({"error": "the body is too large"}, 413)
        identifier = request.headers.get(leak_alerts.IDENTIFIER, "")
        signature = request.headers.get(leak_alerts.SIGNATURE, "")
        try:
            return JSONResponse(await to_thread.run_sync(self._receive_leaks, identifier, signature, body))
        except leak_alerts.BadAlert as error:
            return JSONResponse({"error": str(error)}, 400)
        except TokentuiError as error:  # it is sent again
            _LOG.error("a leak alert could not be handled: %s", error)
            return JSONResponse({"error": "unavailable"}, 503)

    def _receive_leaks(self, identifier: str, signature: str, body: bytes) -> list[dict[str, Any]]:
        leak_alerts.check_signature(self._settings.leaks_keys, identifier, signature, body)
        return leak_alerts.receive(self._gate.context, self._gate, leak_alerts.read_alerts(body))

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
            ingested = self._log.result
            family = CounterMetricFamily("tokentui_access_log_lines", "Lines of the access log.", labels=["result"])
            for result, number in (
                ("counted", ingested.counted),
                ("known", ingested.duplicates),
                ("without_token", ingested.without_token),
                ("unknown_token", ingested.unknown_token),
                ("closed", ingested.closed),
                ("unreadable", ingested.unreadable),
            ):
                family.add_metric([result], number)
            family.add_metric(["dropped"], self._log.dropped)
            yield family

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        if self._log is not None:
            self._log.start()
        try:
            yield
        finally:
            for part in (self._log, self._recorder):
                if part is not None:
                    await to_thread.run_sync(part.close)
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
    return _encoded(values.items())


def _encoded(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]

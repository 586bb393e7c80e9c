"""The ASGI middleware, driven as a server does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.factories import make_token
from tests.usage.test_recorder import totals
from tokentui import catalog
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.gate.asgi import TokenMiddleware
from tokentui.records import Action, Issued
from tokentui.tokens import bulk
from tokentui.tokens.reads import get_token
from tokentui.usage.recorder import Recorder

Message = MutableMapping[str, Any]
CAFE = """
module = [
    {slug = "cafe", name = "Café", paths = ["/café"]},
    {slug = "products", name = "Products", paths = ["/products"]},
]
extension = [{slug = "custom", name = "Custom", code = "EXT-000"}]
"""


class App:
    """Answers with the status that the path ends in; raises where asked."""

    def __init__(self) -> None:
        self.scopes: list[MutableMapping[str, Any]] = []

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Any
    ) -> None:
        self.scopes.append(scope)
        if scope["type"] == "lifespan":
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
            return
        what = scope["path"].rsplit("/", 1)[-1]
        if what == "raise":
            raise RuntimeError("the application failed")
        await send({"type": "http.response.start", "status": int(what), "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        if scope["query_string"] == b"raise":
            raise RuntimeError("in the middle")
        await send({"type": "http.response.body", "body": b"b"})


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, name="Ürün", modules=("agreements",))


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def served(context: Context, issued: Issued, app: App) -> TokenMiddleware:
    return TokenMiddleware(app, Gate.from_context(context), exempt=("/healthz", "/204"))


async def ask(served: TokenMiddleware, path: str, /, *keys: Any, kind: str = "http", **more: Any) -> list[Message]:
    """The messages of an answer."""
    sent: list[Message] = []
    raw, _, query = path.partition("?")

    async def receive() -> Message:
        return {"type": f"{kind}.connect" if kind == "websocket" else "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", f"ApiKey {key.text}".encode()) for key in keys]
    scope = {
        "type": kind, "method": "GET", "path": unquote(raw), "raw_path": raw.encode(), "query_string": query.encode(),
        "headers": headers, "client": ("203.0.113.9", 1), **more,
    }  # fmt: skip
    try:
        await served(scope, receive, send)
    except RuntimeError:
        sent.append({"type": "raised"})
    return sent


async def test_counts_what_was_sent(served: TokenMiddleware, context: Context, issued: Issued, app: App) -> None:
    """Each class, exceptions as 500, a status once; the token is in the scope."""
    for path in ("200", "301", "404", "500", "raise", "200?raise"):
        sent = await ask(served, f"/agreements/{path}", issued.key)
        assert (sent[-1]["type"] == "raised") is ("raise" in path)
    assert app.scopes[0]["tokentui.token"].name == "Ürün"
    served.recorder.close()
    assert totals(context) == {issued.token.id: (2, 1, 1, 2)}


async def test_refusals(served: TokenMiddleware, context: Context, issued: Issued, app: App) -> None:
    """401 are the same bytes; 403 names the module; the application never hears of them."""
    none = await ask(served, "/agreements/200")
    twice = await ask(served, "/agreements/200", issued.key, issued.key)
    assert none == twice
    assert none[0]["status"] == 401
    assert (b"www-authenticate", b'ApiKey realm="tokentui"') in none[0]["headers"]
    assert none[1]["body"] == b'{"error_code":"AUTH_001","errors":["API request is unauthorized."]}'
    for path in ("/products/200", "/agreements/../products/200", "/agreements/%2e%2e/products/200"):
        refused = await ask(served, path, issued.key)
        assert refused[0]["status"] == 403
        assert b"Products" in refused[1]["body"]
    assert (await ask(served, "/agreements%2f200", issued.key))[0]["status"] == 403
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    assert await ask(served, "/agreements/200", issued.key) == none
    assert app.scopes == []
    served.recorder.close()
    assert totals(context) == {issued.token.id: (0, 0, 4, 0)}


async def test_a_rewritten_path_is_what_counts(served: TokenMiddleware, issued: Issued) -> None:
    """Where another middleware changed the path, the application routes by that one."""
    refused = await ask(served, "/agreements/200", issued.key, path="/products/200")
    assert refused[0]["status"] == 403


async def test_a_raw_path_of_bytes(context: Context, app: App) -> None:
    """What is no ASCII is UTF-8, encoded or not: it reaches the module that the application routes to."""
    catalog.import_catalog(context, CAFE)
    made = make_token(context, modules=("cafe",))
    other = make_token(context, name="other", modules=("products",))
    served = TokenMiddleware(app, Gate.from_context(context))
    for raw in (b"/caf\xc3\xa9/200", b"/caf%C3%A9/200"):
        for key, status in ((made.key, 200), (other.key, 403)):
            assert (await ask(served, "/café/200", key, raw_path=raw))[0]["status"] == status


async def test_read_only_writes_nothing(open_as: Callable[..., Context], context: Context, app: App) -> None:
    """Neither counts nor the last use."""
    made = make_token(context)
    reading = open_as(read_only=True)
    served = TokenMiddleware(app, Gate.from_context(reading))
    assert (await ask(served, "/agreements/200", made.key))[0]["status"] == 200
    served.recorder.close()
    assert totals(context) == {}
    assert get_token(context, made.token.id).last_used_at is None
    assert served.recorder.failures == 0


async def test_exempt_and_lifespan(served: TokenMiddleware, app: App) -> None:
    """Neither asks for a token."""
    assert (await ask(served, "/204"))[0]["status"] == 204
    await ask(served, "/", kind="lifespan")
    assert app.scopes[-1]["type"] == "lifespan"


@pytest.mark.parametrize(
    ("root", "path", "passes"),
    [("/204", "/204", False), ("/204", "/204/", False), ("/api", "/api/204", True), ("/a", "/204", True),
     ("/20", "/204", True), ("", "/204/", False)],
)  # fmt: skip
async def test_exempt_below_a_mount(served: TokenMiddleware, root: str, path: str, passes: bool) -> None:
    """Compared with what the application routes by, behind `root_path`."""
    assert (await ask(served, path, root_path=root))[0]["status"] == (204 if passes else 401)


async def test_a_target_that_is_too_long(served: TokenMiddleware, issued: Issued, app: App) -> None:
    assert (await ask(served, "/agreements/".ljust(9_000, "a"), issued.key))[0]["status"] == 414
    assert app.scopes == []


async def test_an_address_with_a_zone(context: Context, app: App) -> None:
    made = make_token(context, networks=("fe80::/10",))
    served = TokenMiddleware(app, Gate.from_context(context))
    assert (await ask(served, "/agreements/200", made.key, client=("fe80::1%eth0", 1)))[0]["status"] == 200
    assert (await ask(served, "/agreements/200", made.key, client=("198.51.100.1", 1)))[0]["status"] == 403


async def test_websocket(served: TokenMiddleware, context: Context, issued: Issued) -> None:
    """Refused before it is accepted; an accepted one counts once, as success."""
    assert await ask(served, "/agreements", kind="websocket") == [{"type": "websocket.close", "code": 1008}]
    answer = await ask(served, "/agreements", kind="websocket", extensions={"websocket.http.response": {}})
    assert (answer[0]["type"], answer[0]["status"]) == ("websocket.http.response.start", 401)
    accepted = await ask(served, "/agreements", issued.key, kind="websocket")
    assert accepted[0] == {"type": "websocket.accept"}
    served.recorder.close()
    assert totals(context) == {issued.token.id: (1, 0, 0, 0)}


async def test_inside_of_starlette(context: Context, issued: Issued) -> None:
    """Added to an application instead of around it: what raises counts as the 500 that is sent outside of it."""

    async def fails(request: Request) -> Response:
        raise RuntimeError("the application failed")

    gate = Gate.from_context(context)
    recorder = Recorder(context, interval=3600)
    inside = Starlette(
        routes=[Route("/agreements", fails)],
        middleware=[Middleware(TokenMiddleware, gate=gate, recorder=recorder)],
    )
    sent = await ask(inside, "/agreements", issued.key)  # type: ignore[arg-type]
    assert (sent[0]["status"], sent[-1]["type"]) == (500, "raised")
    assert (await ask(inside, "/agreements"))[0]["status"] == 401  # type: ignore[arg-type]
    recorder.close()
    assert totals(context) == {issued.token.id: (0, 0, 0, 1)}


async def test_a_cancelled_request_counts(context: Context, issued: Issued) -> None:
    """uvicorn answers it with 500, where it takes too long at the server's end."""
    begun = asyncio.Event()

    async def never(scope: Message, receive: Any, send: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    served = TokenMiddleware(never, Gate.from_context(context))
    task = asyncio.create_task(ask(served, "/agreements", issued.key))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    served.recorder.close()
    assert totals(context) == {issued.token.id: (0, 0, 0, 1)}


async def test_many_at_once(served: TokenMiddleware, context: Context, issued: Issued) -> None:
    """The sum is what was asked."""
    await asyncio.gather(*(ask(served, f"/agreements/{200 + 100 * (n % 4)}", issued.key) for n in range(400)))
    served.recorder.close()
    assert totals(context) == {issued.token.id: (100, 100, 100, 100)}


async def test_no_database_lets_nobody_in(served: TokenMiddleware, context: Context, issued: Issued) -> None:
    """503, and nothing raised."""
    assert context.database.path is not None
    context.database.path.rename(context.database.path.with_name("away"))
    assert (await ask(served, "/agreements/200", issued.key))[0]["status"] == 503
    context.database.path.with_name("away").rename(context.database.path)

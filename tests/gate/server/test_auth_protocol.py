"""What goes the short way is answered as what goes uvicorn's own, to the byte."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.factories import make_token
from tests.gate.server.test_app import IDENTITY
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.gate import Gate
from tokentui.gate.server import auth_protocol
from tokentui.gate.server.app import Server
from tokentui.gate.server.auth_protocol import AuthProtocol, BoundedProtocol, is_known, protocol
from tokentui.gate.server.limits import MAX_HEADERS, Connections
from tokentui.records import Issued

Ask = Callable[..., bytes]


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, name="Ürün", modules=("agreements",), external_id="crm/7")


def _serve(context: Context, http: str | type[BoundedProtocol]) -> Iterator[Ask]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Server(Gate.from_context(context)), http=http, log_level="critical", proxy_headers=False, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()

    def ask(sent: bytes, step: int = 1_000_000) -> bytes:
        """All that the server says until it closes, as the last request asks for."""
        with socket.create_connection(listening.getsockname(), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(sent), step):
                connection.sendall(sent[at : at + step])
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return re.sub(rb"\r\ndate: [^\r]*", b"", answer)

    yield ask
    server.should_exit = True
    thread.join(20)
    listening.close()


@pytest.fixture
def direct(context: Context, issued: Issued) -> Iterator[Ask]:
    yield from _serve(context, protocol(Connections(100), remote=False))


@pytest.fixture
def usual(context: Context, issued: Issued) -> Iterator[Ask]:
    yield from _serve(context, "httptools")


END = b"GET /auth HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
KEY = b"authorization: ApiKey {key}\r\n"
REQUESTS = {
    "let in": b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\n" + KEY + b"\r\n" + END,
    "head": b"HEAD /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\n" + KEY + b"\r\n" + END,
    "head of a refusal": b"HEAD /auth HTTP/1.1\r\nhost: a\r\n\r\n" + END,
    "no permission": b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /products\r\n" + KEY + b"\r\n" + END,
    "no target": b"GET /auth HTTP/1.1\r\nhost: a\r\n" + KEY + b"\r\n" + END,
    "wrong": b"GET /auth HTTP/1.1\r\nhost: a\r\nauthorization: ApiKey {wrong}\r\n\r\n" + END,
    "two keys": b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\n" + KEY + KEY + b"\r\n" + END,
    "contradiction": b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\nx-forwarded-uri: /\r\n"
    + KEY + b"\r\n" + END,
    "pipelined": (b"GET /auth HTTP/1.1\r\nhost: a\r\n\r\n") * 5 + END,
    "another between": END.replace(b"connection: close\r\n", b"") + b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
    + b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\n" + KEY + b"\r\n" + END,
    "a body": b"POST /auth HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello" + END,
    "a large body": b"POST /auth HTTP/1.1\r\nhost: a\r\ncontent-length: 500000\r\n\r\n" + b"x" * 500_000 + END,
    "a body in chunks": b"POST /auth HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n0\r\n\r\n" + END,
    "expects": b"POST /auth HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 0\r\n\r\n" + END,
    "http 1.0": b"GET /auth HTTP/1.0\r\nx-original-uri: /agreements/\r\n" + KEY + b"\r\n",
    "http 1.0, to be kept": b"GET /auth HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    "closes": b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\nconnection: close\r\n" + KEY + b"\r\n",
    "a query": b"GET /auth?a=1 HTTP/1.1\r\nhost: a\r\n\r\n" + END,
    "absolute": b"GET http://a/auth HTTP/1.1\r\nhost: a\r\n\r\n" + END,
    "not quite": b"GET /auth/ HTTP/1.1\r\nhost: a\r\n\r\n" + END,
    "encoded": b"GET /%61uth HTTP/1.1\r\nhost: a\r\n\r\n" + END,
    "no HTTP": b"nonsense\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_the_same_bytes(direct: Ask, usual: Ask, issued: Issued, name: str) -> None:
    assert issued.key is not None
    wrong = new_key(issued.token.id).text
    request = REQUESTS[name].replace(b"{key}", issued.key.text.encode()).replace(b"{wrong}", wrong.encode())
    answer = direct(request)
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer == usual(request)


def test_a_valid_key_is_let_in(direct: Ask, issued: Issued) -> None:
    """On a connection that stays: each request is decided for itself."""
    assert issued.key is not None
    one = b"GET /auth HTTP/1.1\r\nhost: a\r\nx-original-uri: /agreements/\r\nauthorization: ApiKey %s\r\n\r\n"
    right, wrong = one % issued.key.text.encode(), one % new_key(issued.token.id).text.encode()
    answers = direct(right + wrong + right + END).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"401", b"200", b"401"]
    names = re.findall(rb"\r\n(x-token-[a-z-]+): ", answers[0])
    assert names == [name.encode() for name in IDENTITY]
    assert issued.key.secret.encode() not in b"".join(answers)


def test_the_bytes_are_those_of_the_usual_protocol(direct: Ask, usual: Ask, issued: Issued) -> None:
    """A request in as many packets as it has bytes."""
    assert issued.key is not None
    request = REQUESTS["let in"].replace(b"{key}", issued.key.text.encode())
    assert direct(request, 1) == usual(request, 1) == direct(request)


def test_the_short_way_is_taken(direct: Ask, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what a proxy asks; else the tests above would compare one way with itself."""
    taken: list[bytes] = []

    def long_way(self: HttpToolsProtocol) -> None:
        taken.append(self.url)
        self.transport.close()

    monkeypatch.setattr(HttpToolsProtocol, "on_headers_complete", long_way)
    assert direct(END).startswith(b"HTTP/1.1 401")
    assert taken == []
    direct(END.replace(b"/auth", b"/healthz"))
    assert taken == [b"/healthz"]


def test_this_uvicorn_is_known() -> None:
    """Fails where a new uvicorn has changed what the short way for /auth relies on: look at it again then."""
    assert is_known()
    assert issubclass(protocol(Connections(1), remote=False), AuthProtocol)


def test_an_unknown_uvicorn_answers_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slower, and still bounded; so does a database server, which is waited for."""
    monkeypatch.setattr(auth_protocol, "STATUS_LINE", {})
    assert not is_known()
    for remote in (True, False):
        assert not issubclass(protocol(Connections(1), remote=remote), AuthProtocol)
    monkeypatch.undo()
    monkeypatch.delattr(HttpToolsProtocol, "on_response_complete")
    assert not is_known()


@pytest.fixture(params=[False, True], ids=["short way", "own way"])
def bounded(context: Context, issued: Issued, request: pytest.FixtureRequest) -> Iterator[Ask]:
    yield from _serve(context, protocol(Connections(100), remote=request.param))


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"x-%d: 1\r\n" % number for number in range(MAX_HEADERS + 1)),
        b"x: " + b"a" * 70_000 + b"\r\n",
        b"".join(b"x-%d: %s\r\n" % (number, b"a" * 1_000) for number in range(70)),
    ],
    ids=["many", "one long", "long together"],
)
@pytest.mark.parametrize("step", [1_000_000, 9_000])
def test_headers_that_are_too_large(bounded: Ask, headers: bytes, step: int) -> None:
    """Refused by 403, which every proxy passes on, and the connection is closed."""
    answer = bounded(b"GET /auth HTTP/1.1\r\nhost: a\r\n" + headers + b"\r\n", step)
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"AUTH_003" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_headers_just_below_the_bounds(bounded: Ask) -> None:
    many = b"".join(b"x-%d: %s\r\n" % (number, b"a" * 600) for number in range(MAX_HEADERS - 2))
    answer = bounded(b"GET /auth HTTP/1.1\r\nhost: a\r\nconnection: close\r\n" + many + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")

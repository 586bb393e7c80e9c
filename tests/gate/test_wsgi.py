"""The WSGI middleware, driven as a server does, with wsgiref's validator on both sides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from tests.factories import make_token
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.gate.wsgi import TokenMiddleware
from tokentui.records import Issued


class Parts:
    """An iterable with close."""

    def __init__(self, parts: list[bytes], fail: bool = False) -> None:
        self.parts, self.fail, self.closed = parts, fail, False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts
        if self.fail:
            raise RuntimeError("in the middle")

    def close(self) -> None:
        self.closed = True


MADE: list[Parts] = []


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Does what the path says."""
    what = environ["PATH_INFO"].rsplit("/", 1)[-1]
    plain = [("Content-Type", "text/plain")]
    if what == "raise":
        raise RuntimeError("the application failed")
    if what == "exit":
        sys.exit(1)
    if what == "twice":
        start_response("200 OK", plain)
        try:
            raise ValueError("too late")
        except ValueError:
            start_response("500 Internal Server Error", plain, sys.exc_info())
        return [b"failed"]
    if what == "write":
        start_response("404 Not Found", plain)(b"written")
        return []
    if what in ("stream", "fail-first", "fail-later"):
        start_response("301 Moved Permanently", plain)
        MADE.append(Parts([] if what == "fail-first" else [b"", b"a", b"b"], fail=what != "stream"))
        return MADE[-1]
    assert environ["tokentui.token"].name == "Billing export"
    start_response("200 OK", plain)
    return [b"hello"]


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, modules=("agreements",))


@pytest.fixture
def served(context: Context, issued: Issued) -> TokenMiddleware:
    return TokenMiddleware(app, Gate.from_context(context))


def ask(served: Any, path: str, issued: Issued | None = None, **more: str) -> tuple[str, bytes]:
    """Status and body."""
    environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": "", "REMOTE_ADDR": "203.0.113.9", **more}
    setup_testing_defaults(environ)
    environ["SCRIPT_NAME"] = ""
    if issued is not None:
        assert issued.key is not None
        environ["HTTP_AUTHORIZATION"] = f"ApiKey {issued.key.text}"
    seen: list[str] = []
    written: list[bytes] = []

    def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        seen.append(status)
        return written.append

    body = validator(served)(environ, start)
    try:
        parts = list(body)
    except RuntimeError:
        seen.append("raised")
        parts = []
    finally:
        body.close()  # type: ignore[attr-defined]
    return seen[-1], b"".join(written + parts)


def test_counts_what_was_sent(served: TokenMiddleware, context: Context, issued: Issued) -> None:
    """Lists, streams, the write callable, a replaced status, failures before and after the first byte."""
    assert ask(served, "/agreements/ok", issued) == ("200 OK", b"hello")
    assert ask(served, "/agreements/write", issued) == ("404 Not Found", b"written")
    assert ask(served, "/agreements/twice", issued)[0].startswith("500")
    assert ask(served, "/agreements/stream", issued)[1] == b"ab"
    assert MADE[-1].closed
    ask(served, "/agreements/fail-later", issued)  # 301 was sent
    ask(served, "/agreements/fail-first", issued)  # the server can still say 500
    with pytest.raises(RuntimeError):
        ask(served, "/agreements/raise", issued)
    with pytest.raises(SystemExit):
        ask(served, "/agreements/exit", issued)  # as gunicorn raises it in what takes too long; it answers 500
    served.recorder.close()
    assert totals(context) == {issued.token.id: (1, 2, 1, 4)}


def test_a_script_name_of_the_clients(served: TokenMiddleware, issued: Issued) -> None:
    """gunicorn takes it from a header of this name: what the application routes by is looked at too."""

    def status(script: str, path: str) -> int:
        environ: dict[str, Any] = {"SCRIPT_NAME": script, "PATH_INFO": path, "REMOTE_ADDR": "203.0.113.9"}
        setup_testing_defaults(environ)
        assert issued.key is not None
        environ["HTTP_AUTHORIZATION"] = f"ApiKey {issued.key.text}"
        seen: list[str] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
            seen.append(status)
            return seen.append  # type: ignore[return-value]

        list(served(environ, start))
        return int(seen[0][:3])

    assert status("", "/agreements/ok") == 200
    assert status("/agreements", "/ok") == 200
    assert status("/agreements", "/helpdesk/ok") == 403
    assert status("/agreements", "/Helpdesk/ok") == 403
    assert status("/agreements", "/agreements/ok") == 200


@pytest.mark.parametrize(
    ("script", "path", "passes"),
    [("", "/healthz", True), ("/healthz", "", False), ("/healthz", "/", False), ("/heal", "thz", False),
     ("/api", "/healthz", True), ("/healthz", "/agreements/ok", False)],
)  # fmt: skip
def test_exempt_is_what_the_application_routes_by(context: Context, script: str, path: str, passes: bool) -> None:
    """Whatever a client says of where the application is mounted."""
    reached: list[str] = []

    def reachable(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        reached.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return []

    environ: dict[str, Any] = {"SCRIPT_NAME": script, "PATH_INFO": path, "REMOTE_ADDR": "203.0.113.9"}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = path
    context.vault()
    list(TokenMiddleware(reachable, Gate.from_context(context))(environ, lambda *_: lambda data: None))
    assert reached == ([path] if passes else [])


def test_a_target_that_is_too_long(served: TokenMiddleware, issued: Issued) -> None:
    assert ask(served, "/agreements/ok".ljust(9_000, "a"), issued)[0] == "414 URI Too Long"


def test_a_peer_with_a_port(context: Context) -> None:
    """As some servers write it: the token's network is that of the address."""
    made = make_token(context, networks=("203.0.113.0/24",))
    served = TokenMiddleware(app, Gate.from_context(context))
    assert ask(served, "/agreements/ok", made, REMOTE_ADDR="203.0.113.9:54321")[0] == "200 OK"
    assert ask(served, "/agreements/ok", made, REMOTE_ADDR="198.51.100.1:54321")[0] == "403 Forbidden"


def test_refusals(served: TokenMiddleware, issued: Issued) -> None:
    """As the contract says; a raw target that can be read twice is refused."""
    status, body = ask(served, "/agreements/ok")
    assert (status, body) == (
        "401 Unauthorized",
        b'{"error_code":"AUTH_001","errors":["API request is unauthorized."]}',
    )
    status, body = ask(served, "/products/ok", issued)
    assert status == "403 Forbidden"
    assert b"Products" in body
    assert ask(served, "/agreements/ok", issued, RAW_URI="/agreements%2fok")[0] == "403 Forbidden"
    assert ask(served, "/agreements/../products", issued)[0] == "403 Forbidden"
    assert ask(served, "/healthz", issued, **{"tokentui.token": issued.token})[0] == "200 OK"  # type: ignore[arg-type]

"""What doctor finds out about the way of a request, in front of APIs that are set up well and badly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.gate.wsgi import TokenMiddleware
from tokentui.models import Token
from tokentui.operations import end_to_end
from tokentui.operations.check import Finding
from tokentui.usage.recorder import Recorder

App = Callable[..., list[bytes]]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a real server with this application."""
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def answers(*statuses: int) -> App:
    """An application that answers with these, one after the other."""
    left = list(statuses)

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response(f"{left.pop(0)} x", [("Location", "http://127.0.0.1:1/")])
        return []

    return app


@pytest.fixture(autouse=True)
def _a_master_key(context: Context) -> None:
    make_token(context, "The only one that stays")


def findings_of(context: Context, url: str) -> dict[str, Finding]:
    findings = {finding.check: finding for finding in end_to_end.check(context, url)}
    with context.database.read() as session:
        assert session.query(Token).count() == 1
    return findings


def test_all_is_well(context: Context) -> None:
    recorder = Recorder(context, interval=0.01)
    app = TokenMiddleware(answers(404), Gate.from_context(context), recorder=recorder)
    with serving(app) as url:
        findings = findings_of(context, url + "/")
    recorder.close()
    assert [check for check, finding in findings.items() if finding.ok] == ["api", "request", "counted"]


@pytest.mark.parametrize(
    ("statuses", "check", "said"),
    [
        ((200,), "api", "answers 200 without a key"),
        ((302,), "api", "answers 302 without a key"),
        ((401, 401), "request", "answers 401 to a key that is valid"),
        ((401, 403), "request", "answers 403 to a token with all modules"),
        ((401, 503), "request", "answers 503 to a valid key"),
        ((401, 500), "request", "answers 500 to a valid key"),
    ],
)
def test_what_is_wrong(context: Context, statuses: tuple[int, ...], check: str, said: str) -> None:
    """Each with a remedy; no redirection is followed with the key."""
    with serving(answers(*statuses)) as url:
        finding = findings_of(context, url)[check]
    assert not finding.ok
    assert said in finding.message
    assert finding.remedy


def test_nobody_counts(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_to_end, "_TIMEOUT_S", 0.05)
    with serving(answers(401, 302)) as url:
        findings = findings_of(context, url)
    assert findings["request"].ok
    assert "not counted" in findings["counted"].message


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1/v1"])
def test_nobody_answers(context: Context, url: str) -> None:
    finding = findings_of(context, url)["api"]
    assert not finding.ok
    assert "can't be reached" in finding.message


@pytest.mark.parametrize("host", ["a" * 300, "a..b", "no-such-host.invalid"])
def test_a_host_that_there_can_not_be(context: Context, host: str) -> None:
    assert "can't be reached" in findings_of(context, f"http://{host}/")["api"].message


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com",
        "ftp://a/",
        "http://",
        "http://[::1",
        "http://a/?b",
        "http://u@a/",
        "http://a/é",
        "http://a/\nb",
    ],
)
def test_what_is_no_address(context: Context, url: str) -> None:
    assert "is not the address of an API" in findings_of(context, url)["api"].message


def test_a_short_longest_lifetime(context: Context) -> None:
    """The throwaway token holds to it."""
    context.settings = replace(context.settings, max_lifetime=timedelta(minutes=1))
    with serving(answers(401, 401)) as url:
        assert "answers 401 to a key" in findings_of(context, url)["request"].message

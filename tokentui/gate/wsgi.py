"""WSGI middleware: lets in who has a key, puts the token into the environ, counts what was really sent.

app.wsgi_app = TokenMiddleware(app.wsgi_app, database="tokens.db")   # environ["tokentui.token"] is a TokenInfo
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from tokentui import addresses
from tokentui.errors import TokentuiError
from tokentui.gate.gate import Gate
from tokentui.gate.refusals import TOO_LONG, Refusal, refusal, unavailable
from tokentui.gate.request.path import LONGEST_TARGET
from tokentui.records import TokenInfo
from tokentui.usage.recorder import Recorder

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
KEY = "tokentui.token"


class TokenMiddleware:
    """A WSGI application (PEP 3333) around another, which gets only the requests that the gate lets in."""

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
        no token, as the application routes by them: without SCRIPT_NAME.
        """
        self.app = app
        self.gate = gate or Gate(database, master_key_file, verify_key_file=verify_key_file)
        self.recorder = recorder or Recorder(self.gate.context, better_digests=self.gate.better_digests)
        self._exempt = frozenset(exempt)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Decides about a request, and hands it on or refuses it."""
        # By PATH_INFO alone, as the application routes: SCRIPT_NAME may be the client's own word.
        if environ.get("PATH_INFO", "") in self._exempt:
            return self.app(environ, start_response)
        path = target(environ)
        if len(path) > LONGEST_TARGET:
            return _refuse(environ, start_response, TOO_LONG)
        client = addresses.plain(environ.get("REMOTE_ADDR"))
        try:
            decision = self.gate.decide(_authorization(environ), path, client)
            if environ.get("SCRIPT_NAME"):
                # gunicorn takes it from a header of that name, and applications route by what is behind it alone.
                decision = self.gate.recheck_path(decision, quoted(environ.get("PATH_INFO", "")))
        except TokentuiError as error:
            return _refuse(environ, start_response, unavailable(error))
        token = decision.token
        if token is None or not decision.allowed:
            if token is not None and decision.status == 403:
                self.recorder.count(token, 403, client, used=False)
            return _refuse(environ, start_response, refusal(decision))
        environ[KEY] = token
        return self._counted(environ, start_response, token, client)

    def _counted(
        self, environ: Environ, start_response: StartResponse, token: TokenInfo, client: str | None
    ) -> Iterable[bytes]:
        response = _Response(self.recorder, token, client, start_response)
        try:
            body = self.app(environ, response.start)
        except BaseException:  # gunicorn answers 500 to a SystemExit too
            response.failed()
            raise
        if isinstance(body, (list, tuple)):
            # Whole already, and sized, from which the server knows the length.
            response.sent()
            return body
        return _Body(body, response)


class _Response:
    """Counts once, with the status of the last `start_response` before something was sent."""

    def __init__(self, recorder: Recorder, token: TokenInfo, client: str | None, start: StartResponse) -> None:
        self._recorder, self._token, self._client, self._start = recorder, token, client, start
        self._status = 500
        self._counted = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        write = self._start(status, headers, exc_info) if exc_info else self._start(status, headers)
        if not self._counted:
            self._status = int(status[:3])

        def counted_write(data: bytes) -> object:
            self.sent()
            return write(data)

        return counted_write

    def sent(self) -> None:
        if not self._counted:
            self._counted = True
            self._recorder.count(self._token, self._status, self._client)

    def failed(self) -> None:
        """An exception: where nothing was sent, the server answers 500."""
        self._status = 500 if not self._counted else self._status
        self.sent()


class _Body:
    """The application's iterable: counted at its first part, or at its end where it has none."""

    def __init__(self, body: Iterable[bytes], response: _Response) -> None:
        self._body = body
        self._parts = iter(body)
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._parts)
        except StopIteration:
            self._response.sent()
            raise
        except BaseException:
            self._response.failed()
            raise
        if part:  # an empty part sends nothing yet: the status may still be replaced
            self._response.sent()
        return part

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._response.sent()


def _authorization(environ: Environ) -> bytes:
    """The header as it was sent: an environ has each of its bytes as a character (PEP 3333)."""
    return str(environ.get("HTTP_AUTHORIZATION") or "").encode("latin-1", "replace")


def target(environ: Environ) -> str:
    """The path as it was sent, where the server says it and it is what the application routes by; else that path."""
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1", "replace")
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "").split("?", 1)[0]
    if raw and unquote_to_bytes(raw) == path:
        return raw
    return quoted(path)


def quoted(path: str | bytes) -> str:
    """A path of an environ as it would be sent."""
    return quote(path.encode("latin-1", "replace") if isinstance(path, str) else path, safe="/;:@!$&'()*+,=~")


def _refuse(environ: Environ, start_response: StartResponse, answer: Refusal) -> Iterable[bytes]:
    start_response(f"{answer.status} {answer.phrase}", list(answer.headers))
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]

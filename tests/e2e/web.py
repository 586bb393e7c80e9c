"""A small API over HTTP in this process, whose requests the WSGI middleware decides about and counts."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from tests.e2e.conftest import Installed
from tokentui.gate.gate import Gate
from tokentui.gate.wsgi import TokenMiddleware

ANSWERS = {"/usage": "200 OK", "/usage/none": "404 Not Found", "/usage/fails": "500 Internal Server Error"}


def api(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers by the path."""
    start_response(ANSWERS[environ["PATH_INFO"]], [("Content-Length", "0")])
    return [b""]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Web:
    """Asks the API as a client does."""

    def __init__(self, port: int) -> None:
        self._port = port

    def status(self, key: str, path: str = "/usage") -> int:
        """The status of the answer to one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"ApiKey {key}"})
        status = connection.getresponse().status
        connection.close()
        return status


@contextmanager
def served(program: Installed) -> Iterator[Web]:
    """The API on the program's database, for as long as the block."""
    guarded = TokenMiddleware(api, Gate(str(program.database), str(program.home / "master.key")))
    with make_server("127.0.0.1", 0, guarded, handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Web(server.server_port)
        finally:
            server.shutdown()
            thread.join()
            guarded.recorder.close()
            guarded.gate.close()

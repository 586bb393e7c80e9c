"""Tokens with owners, a sendmail that keeps what it is given, and a webhook on loopback."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_token
from tokentui.context import Context

SECRET = b"a secret of the webhook, 32 bytes"


def with_settings(context: Context, **settings: Any) -> Context:
    """The context with some settings replaced."""
    return dataclasses.replace(context, settings=dataclasses.replace(context.settings, **settings))


@pytest.fixture
def owned(context: Context) -> Context:
    """Ann's token expires in 20 days, Bob's in 3, that of nobody's address in 12 hours; all were made for 100 days."""
    now = context.now()
    past = dataclasses.replace(context, clock=lambda: now - timedelta(days=80))
    for name, owner, left in (
        ("Ann's", "ann@example.com", 20),
        ("Bob's", "bob@example.com", 3),
        ("Team's", "ops", 0.5),
    ):
        make_token(past, name, days=80 + left, owner=owner)
    return context


class Sendmail:
    """A program in place of sendmail: keeps its arguments and each message, and ends as it is told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "sendmail"
        self.fails_with("")

    def fails_with(self, script: str) -> None:
        """What it does after it has kept the message: `exit 75`, say."""
        self.program.write_text(
            f"#!/bin/sh\nfile=$(mktemp {self._folder}/mail.XXXXXX)\n"
            f'echo "$@" > $file.arguments\ncat > $file\n{script}\n',
            encoding="utf-8",
        )
        self.program.chmod(0o755)

    @property
    def mails(self) -> list[str]:
        files = [file for file in self._folder.glob("mail.*") if file.suffix != ".arguments"]
        return [file.read_text(encoding="utf-8") for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    @property
    def recipients(self) -> list[str]:
        return sorted(file.read_text(encoding="utf-8").split()[-1] for file in self._folder.glob("*.arguments"))


@pytest.fixture
def sendmail(tmp_path: Path) -> Sendmail:
    folder = tmp_path / "mails"
    folder.mkdir()
    return Sendmail(folder)


class Hook:
    """A server on loopback that keeps what it is sent, and answers with `status`, once `waits` is set where it is."""

    def __init__(self) -> None:
        self.status = 204
        self.waits: threading.Event | None = None
        self.arrived = threading.Event()
        self.received: list[tuple[dict[str, str], bytes]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                hook.arrived.set()
                if hook.waits is not None:
                    hook.waits.wait(20)
                self.send_response(hook.status)
                if hook.status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def tokens(self) -> list[str]:
        """The names of the tokens that it was told of."""
        return [json.loads(body)["data"]["name"] for _, body in self.received]


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def hooked(owned: Context, hook: Hook, tmp_path: Path) -> Context:
    """The context with the webhook configured."""
    file = tmp_path / "hook.secret"
    file.write_bytes(SECRET)
    return with_settings(owned, notify_webhook=hook.url, notify_webhook_secret=str(file))

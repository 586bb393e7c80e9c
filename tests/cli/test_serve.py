"""`tokentui serve`: what it refuses before it starts, and how it starts and ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.cli.conftest import Tokentui


@contextmanager
def serving(tokentui: Tokentui, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address that it says."""
    command = [sys.executable, "-m", "tokentui", *arguments]
    process = subprocess.Popen(command, env=tokentui.environment | environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        address = re.search(r"http://\S+", said)
        assert address is not None, said + process.stderr.read()
        yield process, address[0]
    finally:
        process.kill()
        process.communicate()


def ask(url: str, key: str) -> int:
    headers = {"Authorization": f"ApiKey {key}", "X-Original-Method": "GET", "X-Original-URI": "/agreements/"}
    return httpx.get(f"{url}/auth", headers=headers).status_code


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_listens_on_loopback_and_ends_when_asked(tokentui: Tokentui, host: str) -> None:
    """The last use is written at its end."""
    made = tokentui.make()
    with serving(tokentui, "serve", "--port", "0", "--host", host) as (process, url):
        assert ask(url, made["key"]) == 200
        process.send_signal(signal.SIGTERM)
        _, more = process.communicate(timeout=30)
    assert more == ""
    assert tokentui("show", made["id"], "--json").json["last_used_at"] is not None


def test_read_only(tokentui: Tokentui) -> None:
    made = tokentui.make()
    with serving(tokentui, "--read-only", "serve", "--port", "0") as (_, url):
        assert ask(url, made["key"]) == 200
    assert tokentui("--read-only", "serve", "--access-log", "udp://127.0.0.1:0").status == 1


def test_beyond_this_machine(tokentui: Tokentui) -> None:
    """Only when told, and with a word of warning."""
    tokentui.make()
    with serving(tokentui, "serve", "--port", "0", "--host", "0.0.0.0") as (process, _):
        assert process.stderr is not None
        assert "let only your proxy reach it" in process.stderr.readline()


def test_the_configuration_counts(tokentui: Tokentui) -> None:
    made = tokentui.make("--module", "agreements")
    config = tokentui.home / "config.toml"
    config.write_text('proxy = "forwarded"\nbase_path = "/public/v1"\ntrusted_proxies = ["192.0.2.0/24"]\n')
    with serving(tokentui, "--config", str(config), "serve", "--port", "0") as (_, url):
        assert ask(url, made["key"]) == 403
        headers = {"Authorization": f"ApiKey {made['key']}", "X-Forwarded-Uri": "/public/v1/agreements/"}
        assert httpx.get(f"{url}/auth", headers=headers).status_code == 200


def test_a_port_that_is_taken(tokentui: Tokentui) -> None:
    tokentui.make()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = tokentui("serve", "--port", port)
    assert (done.status, done.err) == (
        2,
        f"tokentui: 127.0.0.1 port {port} can't be listened on: Address already in use\n",
    )


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--access-log", "tcp://x"), ("--host", "no such host")])
def test_wrong_usage(tokentui: Tokentui, arguments: tuple[str, ...]) -> None:
    tokentui.make()
    done = tokentui("serve", *arguments)
    assert done.status == 2
    assert done.err.startswith("tokentui: ")
    assert done.err.count("\n") == 1


def test_without_a_master_key(tokentui: Tokentui) -> None:
    """The gate never makes one: it might be another than the operator's."""
    done = tokentui("serve")
    assert (done.status, done.err.count("\n")) == (4, 1)
    assert not (tokentui.home / "master.key").exists()


def test_without_the_extra(tokentui: Tokentui, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    tokentui.make()
    done = tokentui("serve")
    assert (done.status, done.err) == (2, "tokentui: uvicorn is not installed: pipx install 'tokentui[server]'\n")

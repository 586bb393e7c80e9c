"""The access log's Unix socket, with a real nginx that writes to it, and with users who may not."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import eventually, free_ports, running

pytestmark = pytest.mark.e2e

NGINX = """
daemon off;
error_log stderr warn;
pid nginx.pid;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    log_format tokentui escape=json '{{"time":"$msec","request":"$request_id","token":"{token}",'
                                    '"status":"$status","client":"$remote_addr"}}';
    access_log syslog:server=unix:{path},nohostname,tag=tokentui tokentui;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}
}}
"""


def sent_by(user: str, path: Path, packet: bytes) -> bool:
    """Whether another user of the machine could send this to a socket."""
    account = pwd.getpwnam(user)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            os.initgroups(user, account.pw_gid)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            sender.sendto(packet, os.fspath(path))
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that other users reach, unlike those of pytest."""
    place = Path(tempfile.mkdtemp(prefix="tokentui-log-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def serve(place: Path, port: int) -> list[str | Path]:
    return [PROGRAM, "serve", "--port", str(port), "--access-log", f"unix:{place / 'log/access.sock'}"]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (apt install nginx-light)")
def test_nginx_goes_on_when_serve_is_started_again(empty: Installed, place: Path, tmp_path: Path) -> None:
    """After a kill that left the socket behind, and after an end that removed it."""
    token = empty.json("create", "--name", "Fresh", "--all-modules")["id"]
    (place / "log").mkdir(0o750)
    if os.getuid() == 0:
        shutil.chown(place / "log", group="nogroup")  # nginx's workers
    gate, web = free_ports(2)
    config = place / "nginx.conf"
    config.write_text(NGINX.format(token=token, path=place / "log/access.sock", port=web))

    def counts() -> int:
        return int(empty.json("stats", token)["totals"]["2xx"])

    def is_counted() -> bool:
        httpx.get(f"http://127.0.0.1:{web}/")  # the first after a restart may be lost: nginx connects anew then
        return counts() > before

    before = 0
    with running(["nginx", "-p", place, "-c", config], {"PATH": os.environ["PATH"]}, tmp_path / "nginx.log", web):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with running(serve(place, gate), empty.environment, tmp_path / "serve.log", gate) as server:
                eventually(is_counted, "a response is counted")
                server.stop(number)
                assert (place / "log/access.sock").exists() is (number == signal.SIGKILL)
                before = counts()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
def test_the_directory_says_who_may_write(empty: Installed, place: Path, tmp_path: Path) -> None:
    """Its group may; another user of the machine can't invent responses."""
    token = empty.json("create", "--name", "Fresh", "--all-modules")["id"]
    (place / "log").mkdir(0o750)
    shutil.chown(place / "log", group="www-data")
    (gate,) = free_ports(1)

    def send(user: str, status: int) -> bool:
        line = {"time": f"{time.time():.3f}", "request": os.urandom(16).hex(), "token": token, "status": str(status)}
        return sent_by(user, place / "log/access.sock", json.dumps(line).encode())

    with running(serve(place, gate), empty.environment, tmp_path / "serve.log", gate) as server:
        assert not send("nobody", 500)
        assert send("www-data", 200)
        eventually(lambda: empty.json("stats", token)["totals"]["2xx"] == 1, "the response is counted")
        assert empty.json("stats", token)["totals"]["5xx"] == 0
        assert "any user of this machine" not in server.said()
        server.stop()
    (place / "log").chmod(0o755)
    with running(serve(place, gate), empty.environment, tmp_path / "open.log", gate) as server:
        eventually(lambda: "any user of this machine may write to" in server.said(), "a warning")

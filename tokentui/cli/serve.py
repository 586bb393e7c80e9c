"""`tokentui serve`: the gate over HTTP, for a proxy's auth requests."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import click

from tokentui.cli.messages import say, say_warning
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.errors import ReadOnly, UsageError
from tokentui.gate import Gate

if TYPE_CHECKING:
    from tokentui.gate.server.app import Server
    from tokentui.usage.access_log.log_socket import LogSocket

# Longer than nginx keeps an idle connection (60 s): the side that sends the requests should be the one that closes.
_KEEP_ALIVE = 75


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="The port; 0 takes any.")
@click.option(
    "--access-log", metavar="unix:PATH|udp://HOST:PORT", help="Count nginx's access log, sent here as syslog."
)
@click.pass_obj
def serve_command(state: State, host: str, port: int, access_log: str | None) -> None:
    """The gate over HTTP: /auth for nginx, Traefik and Caddy, /healthz, /metrics.

    \b
    tokentui serve --access-log unix:/run/tokentui/access.sock
    """
    try:
        import uvicorn

        from tokentui.gate.server.auth_protocol import HttpServer, protocol
        from tokentui.gate.server.limits import ACCEPT_BATCH, Connections, max_connections
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed", "pipx install 'tokentui[server]'") from None
    context = state.context
    if context.settings.leaks_keys:
        _check_leaks(context)
    gate = Gate.from_context(context)
    listening = _listening(host, port)
    log_socket = None if access_log is None else _log_socket(context, access_log)
    server = _server(context, gate, log_socket)
    say(f"tokentui: the gate listens on {_url(listening)}")
    for warning in log_socket.warnings() if log_socket else ():
        say_warning(warning)
    if not _is_loopback(host):
        say_warning("it listens to everybody: let only your proxy reach it, and speak TLS between them")
    connections = Connections(max_connections())
    config = uvicorn.Config(
        server,
        http=protocol(connections, remote=server.remote),
        backlog=ACCEPT_BATCH,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # whom to believe is a setting: trusted_proxies
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        lifespan="on",
        ws="none",
    )
    HttpServer(config, connections).run(sockets=[listening])


def _check_leaks(context: Context) -> None:
    from tokentui.gate.server.leak_alerts import public_keys

    if context.database.read_only:
        raise ReadOnly("no token can be disabled", "leave leaks_keys or --read-only out")
    public_keys(context.settings.leaks_keys)


def _log_socket(context: Context, address: str) -> LogSocket:
    from tokentui.usage.access_log.log_socket import bind

    if context.database.read_only:
        raise ReadOnly("nothing can be counted", "leave --access-log or --read-only out")
    return bind(address)


def _server(context: Context, gate: Gate, log_socket: LogSocket | None) -> Server:
    from tokentui.gate.server.app import Server
    from tokentui.usage.access_log.syslog_listener import LiveLog
    from tokentui.usage.recorder import Recorder

    log = None if log_socket is None else LiveLog(context, log_socket)
    return Server(
        gate, log, None if context.database.read_only else Recorder(context, better_digests=gate.better_digests)
    )


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)  # from here on nobody is turned away, however long the rest takes
    except OSError as error:
        raise UsageError(f"{host} port {port} can't be listened on", error.strerror or str(error)) from None
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""nginx in front: what its `auth_request` asks, and what stands behind it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from gate_parts.load import Site
from gate_parts.peers import SITES
from gate_parts.web import PARSERS, WITHOUT, Web

# As in examples/nginx, without the log: the same for both sides. `empty_gif` is content, so access is checked first.
_CONF = """
daemon off;
error_log stderr warn;
pid {place}/nginx.pid;
worker_processes 1;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    {servers}
}}
"""
_ASKING = """
    upstream asked{port} {{ server 127.0.0.1:{upstream}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location = /_gate {{
            internal;
            proxy_pass http://asked{port}/auth;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_set_header Authorization $http_authorization;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
        location / {{ auth_request /_gate; auth_request_set $token $upstream_http_x_token_id; empty_gif; }}
    }}
"""
# As nginx does it by itself: a connection for each request.
_PASSING = """
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
    }}
"""
_KEEPING = """
    upstream api{port} {{ server 127.0.0.1:{upstream}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{ proxy_pass http://api{port}; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
"""


def measure(web: Web) -> None:
    """(d) Who asks the gate, and who passes requests on to an API with the middleware."""
    if shutil.which("nginx") is None:
        web.table.say("there is no nginx here: nothing is measured behind it")
        return
    gate = web.start(sys.executable, "-m", "tokentui", "serve", "--port", "{port}", check=False)
    constant = web.start(sys.executable, str(SITES / "constant.py"), "{port}")
    direct = web.start(sys.executable, str(SITES / "constant.py"), "{port}", "direct")
    sites = {"gate": gate, "constant": constant, "direct": direct}
    what = "nginx, auth_request to `tokentui serve` / to a constant 204 of the same server"
    lines = [
        (what, "gate", "constant", "≥ 0.85"),
        ("the same, the 204 written past ASGI as `serve` does", "gate", "direct", ""),
    ]
    web.compare({name: _nginx(web, _ASKING, site) for name, site in sites.items()}, lines)
    for parser in PARSERS:
        sites = web.starlette(parser)
        for template, how, target in ((_PASSING, "", "≥ 0.92"), (_KEEPING, ", connections kept", "")):
            behind = {name: _nginx(web, template, site) for name, site in sites.items()}
            what = f"behind nginx{how}, an upstream with the middleware / without ({parser})"
            web.compare(behind, [(what, "guarded", "plain", target)])


def _nginx(web: Web, template: str, upstream: Site) -> Site:
    """One of its own for each, so that they share nothing."""
    place = Path(tempfile.mkdtemp(prefix="nginx-", dir=web.place))
    conf = place / "nginx.conf"

    def configure(port: int) -> None:
        servers = template.format(port=port, upstream=upstream.port)
        conf.write_text(_CONF.format(place=place, servers=servers))

    authorization = web.key if template is _ASKING else upstream.authorization
    return web.start(
        "nginx", "-p", str(place), "-c", str(conf), authorization=authorization or WITHOUT, before=configure
    )

"""The documented Caddyfile in front of `tokentui serve` and an API."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.checks import no_trick_reaches_another_module
from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import ROOT, free_ports, running

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed (apt install caddy)"),
]


class Get:
    """Asks Caddy for a path with a key and more headers."""

    def __init__(self, http: httpx.Client, port: int) -> None:
        self.http, self.port = http, port

    def __call__(self, path: str, key: str | None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(path, headers=sent | ({"Authorization": f"ApiKey {key}"} if key else {}))


@pytest.fixture
def get(empty: Installed, tmp_path: Path) -> Iterator[Get]:
    """Caddy with all behind it."""
    caddy, gate, api = free_ports(3)
    config = (ROOT / "examples/caddy/Caddyfile").read_text()
    for old, new in (("127.0.0.1:8080", caddy), ("127.0.0.1:8765", gate), ("127.0.0.1:8001", api)):
        assert old in config
        config = config.replace(old, f"127.0.0.1:{new}")
    file = tmp_path / "Caddyfile"
    file.write_text(config)
    commands: tuple[tuple[list[str | Path], int], ...] = (
        ([PROGRAM, "serve", "--port", str(gate)], gate),
        ([PROGRAM.with_name("uvicorn"), "--app-dir", "examples/nginx", "api:app", "--port", str(api)], api),
        (["caddy", "run", "--adapter", "caddyfile", "--config", file], caddy),
    )
    with ExitStack() as stack, httpx.Client(base_url=f"http://127.0.0.1:{caddy}") as http:
        for number, (command, port) in enumerate(commands):
            stack.enter_context(running(command, empty.environment, tmp_path / f"{number}.log", port))

        yield Get(http, caddy)


def test_the_life_of_a_token(empty: Installed, get: Get) -> None:
    """Caddy passes the gate's refusals on whole."""
    made = empty.json("create", "--name", "Ürün", "--module", "agreements")
    key, token = made["key"], made["id"]
    assert get("/agreements/", key).json() == {"token": token, "name": "Ürün"}
    refused = get("/products", key)
    assert (refused.status_code, refused.json()["error_code"]) == (403, "AUTH_003")
    assert "Products" in refused.json()["errors"][0]
    unknown = get("/agreements/", None)
    assert (unknown.status_code, unknown.headers["www-authenticate"]) == (401, 'ApiKey realm="tokentui"')
    empty.run("disable", token)
    assert get("/agreements/", key).status_code == 401
    empty.run("enable", token)
    assert get("/agreements/", key).status_code == 200


def test_forgeries(empty: Installed, get: Get) -> None:
    """No identity of the client's own, no other path, no other address."""
    made = empty.json("create", "--name", "A", "--module", "agreements")
    forged = dict.fromkeys(
        ("X_Token_Id", "X_Token_Name", "X_Token_External_Id", "X_Token_Extension", "X_Token_Modules"), "forged"
    )
    told = get("/agreements/headers", made["key"], **forged).json()
    assert "forged" not in str(told)
    assert (told["x-token-id"], told["x-token-modules"]) == (made["id"], "agreements")
    assert "authorization" not in told
    no_trick_reaches_another_module(get.port, made["key"])
    mixed = dict.fromkeys(("X-Token_Id", "X_Token-Id", "X-Token_External-Id", "x-token-external_id"), "forged")
    sent = forged | mixed | {"Authorization": f"ApiKey {made['key']}"}
    underscored = get.http.get("/agreements/headers", headers=sent)
    assert underscored.status_code == 200
    assert "forged" not in underscored.text  # to WSGI and CGI an underscore is a hyphen
    for name in ("X_Original_URI", "X_Forwarded_Uri"):
        assert get("/products", made["key"], **{name: "/agreements/"}).status_code == 403
        assert get("/agreements/", made["key"], **{name: "/products"}).status_code == 200
    inside = empty.json("create", "--name", "B", "--all-modules", "--allow-network", "203.0.113.0/24")
    assert get("/agreements/", inside["key"], X_Forwarded_For="203.0.113.9").status_code == 403


def test_a_connection_header_takes_no_identity_away(empty: Installed, get: Get) -> None:
    """What a client calls hop-by-hop, its proxy drops: all five are there all the same, or the request is refused."""
    made = empty.json("create", "--name", "A", "--module", "agreements", "--external-id", "crm/7")
    whole = get("/agreements/headers", made["key"]).json()
    identity = {name: value for name, value in whole.items() if name.startswith("x-token-")}
    assert len(identity) == 5
    for names in (*identity, ", ".join(identity), "close, X-Token-Id", "X-TOKEN-ID", "X-Token-Id, Upgrade"):
        told = get("/agreements/headers", made["key"], Connection=names)
        assert told.status_code == 200
        assert {name: value for name, value in told.json().items() if name.startswith("x-token-")} == identity, names
    for name in ("Authorization", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-For"):
        answer = get("/products", made["key"], Connection=name)
        assert answer.status_code in (401, 403), name

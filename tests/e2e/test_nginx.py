"""The documented nginx set-up, whole: nginx, `tokentui serve`, an API, and the access log between them."""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.checks import no_trick_reaches_another_module
from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import ROOT, Server, eventually, free_ports, running

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (apt install nginx-light)"),
]


class Chain:
    """nginx with all behind it, and the program beside it."""

    def __init__(self, program: Installed, server: Server, ports: list[int]) -> None:
        self.program, self.server = program, server
        self.port = ports[0]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.gate = f"http://127.0.0.1:{ports[1]}"
        self.api = f"http://127.0.0.1:{ports[2]}"

    def make(self, *arguments: str) -> dict[str, Any]:
        """A new token with its key."""
        made: dict[str, Any] = self.program.json("create", "--name", "Ürün", *arguments)
        return made

    def get(self, path: str, key: str | None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"ApiKey {key}"
        return self.http.get(path, headers=sent)

    def status(self, path: str, key: str | None, **headers: str) -> int:
        return self.get(path, key, **headers).status_code

    def totals(self, *token: str) -> dict[str, int]:
        """The counts of today."""
        totals: dict[str, int] = self.program.json("stats", *token, "--days", "1")["totals"]
        return totals

    @property
    def access_log(self) -> Path:
        """Where nginx writes it, as the set-up says at its start."""
        log_path = re.search(r"its log is (\S+)", self.server.said())
        assert log_path is not None
        return Path(log_path[1])


@pytest.fixture
def chain(empty: Installed, tmp_path: Path) -> Iterator[Chain]:
    program = empty
    ports = free_ports(3)
    names = ("PORT", "GATE_PORT", "API_PORT")
    environment = program.environment | {name: str(port) for name, port in zip(names, ports, strict=True)}
    environment["BIN"] = str(PROGRAM.parent)
    command = [ROOT / "examples/nginx/run"]
    with running(command, environment, tmp_path / "chain.log", ports[0], ports[1], ports[2]) as server:
        yield Chain(program, server, ports)


def test_the_life_of_a_token(chain: Chain) -> None:
    """What the operator does counts from the next request on."""
    made = chain.make("--module", "agreements")
    key, token = made["key"], made["id"]
    assert chain.status("/agreements/", key) == 200
    assert chain.status("/products", key) == 403
    assert chain.status("/agreements/", None) == 401
    for _ in range(5):
        chain.program.run("disable", token)
        assert chain.status("/agreements/", key) == 401
        chain.program.run("enable", token)
        assert chain.status("/agreements/", key) == 200
    fresh = chain.program.json("rotate", token, "--overlap", "3s")["key"]
    assert [chain.status("/agreements/", tried) for tried in (key, fresh)] == [200, 200]
    eventually(lambda: chain.status("/agreements/", key) == 401, "the old secret stops after the overlap")
    assert chain.status("/agreements/", fresh) == 200
    chain.program.run("delete", token, "--yes")
    assert chain.status("/agreements/", fresh) == 401


def test_answers_are_counted(chain: Chain) -> None:
    """The API's own and the gate's 403, within three seconds; what had no valid key counts for nobody."""
    made, other = chain.make("--module", "agreements"), chain.make("--all-modules")
    key, token = made["key"], made["id"]
    paths = ["/agreements/"] * 4 + ["/agreements/moved"] * 3 + ["/agreements/none", "/products", "/agreements/fails"]
    assert [chain.status(path, key) for path in paths] == [200] * 4 + [301] * 3 + [404, 403, 500]
    assert chain.status("/agreements/", made["key"][:-1]) == 401
    assert chain.status("/agreements/", other["key"]) == 200
    wanted = {"2xx": 4, "3xx": 3, "4xx": 2, "5xx": 1}
    eventually(lambda: chain.totals(token) == wanted, "the counts", within=3)
    assert chain.totals(other["id"])["2xx"] == 1
    assert sum(chain.totals().values()) == 11
    seen = chain.program.json("show", token)
    assert (seen["requests_30d"], seen["last_used_at"] is not None) == (10, True)


def test_refusals_keep_their_bodies(chain: Chain) -> None:
    """nginx drops them; the set-up puts them back. One header to a name."""
    made = chain.make("--module", "agreements")
    unknown = chain.get("/agreements/", None)
    assert unknown.json() == {"error_code": "AUTH_001", "errors": ["API request is unauthorized."]}
    assert unknown.headers.get_list("www-authenticate") == ['ApiKey realm="tokentui"']
    products = chain.get("/products", made["key"])
    assert products.json() == {"error_code": "AUTH_003", "errors": ["The token has no permission for Products."]}
    assert "x-token-error" not in products.headers
    nowhere = chain.get("/nowhere", made["key"])
    assert nowhere.json()["errors"] == ["The token has no permission for this path."]
    inside = chain.make("--all-modules", "--allow-network", "203.0.113.0/24")
    outside = chain.get("/agreements/", inside["key"])
    assert outside.json()["errors"] == ["The token may not be used from this address."]


def test_what_no_server_can_read_is_no_outage(chain: Chain) -> None:
    """A control character in a key makes it malformed; in another header it does not reach the gate."""
    key = chain.make("--module", "agreements")["key"].encode()

    def ask(headers: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", chain.port), timeout=30) as connection:
            connection.sendall(b"GET /agreements/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + b"\r\n")
            return connection.recv(65536).split(b" ", 2)[1]

    for wrong in (b"\x1b[31m", b"\x01", b"\x7f", b"\xff", b"ApiKey " + key + b"\x1b"):
        assert ask(b"Authorization: " + wrong + b"\r\n") == b"401"
    assert ask(b"Authorization: ApiKey " + key + b"\r\nAccept: text/html\r\n") == b"200"
    assert ask(b"Authorization: ApiKey " + key + b"\r\nX-Long: " + b"x" * 7_000 + b"\r\n") == b"200"


def test_identity_reaches_the_api_and_forgeries_do_not(chain: Chain) -> None:
    made = chain.make("--module", "agreements", "--module", "usage", "--external-id", "crm/7")
    forged = dict.fromkeys(
        ("X_Token_Id", "X_Token_Name", "X_Token_External_Id", "X_Token_Extension", "X_Token_Modules"), "forged"
    )
    told = chain.get("/agreements/headers", made["key"], **forged).json()
    assert {name: value for name, value in told.items() if name.startswith("x-token-")} == {
        "x-token-id": made["id"],
        "x-token-name": "%C3%9Cr%C3%BCn",
        "x-token-external-id": "crm/7",
        "x-token-extension": "custom",
        "x-token-modules": "agreements,usage",
    }
    assert "authorization" not in told
    bare = chain.make("--all-modules")
    told = chain.get("/agreements/headers", bare["key"], **forged).json()
    assert "x-token-external-id" not in told
    assert "forged" not in str(told)
    # To WSGI and CGI an underscore is a hyphen.
    sent = forged | {"Authorization": f"ApiKey {bare['key']}"}
    assert "forged" not in chain.http.get("/agreements/headers", headers=sent).text


def test_forged_headers_change_nothing(chain: Chain) -> None:
    """Neither the path that is checked, nor the address, nor whom the response is counted to."""
    made, other = chain.make("--module", "agreements"), chain.make("--all-modules")
    inside = chain.make("--all-modules", "--allow-network", "203.0.113.0/24")
    for name in ("X_Original_URI", "X_Forwarded_Uri"):
        assert chain.status("/products", made["key"], **{name: "/agreements/"}) == 403
        assert chain.status("/agreements/", made["key"], **{name: "/products"}) == 200
    assert chain.status("/agreements/", inside["key"], X_Forwarded_For="203.0.113.9", X_Real_IP="203.0.113.9") == 403
    assert chain.status("/agreements/", made["key"], X_Token_Id=other["id"]) == 200
    eventually(lambda: chain.totals(made["id"])["2xx"] == 3, "the counts")
    assert sum(chain.totals(other["id"]).values()) == 0


def test_no_trick_reaches_another_module(chain: Chain) -> None:
    no_trick_reaches_another_module(chain.port, chain.make("--module", "agreements")["key"])


def test_many_at_once_and_the_file_makes_good(chain: Chain) -> None:
    """The counts are exact: what a killed gate had not written comes from the file, what it had does not again."""
    tokens = [chain.make("--all-modules") for _ in range(4)]
    paths = ["/agreements/", "/agreements/moved", "/agreements/none", "/agreements/fails"]
    wanted = [(token, path) for token in tokens for path in paths for _ in range(50)]

    def ask(request: tuple[dict[str, Any], str]) -> int:
        return chain.status(request[1], request[0]["key"])

    with ThreadPoolExecutor(8) as pool:
        answered = Counter(pool.map(ask, wanted))
    assert answered == {200: 200, 301: 200, 404: 200, 500: 200}
    log = chain.access_log
    eventually(lambda: log.read_bytes().count(b"\n") == 800, "the log")
    chain.server.kill()  # within a second of the last answers: not all of them are counted yet
    live = sum(chain.totals().values())
    outcome = chain.program.json("usage", "import", str(log), "--format", "nginx-json")
    assert (outcome["counted"] + live, outcome["known"], outcome["unreadable"]) == (800, live, 0)
    for token in tokens:
        assert chain.totals(token["id"]) == {"2xx": 50, "3xx": 50, "4xx": 50, "5xx": 50}
    assert chain.program.json("usage", "import", str(log))["counted"] == 0
    shutil.rmtree(log.parent)


def test_doctor_goes_the_whole_way(chain: Chain) -> None:
    """From the client's side to the count, and leaves nothing behind; it sees where there is no gate."""
    before = chain.program.json("list")

    def findings(url: str, status: int) -> dict[str, dict[str, Any]]:
        done = chain.program.spawn("doctor", "--json", "--url", url)
        assert done.returncode == status, done.stdout
        return {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}

    well = findings(str(chain.http.base_url), 0)
    assert "answers 401 without a key" in well["api"]["message"]
    assert "answers 404 to a valid key" in well["request"]["message"]
    assert well["counted"]["ok"]
    open_door = findings(chain.api, 1)
    assert (open_door["api"]["ok"], open_door["api"]["remedy"]) == (False, "put the gate in front of it")
    assert chain.program.json("list") == before
    assert [entry["action"] for entry in chain.program.json("audit")][:3] == ["purge", "delete", "create"]


def test_a_gate_that_is_gone_lets_nobody_in(chain: Chain) -> None:
    """The database can't be read: no key opens anything, and the answer says to try again."""
    made = chain.make("--all-modules")
    database = chain.program.database
    assert chain.status("/agreements/", made["key"]) == 200
    assert httpx.get(f"{chain.gate}/healthz").status_code == 200
    database.rename(database.with_suffix(".away"))
    # That a file is gone is seen within 200 ms, not at once as a commit is.
    ends = time.monotonic() + 2
    while (answer := chain.get("/agreements/", made["key"])).status_code == 200 and time.monotonic() < ends:
        time.sleep(0.02)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "AUTH_503")
    assert httpx.get(f"{chain.gate}/healthz").status_code == 503
    database.with_suffix(".away").rename(database)
    assert chain.status("/agreements/", made["key"]) == 200


def test_no_secret_is_written_anywhere(chain: Chain) -> None:
    """Not by nginx, the gate or the API: not when all goes well, nor when a key is wrong."""
    made = chain.make("--module", "agreements")
    for path in ("/agreements/", "/products", "/agreements/fails"):
        chain.get(path, made["key"])
    chain.get("/agreements/", made["key"][:-1] + "x")
    log = chain.access_log.read_text()
    chain.server.stop()
    secret = made["key"].partition(":")[2]
    assert secret[:32] not in log + chain.server.said()


def test_a_connection_header_takes_no_identity_away(chain: Chain) -> None:
    """What a client calls hop-by-hop stays: all five are there."""
    made = chain.make("--module", "agreements", "--external-id", "crm/7")
    whole = chain.get("/agreements/headers", made["key"]).json()
    identity = {name: value for name, value in whole.items() if name.startswith("x-token-")}
    assert len(identity) == 5
    for names in (*identity, ", ".join(identity), "close, X-Token-Id"):
        told = chain.get("/agreements/headers", made["key"], Connection=names).json()
        assert {name: value for name, value in told.items() if name.startswith("x-token-")} == identity

"""`tokentui serve`'s application: what each request is answered."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.factories import FrozenClock, make_token
from tests.gate.helpers import until
from tests.usage.test_recorder import totals
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.gate import Gate
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.refusals import refusal
from tokentui.gate.server.app import Server
from tokentui.records import Action, Issued
from tokentui.tokens import bulk, secrets
from tokentui.tokens.reads import get_token
from tokentui.usage.recorder import Recorder

IDENTITY = ("x-token-id", "x-token-name", "x-token-external-id", "x-token-extension", "x-token-modules")


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, name="Ürün, €", modules=("agreements", "usage"), external_id="a/b 5% é")


@pytest.fixture
def client(context: Context, issued: Issued) -> Iterator[TestClient]:
    # Entered, so that it starts and ends as a server does; the peer is the proxy on this machine.
    with TestClient(Server(Gate.from_context(context), None, Recorder(context)), client=("127.0.0.1", 5000)) as opened:
        yield opened


def key_of(issued: Issued) -> str:
    assert issued.key is not None
    return issued.key.text


def ask(client: TestClient, issued: Issued | str | None, uri: str = "/agreements/", **more: str) -> Response:
    headers = {"X-Original-Method": "GET", "X-Original-URI": uri}
    if issued is not None:
        key = issued if isinstance(issued, str) else key_of(issued)
        headers["Authorization"] = f"ApiKey {key}"
    answer: Response = client.get(
        "/auth", headers=headers | {name.replace("_", "-"): value for name, value in more.items()}
    )
    return answer


def test_a_valid_key_is_let_in(client: TestClient, issued: Issued) -> None:
    answer = ask(client, issued)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-token-id"] == issued.token.label
    assert unquote(answer.headers["x-token-name"]) == "Ürün, €"
    assert answer.headers["x-token-name"].isascii()
    assert unquote(answer.headers["x-token-external-id"]) == "a/b 5% é"
    assert answer.headers["x-token-external-id"].startswith("a/b 5%25 ")
    assert answer.headers["x-token-extension"] == "custom"
    assert answer.headers["x-token-modules"] == "agreements,usage"
    assert answer.headers["cache-control"] == "no-store"


def test_every_identity_header_is_always_there(client: TestClient, context: Context) -> None:
    """Also the empty ones, and nothing of what the client sent."""
    answer = ask(client, make_token(context), X_Token_External_Id="forged", X_Token_Modules="forged")
    assert [name for name in answer.headers if name.startswith("x-token-")] == list(IDENTITY)
    assert answer.headers["x-token-external-id"] == ""
    assert answer.headers["x-token-modules"] == "*"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_any_method(client: TestClient, issued: Issued, method: str) -> None:
    headers = {"Authorization": f"ApiKey {key_of(issued)}", "X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/usage/"}
    assert client.request(method, "/auth", headers=headers).status_code == 200


def test_all_401_are_the_same_bytes(client: TestClient, context: Context, clock: FrozenClock) -> None:
    """Whatever the reason: headers and body."""
    disabled, deleted, rotated = (make_token(context, name) for name in ("a", "b", "c"))
    expired = make_token(context, days=1)
    bulk.apply(context, Action.DISABLE, [disabled.token.id])
    bulk.apply(context, Action.DELETE, [deleted.token.id])
    secrets.rotate_token(context, rotated.token.id)
    clock.move(days=2)
    wrong = new_key(disabled.token.id).text
    checksum = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    keys = (None, "", "x", checksum, new_key(7).text, wrong, disabled, deleted, rotated, expired)
    answers = [ask(client, key) for key in keys]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.content, tuple(answer.headers.raw)) for answer in answers}) == 1
    assert answers[0].json() == {"error_code": "AUTH_001", "errors": ["API request is unauthorized."]}
    assert answers[0].headers["www-authenticate"] == 'ApiKey realm="tokentui"'


def test_a_missing_permission_names_the_module(client: TestClient, issued: Issued) -> None:
    """And the token, so that the access log counts it; 403 without a name where no module covers the path."""
    answer = ask(client, issued, "/products")
    assert answer.status_code == 403
    assert answer.json()["error_code"] == "AUTH_003"
    assert "Products" in answer.json()["errors"][0]
    assert answer.headers["x-token-id"] == issued.token.label
    nowhere = ask(client, issued, "/nowhere")
    assert (nowhere.status_code, nowhere.json()["error_code"]) == (403, "AUTH_003")
    for refused in (answer, nowhere):
        assert json.loads(f'"{refused.headers["x-token-error"]}"') == refused.json()["errors"][0]


def test_the_error_in_a_header_is_the_inside_of_a_json_string(context: Context, issued: Issued) -> None:
    """Whatever a module is called."""
    name = 'Ü "quoted" \\ \r\nX-Token-Id: forged €'
    answer = Server(Gate.from_context(context))._refusal_answer(refusal(Decision(Reason.MODULE, None, name)))
    told = dict(answer.headers)[b"x-token-error"].decode("ascii")
    assert "\n" not in told
    assert name in json.loads(f'"{told}"')
    assert json.loads(f'"{told}"') == json.loads(answer.body)["errors"][0]


@pytest.mark.parametrize(
    "uri",
    [
        "/agreements/../products", "/agreements/%2e%2e/products", "/agreements%2f..%2fproducts", "//products",
        "/./products", "/products;a=/agreements", "/products?/agreements", "http://api/products", "/PRODUCTS",
        "/products/", "/agreements/..;/products", "/agreements/%252e%252e/products", "/agreements\\..\\products", "",
    ],
)  # fmt: skip
def test_no_trick_reaches_another_module(client: TestClient, issued: Issued, uri: str) -> None:
    assert ask(client, issued, uri).status_code == 403


def test_pairs_that_differ_are_refused(client: TestClient, issued: Issued) -> None:
    answer = ask(client, issued, X_Forwarded_Uri="/products")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "AUTH_003")
    assert ask(client, issued, X_Forwarded_Uri="/agreements/", X_Forwarded_Method="GET").status_code == 200
    assert ask(client, issued, "/products", X_Forwarded_Uri="/agreements/").status_code == 403


def test_a_proxy_that_tells_no_path(client: TestClient, issued: Issued) -> None:
    key = {"Authorization": f"ApiKey {key_of(issued)}"}
    assert client.get("/auth", headers=key).status_code == 403
    assert client.get("/auth").status_code == 401


@pytest.mark.parametrize(("proxy", "status"), [("nginx", 200), ("forwarded", 403)])
def test_the_setting_names_the_one_pair_of_headers_that_is_read(
    context: Context, issued: Issued, proxy: str, status: int
) -> None:
    context.settings = replace(context.settings, proxy=proxy)
    client = TestClient(Server(Gate.from_context(context)))
    assert ask(client, issued, X_Forwarded_Uri="/products").status_code == status


def test_networks_by_the_address_that_the_proxy_tells(client: TestClient, context: Context) -> None:
    issued = make_token(context, networks=("203.0.113.0/24",))
    assert ask(client, issued, X_Forwarded_For="203.0.113.9").status_code == 200
    assert ask(client, issued, X_Forwarded_For="203.0.113.9, 198.51.100.1").status_code == 403
    assert ask(client, issued).status_code == 403
    stranger = TestClient(Server(Gate.from_context(context)), client=("198.51.100.1", 5000))
    assert ask(stranger, issued, X_Forwarded_For="203.0.113.9").status_code == 403


def test_the_next_request_after_a_change(client: TestClient, context: Context, issued: Issued) -> None:
    assert ask(client, issued).status_code == 200
    bulk.apply(context, Action.DISABLE, [issued.token.id])
    assert ask(client, issued).status_code == 401
    bulk.apply(context, Action.ENABLE, [issued.token.id])
    assert ask(client, issued).status_code == 200
    fresh = secrets.rotate_token(context, issued.token.id, overlap=timedelta(hours=1))
    assert [ask(client, key).status_code for key in (issued, fresh)] == [200, 200]
    secrets.rotate_token(context, issued.token.id)
    assert [ask(client, key).status_code for key in (issued, fresh)] == [401, 401]


def test_the_last_use_is_noted_and_nothing_counted(context: Context, issued: Issued, clock: FrozenClock) -> None:
    """It sees no responses: the access log counts them. It writes at its end what it had noted."""
    with TestClient(Server(Gate.from_context(context), None, Recorder(context)), client=("127.0.0.1", 1)) as client:
        ask(client, issued, X_Forwarded_For="203.0.113.9")
        ask(client, issued, "/products", X_Forwarded_For="203.0.113.77")
    token = get_token(context, issued.token.id)
    assert token.last_used_at == clock.moment
    assert token.last_used_from == "203.0.113.9"
    assert totals(context) == {}


def test_read_only_writes_nothing(open_as: Callable[..., Context], issued: Issued) -> None:
    context = open_as(read_only=True)
    with TestClient(Server(Gate.from_context(context))) as client:
        assert ask(client, issued).status_code == 200
    assert get_token(context, issued.token.id).last_used_at is None


def test_health(client: TestClient, context: Context) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert context.database.path is not None
    context.database.path.rename(context.database.path.with_suffix(".away"))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "can't be read" in answer.json()["reason"]


def test_a_database_that_is_gone_lets_nobody_in(client: TestClient, context: Context, issued: Issued) -> None:
    assert ask(client, issued).status_code == 200
    assert context.database.path is not None
    context.database.path.rename(context.database.path.with_suffix(".away"))
    until(lambda: ask(client, issued).status_code == 503, time.monotonic())
    assert ask(client, issued).json()["error_code"] == "AUTH_503"


def test_metrics(client: TestClient, issued: Issued) -> None:
    """Prometheus text; no name, ID or secret in it."""
    ask(client, issued)
    ask(client, None)
    ask(client, issued, "/products")
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    for line in (
        'tokentui_auth_requests_total{reason="valid"} 1.0',
        'tokentui_auth_requests_total{reason="malformed"} 1.0',
        'tokentui_auth_requests_total{reason="module"} 1.0',
        "tokentui_auth_seconds_count 3.0",
        'tokentui_tokens{status="active"} 1.0',
    ):
        assert line in lines
    assert issued.token.label not in answer.text
    assert key_of(issued)[-40:] not in answer.text


@pytest.mark.parametrize("path", ["/", "/auth/", "/auth/x", "/AUTH", "/metrics/x"])
def test_nothing_else_is_there(client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code in (404, 307)


def test_a_row_that_cannot_be_read(
    client: TestClient, context: Context, issued: Issued, caplog: pytest.LogCaptureFixture
) -> None:
    """503 for that token alone, and the log names it, once in a while."""
    other = make_token(context)
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("UPDATE tokens SET networks = 'nonsense' WHERE id = ?", (issued.token.id,))
    for _ in range(3):
        answer = ask(client, issued)
        assert (answer.status_code, answer.json()["error_code"]) == (503, "AUTH_503")
    assert ask(client, other).status_code == 200
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("tokentui.gate")]
    assert issued.token.label in line
    assert "damaged" in line


@pytest.mark.parametrize("length", [9_000, 128_000])
def test_a_target_that_is_too_long(client: TestClient, issued: Issued, length: int) -> None:
    """403, which every proxy passes on; without a look at the key."""
    for key in (issued, None):
        answer = ask(client, key, "/agreements" + "/a" * (length // 2))
        assert (answer.status_code, answer.json()["error_code"]) == (403, "AUTH_003")
        assert "longer" in answer.json()["errors"][0]


def test_networks_by_rfc_7239(client: TestClient, context: Context) -> None:
    issued = make_token(context, networks=("203.0.113.0/24",))
    assert ask(client, issued, X_Forwarded_For="203.0.113.9:54321").status_code == 200
    assert ask(client, issued, Forwarded='for="203.0.113.9:54321";proto=https').status_code == 200
    assert ask(client, issued, Forwarded="for=198.51.100.1").status_code == 403
    assert ask(client, issued, Forwarded="for=203.0.113.9", X_Forwarded_For="198.51.100.1").status_code == 403

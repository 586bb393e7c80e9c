"""`POST /leaks`: signed alerts disable the tokens of published keys; nothing else does."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.factories import make_token
from tokentui import audit
from tokentui.context import Context
from tokentui.crypto.key_format import new_id, new_key
from tokentui.errors import SettingsError
from tokentui.gate import Gate
from tokentui.gate.server import leak_alerts
from tokentui.gate.server.app import Server
from tokentui.records import Issued, Status
from tokentui.tokens.reads import get_token

URL = "https://github.com/octocat/hello/blob/1234/config.py"
SIGNER = ec.generate_private_key(ec.SECP256R1())


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def configured(context: Context, folder: Path, action: str = "disable") -> Context:
    """The context that takes alerts which `SIGNER` signs."""
    context.vault()
    file = folder / "public_keys.json"
    file.write_text(json.dumps({"public_keys": [{"key_identifier": "one", "key": pem(SIGNER), "is_current": True}]}))
    settings = dataclasses.replace(context.settings, leaks_keys=str(file), leaks_action=action)
    return dataclasses.replace(context, settings=settings)


@pytest.fixture
def client(context: Context, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(Server(Gate.from_context(configured(context, tmp_path)))) as opened:
        yield opened


def alert(token: str) -> dict[str, str]:
    return {"token": token, "type": "tokentui_api_key", "url": URL, "source": "content"}


def post(
    client: TestClient,
    content: Any,
    *,
    signer: ec.EllipticCurvePrivateKey = SIGNER,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signature = base64.b64encode(signer.sign(body, ec.ECDSA(SHA256()))).decode()
    signed = {"Github-Public-Key-Identifier": "one", "Github-Public-Key-Signature": signature}
    answer: Response = client.post("/leaks", content=body, headers={**signed, **headers})
    return answer


def key_of(issued: Issued) -> str:
    assert issued.key is not None
    return issued.key.text


def test_the_token_of_a_published_key_is_disabled(client: TestClient, context: Context) -> None:
    """And the audit says where its key was seen; the answer says which were real, by their hashes."""
    leaked, other = make_token(context, "Leaked"), make_token(context)
    answer = post(client, [alert(key_of(leaked)), alert("SU-000-000-000:" + "0" * 40), alert(new_key(new_id()).text)])
    assert answer.status_code == 200
    labels = [item["label"] for item in answer.json()]
    assert labels == ["true_positive", "false_positive", "false_positive"]
    assert answer.json()[0]["token_hash"] == hashlib.sha256(key_of(leaked).encode()).hexdigest()
    assert key_of(leaked) not in answer.text
    assert get_token(context, leaked.token.id).status is Status.DISABLED
    assert get_token(context, other.token.id).status is Status.ACTIVE
    disabled, seen = audit.entries(context, leaked.token.id, limit=2)
    assert (disabled.action, disabled.origin) == ("disable", "leak alert")
    assert (seen.action, seen.changes["seen_at"]) == ("leak", (None, URL))
    assert key_of(leaked) not in str(audit.entries(context))


def test_sent_again_it_changes_nothing(client: TestClient, context: Context) -> None:
    leaked = make_token(context)
    first = post(client, [alert(key_of(leaked))] * 2)
    entries = audit.entries(context)
    assert post(client, [alert(key_of(leaked))] * 2).json() == first.json()
    assert audit.entries(context) == entries


def test_a_token_limited_to_a_network_is_disabled_too(client: TestClient, context: Context) -> None:
    leaked = make_token(context, networks=("203.0.113.0/24",))
    assert post(client, [alert(key_of(leaked))]).json()[0]["label"] == "true_positive"
    assert get_token(context, leaked.token.id).status is Status.DISABLED


def test_it_can_be_recorded_alone(context: Context, tmp_path: Path) -> None:
    leaked = make_token(context)
    with TestClient(Server(Gate.from_context(configured(context, tmp_path, "record")))) as client:
        assert post(client, [alert(key_of(leaked))]).status_code == 200
    assert get_token(context, leaked.token.id).status is Status.ACTIVE
    assert audit.entries(context)[0].action == "leak"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Github-Public-Key-Identifier": "two"}, "leaks_keys does not hold"),
        ({"Github-Public-Key-Identifier": ""}, "leaks_keys does not hold"),
        ({"Github-Public-Key-Signature": ""}, "signature does not fit"),
        ({"Github-Public-Key-Signature": "not base64"}, "signature does not fit"),
        ({"Github-Public-Key-Signature": base64.b64encode(b"0" * 70).decode()}, "signature does not fit"),
    ],
)
def test_what_is_not_signed_is_refused(
    client: TestClient, context: Context, headers: dict[str, str], said: str
) -> None:
    leaked = make_token(context)
    answer = post(client, [alert(key_of(leaked))], headers=headers)
    assert (answer.status_code, said in answer.json()["error"]) == (400, True)
    assert get_token(context, leaked.token.id).status is Status.ACTIVE


def test_what_another_signed_is_refused(client: TestClient) -> None:
    assert post(client, [], signer=ec.generate_private_key(ec.SECP256R1())).status_code == 400
    assert post(client, [], signer=SIGNER).json() == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{}", b"[1]", b"[" * 100_000, [{"type": "x"}], [{"token": 1}], [alert("x")] * 1001],
    ids=lambda content: str(content)[:20],
)
def test_what_is_no_list_of_alerts_is_refused(client: TestClient, content: Any) -> None:
    assert post(client, content).status_code == 400


def test_a_body_that_is_too_large(client: TestClient) -> None:
    assert post(client, b" " * (leak_alerts.MAX_BODY + 1)).status_code == 413


JSON = st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode())


@given(body=st.binary(max_size=200) | JSON)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(leak_alerts.BadAlert):
        assert isinstance(leak_alerts.read_alerts(body), tuple)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"public_keys": [{}]}', '{"public_keys": 1}', "[" * 5000])
def test_a_file_without_keys(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match="holds no public keys"):
        leak_alerts.public_keys(str(file))
    with pytest.raises(SettingsError, match="can't be read"):
        leak_alerts.public_keys(str(tmp_path / "none"))


def test_a_key_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys = {"one": pem(ed25519.Ed25519PrivateKey.generate()), "two": "x"}
    listed = [{"key_identifier": identifier, "key": key} for identifier, key in keys.items()]
    file.write_text(json.dumps({"public_keys": listed}))
    for identifier in keys:
        with pytest.raises(leak_alerts.BadAlert):
            leak_alerts.check_signature(str(file), identifier, "", b"")


def test_it_is_off_unless_configured(context: Context) -> None:
    context.vault()
    with TestClient(Server(Gate.from_context(context))) as client:
        assert post(client, []).status_code == 404

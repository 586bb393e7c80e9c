"""Keys of other systems at the gate: let in as they come, by a digest that is theirs alone, and refused at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import FrozenClock
from tests.imports.helpers import import_lines
from tokentui.context import Context
from tokentui.crypto.key_format import format_id, new_key
from tokentui.crypto.vault import Vault, Verifier, new_master_key
from tokentui.errors import DatabaseError
from tokentui.gate import Gate
from tokentui.gate.asgi import Message, Receive, Scope, Send
from tokentui.gate.asgi import TokenMiddleware as AsgiMiddleware
from tokentui.gate.server.app import Server
from tokentui.gate.wsgi import TokenMiddleware
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.models import KeyForm, Secret
from tokentui.operations.master_key_rotation import rotate
from tokentui.records import Action
from tokentui.tokens import bulk
from tokentui.tokens.secrets import rotate_token
from tokentui.usage.recorder import Recorder

KEYS = ["k", "sk_live_51Habc", "with two spaces", "pässwörd ✓", "x" * 512, "a=b:c/d+e==", "SU-1:short", "Bearer"]
OTHER = "an old key that only its digest is known of"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def imported(context: Context) -> Context:
    """Every key of `KEYS`, and `OTHER` by its SHA-256, each of a token that has its name."""
    lines = [{"name": f"Token {key}"[:100], "key": key, "permissions": ["usage"]} for key in KEYS]
    assert not import_lines(context, *lines, {"name": OTHER, "sha256": sha256(OTHER), "permissions": "*"})
    return context


def stored(context: Context) -> dict[int, list[bytes]]:
    """The digests by the form of the key."""
    digests: dict[int, list[bytes]] = {}
    with context.database.read() as session:
        for form, digest in session.execute(select(Secret.form, Secret.digest)):
            digests.setdefault(form, []).append(digest)
    return digests


def test_any_format_is_let_in_under_any_scheme(imported: Context) -> None:
    """As it is found in the cache too; nothing that only looks like it is."""
    gate = Gate.from_context(imported)
    for key in (*KEYS, OTHER):
        for header in (f"ApiKey {key}", f"Bearer {key}", f"token   {key}", key):
            decisions = [gate.decide(header.encode(), "/usage", None) for _ in range(2)]
            assert [decision.reason for decision in decisions] == ["valid", "valid"], header
            token = decisions[0].token
            assert token is not None
            assert key[:90] in token.name
        for wrong in (f"{key}x", key[:-1], f"{key} x", sha256(key)):
            if wrong and wrong not in KEYS:
                assert gate.decide(f"ApiKey {wrong}".encode(), None, None).status == 401, wrong
    assert gate.verify(f"ApiKey {KEYS[1]}", path="/products").reason == "module"
    assert gate.verify("").reason == gate.verify("ApiKey ").reason == gate.verify(None).reason == "malformed"
    assert gate.verify(f"ApiKey {new_key(1).text}").reason == "unknown"


def test_a_change_counts_at_the_next_request(imported: Context, clock: FrozenClock) -> None:
    gate, header = Gate.from_context(imported), f"Bearer {KEYS[1]}"
    assert gate.verify(header).allowed
    (token,) = [token for token in pages.page(imported, ListSpec()) if token.name == f"Token {KEYS[1]}"]
    for action, reason in ((Action.DISABLE, "disabled"), (Action.ENABLE, "valid"), (Action.DELETE, "deleted")):
        bulk.apply(imported, action, [token.id])
        assert gate.verify(header).reason == reason
    bulk.apply(imported, Action.RESTORE, [token.id])
    rotated = rotate_token(imported, token.id, overlap=timedelta(hours=1))
    assert rotated.key is not None
    assert gate.verify(header).allowed
    assert gate.verify(f"ApiKey {rotated.key.text}").allowed
    clock.move(hours=1)
    assert gate.verify(header).status == 401
    clock.move(days=40)
    assert gate.verify(f"Bearer {KEYS[0]}").reason == "expired"


def test_the_first_import_is_seen_by_a_gate_that_runs(context: Context) -> None:
    """Within 100 ms: until then garbage costs no look into the database."""
    gate, now = Gate.from_context(context) if context.vault() else None, [0.0]
    assert gate is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tokentui.gate.gate.monotonic", lambda: now[0])
        assert gate.verify("Bearer old-key").reason == "malformed"
        import_lines(context, {"name": "A", "key": "old-key", "permissions": "*"})
        now[0] = 0.101
        assert gate.verify("Bearer old-key").allowed
        bulk.apply(context, Action.DELETE, [pages.page(context, ListSpec())[0].id])
        assert gate.verify("Bearer old-key").reason == "deleted"


def test_a_key_by_its_digest_gets_its_own_digest_at_its_first_use(imported: Context) -> None:
    """Written by the recorder, once; it is let in before and after, and by its SHA-256 never."""
    gate = Gate.from_context(imported)
    recorder = Recorder(imported, interval=3600, better_digests=gate.better_digests)
    verifier = Verifier(imported.vault().verify_key)
    kept, better = verifier.digest_of_sha256(hashlib.sha256(OTHER.encode()).digest()), verifier.digest(OTHER)
    assert stored(imported)[KeyForm.IMPORTED_SHA256] == [kept]
    decision = gate.verify(f"Bearer {OTHER}")
    assert decision.token is not None
    recorder.count(decision.token, 200)
    assert recorder.flush()
    recorder.close()
    digests = stored(imported)
    assert KeyForm.IMPORTED_SHA256 not in digests
    assert better in digests[KeyForm.IMPORTED]
    assert gate.verify(f"Bearer {OTHER}").allowed
    assert not gate.better_digests.take()


def test_a_key_of_our_own_format_is_found_by_its_digest_and_then_by_its_id(context: Context) -> None:
    """With its ID, and as well without."""
    context.vault()
    own, other = new_key(631_646_036), new_key(5)
    assert not import_lines(
        context,
        {"name": "Own", "id": format_id(own.token_id), "sha256": sha256(own.text), "permissions": "*"},
        {"name": "Other", "id": "SU-000-000-009", "sha256": sha256(other.text), "permissions": "*"},
    )
    gate = Gate.from_context(context)
    for key in (own, other):
        assert gate.verify(f"ApiKey {key.text}").allowed
        assert gate.verify(f"ApiKey {new_key(key.token_id).text}").status == 401
    recorder = Recorder(context, interval=3600, better_digests=gate.better_digests)
    recorder.flush()
    recorder.close()
    assert {form: len(digests) for form, digests in stored(context).items()} == {KeyForm.OWN: 1, KeyForm.IMPORTED: 1}
    assert [gate.verify(f"ApiKey {key.text}").allowed for key in (own, other)] == [True, True]


def test_a_new_master_key_refuses_none_of_them(imported: Context) -> None:
    """Those in clear are sealed anew; one by its digest is let in by the key before, and gets its own at its use."""
    gate = Gate.from_context(imported)
    rotate(imported)
    for key in (*KEYS, OTHER):
        assert [which.verify(f"Bearer {key}").reason for which in (gate, Gate.from_context(imported))] == ["valid"] * 2
    recorder = Recorder(imported, interval=3600, better_digests=gate.better_digests)
    recorder.flush()
    recorder.close()
    assert imported.vault().digest(OTHER) in stored(imported)[KeyForm.IMPORTED]
    assert gate.verify(f"Bearer {OTHER}").allowed
    (bad,) = import_lines(imported, {"name": "Again", "key": OTHER, "permissions": "*"})
    assert "the key is that of SU-" in bad.reason


def test_from_the_database_alone_nothing_authenticates(imported: Context) -> None:
    """Nothing that stands there is let in, and a guess at a key can't be checked without the verify key."""
    gate = Gate.from_context(imported)
    with imported.database.read() as session:
        values = [value for row in session.execute(select(Secret.digest, Secret.sealed)) for value in row if value]
    values += [b"\x00sha256\x00" + hashlib.sha256(key.encode()).digest() for key in (*KEYS, OTHER)]
    for value in values:
        for header in (value, value.hex().encode(), b"ApiKey " + value, b"Bearer " + value.hex().encode()):
            assert gate.decide(header, None, None).status == 401
    guesses = {digest for key in (*KEYS, OTHER) for digest in _digests_without_the_key(key)}
    assert not guesses & set(values)
    for key in (*KEYS, OTHER):
        assert not any(key.encode() in value for value in values if len(key) > 4)


def _digests_without_the_key(key: str) -> list[bytes]:
    plain = hashlib.sha256(key.encode()).digest()
    stranger = Vault(new_master_key())
    return [plain, hashlib.sha256(plain).digest(), *stranger.digests(key)]


def test_where_the_database_is_away_garbage_is_refused_and_a_known_kind_is_not(
    imported: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client whose key can't be looked up must not be told that it is wrong."""
    fresh, used = Gate.from_context(imported), Gate.from_context(imported)
    assert used.verify(f"Bearer {KEYS[0]}").allowed

    def away() -> None:
        raise DatabaseError("away")

    for gate in (fresh, used):
        monkeypatch.setattr(gate._pool, "borrow", away)
    assert fresh.verify("Bearer nothing").status == 401
    with pytest.raises(DatabaseError):
        used.verify(f"Bearer {KEYS[1]}")


async def test_over_asgi_and_auth(imported: Context) -> None:
    """As the scope and the headers have it."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    gate = Gate.from_context(imported)
    middleware, server = AsgiMiddleware(app, gate), Server(gate, None, None)
    for key, status in (("pässwörd ✓", 204), (OTHER, 204), (f"{OTHER}x", 401)):
        headers = [(b"authorization", f"Bearer {key}".encode())]
        scope = {"type": "http", "path": "/usage", "raw_path": b"/usage", "headers": headers, "method": "GET"}
        sent.clear()
        await middleware(scope, receive, send)
        assert sent[0]["status"] == status
        headers += [(b"x-original-method", b"GET"), (b"x-original-uri", b"/usage")]
        answer = server.answer(headers, ("127.0.0.1", 1))
        assert answer.status == (200 if status == 204 else 401)
    middleware.recorder.close()


def test_through_wsgi_each_byte_comes_as_it_was_sent(imported: Context) -> None:
    """Which stands in an environ as Latin-1 (PEP 3333)."""
    statuses: list[str] = []

    def app(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        start_response("204 No Content", [])
        return []

    def start_response(status: str, headers: object, error: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda data: None

    middleware = TokenMiddleware(app, Gate.from_context(imported))
    for key in ("pässwörd ✓", "pässwörd ✗"):
        environ = {"PATH_INFO": "/usage", "REQUEST_METHOD": "GET",
                   "HTTP_AUTHORIZATION": f"Bearer {key}".encode().decode("latin-1")}  # fmt: skip
        list(middleware(environ, start_response))
    middleware.recorder.close()
    assert [status[:3] for status in statuses] == ["204", "401"]

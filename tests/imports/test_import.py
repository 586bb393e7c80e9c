"""What an import makes of lines: tokens as they are described, or a reason without a word of the key."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_token
from tests.imports.helpers import import_lines, stream_of
from tokentui import audit, catalog, imports
from tokentui.audit.check import check as check_audit
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.database.database import open_database
from tokentui.errors import Conflict, WrongState
from tokentui.imports import Stage
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.models import AuditEntry, Secret, Token
from tokentui.operations import check
from tokentui.records import Action, TokenRecord
from tokentui.tokens import bulk, export, find_key, reads, secrets

KEY = "sk_live_51HabcdefghijklmnoP"
SHA256 = hashlib.sha256(b"another old key").hexdigest()
ALL: dict[str, Any] = {"permissions": "*"}


def only(context: Context) -> TokenRecord:
    (token,) = pages.page(context, ListSpec(include_deleted=True))
    return token


def test_a_line_becomes_the_token_that_it_describes(context: Context, clock: FrozenClock) -> None:
    """Checked and cleaned as where one is made, sealed, and in the audit, which is whole."""
    line = {"name": "  Billing ", "key": KEY, "owner": "Ops", "permissions": ["usage", "helpdesk"], "external_id": "E",
            "networks": ["203.0.113.7/24"], "expires_at": "90d", "created_at": "2020-02-03T04:05:06Z"}  # fmt: skip
    assert not import_lines(context, line)
    token = only(context)
    assert (token.name, token.owner, token.external_id) == ("Billing", "Ops", "E")
    assert (token.modules, token.networks) == (("helpdesk", "usage"), ("203.0.113.0/24",))
    assert token.expires_at == clock() + timedelta(days=90)
    assert (token.created_at.year, token.created_by) == (2020, "alice@10.0.0.5")
    (revealed,) = secrets.reveal_keys(context, token.id)
    assert (revealed.key.text, revealed.key.header) == (KEY, f"Authorization: ApiKey {KEY}")
    assert KEY not in repr(revealed)
    entries = audit.entries(context, token.id)
    assert [entry.action for entry in entries] == ["reveal", "import"]
    assert KEY not in str(entries)
    assert not check_audit(context, None).tampering
    assert all(finding.ok for finding in check.check(context))


def test_defaults_are_those_of_a_new_token(context: Context, clock: FrozenClock) -> None:
    """And what has no key can't be shown, nor what is known by a digest; both can be rotated."""
    assert not import_lines(context, {"name": "A", **ALL}, {"name": "B", "sha256": SHA256.upper(), **ALL})
    for token in pages.page(context, ListSpec()):
        assert (token.extension_slug, token.all_modules) == ("custom", True)
        assert token.expires_at == clock() + timedelta(days=30)
        assert not any(secret.can_show for secret in reads.list_secrets(context, token.id))
        with pytest.raises(WrongState, match="can't be shown"):
            secrets.reveal_keys(context, token.id)
        assert secrets.rotate_token(context, token.id).key is not None


def test_a_key_of_our_own_keeps_its_id(context: Context) -> None:
    key = new_key(631_646_036)
    bad = import_lines(context, {"name": "Ours", "key": key.text, "id": "SU-000-000-001"}, {"name": "x", "id": 1})
    assert [line.reason for line in bad] == ["the id is not the one in the key", "id is no text"]
    assert not import_lines(context, {"name": "Ours", "key": key.text, **ALL})
    assert only(context).id == key.token_id
    assert secrets.reveal_keys(context, key.token_id)[0].key == key


def test_a_byte_order_mark_is_passed_over(context: Context) -> None:
    assert not import_lines(context, b"\xef\xbb\xbf" + json.dumps({"name": "Ours", **ALL}).encode())
    assert only(context).name == "Ours"


WRONG: list[tuple[dict[str, Any] | str | bytes, str]] = [
    (b"\xff{}", "not UTF-8"),
    ("{,", "not JSON, from character 2"),
    ("[]", "not an object"),
    ("null", "not an object"),
    ("[" * 60_000, "not JSON"),
    (b" " * 70_000 + b"x", "longer than 64 KiB"),
    ('{"name": ' + "9" * 9_999 + "}", "JSON"),
    ({"extension": "zapier"}, "a name is needed"),
    ({"name": "x"}, "choose at least one module"),
    ({"name": "x\x1b", **ALL}, "can't be shown"),
    ({"name": "x" * 129, **ALL}, "129 characters"),
    ({"name": "x", "modules": []}, "a field that no token has"),
    ({"nam": "x"}, "did you mean name?"),
    ({"name": "x", "key": KEY, "sha256": SHA256, **ALL}, "not both"),
    ({"name": "x", "key": "", **ALL}, "1 to 512"),
    ({"name": "x", "key": "k" * 513, **ALL}, "this one has 513"),
    ({"name": "x", "key": "a\tb", **ALL}, "can't be shown"),
    ({"name": "x", "key": " ab", **ALL}, "begins or ends with a space"),
    ({"name": "x", "key": 7, **ALL}, "no text"),
    ({"name": "x", "key": f"SU-000-000-001:{'0' * 40}", **ALL}, "mistyped or cut"),
    ({"name": "x", "sha256": "abc", **ALL}, "64 hex digits"),
    ({"name": "x", "sha256": f" {SHA256}", **ALL}, "64 hex"),
    ({"name": "x", "extension": "nosuch"}, "there is no extension 'nosuch'"),
    ({"name": "x", "extension": 1}, "no text"),
    ({"name": "x", "permissions": ["nosuch"]}, "there is no module"),
    ({"name": "x", "permissions": 1}, "are not like"),
    ({"name": "x", "extension": "zapier", "permissions": ["usage"]}, "permissions of its own"),
    ({"name": "x", "networks": ["10.0.0.300"], **ALL}, "not a network"),
    ({"name": "x", "networks": "1", **ALL}, "list"),
    ({"name": "x", "expires_at": "2020-01-01", **ALL}, "in the past"),
    ({"name": "x", "expires_at": 1, **ALL}, "no text"),
    ({"name": "x", "created_at": "2999-01-01T00:00:00Z", **ALL}, "in the future"),
    ({"name": "x", "created_at": "yesterday", **ALL}, "not a moment"),
    ({"name": "x", "status": "odd", **ALL}, "none of"),
    ({"name": "x", "created_by": "a\nb", **ALL}, "no line"),
    ({"name": "x", "damaged": ["name"], **ALL}, "damaged"),
]  # fmt: skip


def test_each_bad_line_is_told_by_its_number_and_none_is_written(context: Context) -> None:
    """The good ones among them are; an empty line counts, and is no token."""
    lines: list[dict[str, Any] | str | bytes] = ["", *(line for line, _ in WRONG), {"name": "Good", **ALL}]
    bad = import_lines(context, *lines)
    assert [line.number for line in bad] == list(range(2, 2 + len(WRONG)))
    assert not [(line, said) for line, (_, said) in zip(bad, WRONG, strict=True) if said not in line.reason]
    assert only(context).name == "Good"


def test_a_reason_never_repeats_a_key(context: Context) -> None:
    """Also where it was put into another field."""
    own = new_key(5).text
    for key in (KEY, own, SHA256):
        for field, value in (("extension", key), ("permissions", [key]), ("networks", [key]), ("expires_at", key),
                             ("id", key), ("status", key), (key, "x")):  # fmt: skip
            name = "sha256" if key == SHA256 else "key"
            (bad,) = import_lines(context, {"name": "x", name: key, **ALL, field: value})
            assert key[:20] not in bad.reason, field
    (bad,) = import_lines(context, f'{{"name": "x", "key": "{KEY}"')
    assert KEY not in bad.reason


def test_duplicates_name_the_line_or_the_token(context: Context) -> None:
    """A key by its digest is the same as the key itself; so is one that is here already."""
    here = make_token(context)
    assert here.key is not None
    digest_of_key = hashlib.sha256(KEY.encode()).hexdigest()
    bad = import_lines(
        context,
        {"name": "A", "key": KEY, **ALL},
        {"name": "B", "key": KEY, **ALL},
        {"name": "C", "sha256": digest_of_key, **ALL},
        {"name": "D", "key": here.key.text, **ALL},
        {"name": "E", "id": here.token.label, **ALL},
        {"name": "F", "id": "SU-000-000-001", **ALL},
        {"name": "G", "id": "SU-000-000-001", **ALL},
    )
    assert [(line.number, line.reason) for line in bad] == [
        (2, "the key is that of line 1 too"),
        (3, "the key is that of line 1 too"),
        (4, f"the id {here.token.label} is that of a token that is here already"),
        (5, f"the id {here.token.label} is that of a token that is here already"),
        (7, "the id SU-000-000-001 is that of line 6 too"),
    ]
    (bad_line,) = import_lines(context, {"name": "H", "key": KEY, **ALL})
    assert "the key is that of SU-" in bad_line.reason


def test_a_dry_run_writes_nothing(open_as: Callable[..., Context], tmp_path: Path, context: Context) -> None:
    """No master key either."""
    assert not import_lines(context, {"name": "A", "key": KEY, **ALL}, dry_run=True)
    with context.database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Token, Secret, AuditEntry)]
    assert counts == [0, 0, 0]
    assert not context.belongs_to_master_key()


def test_what_was_taken_meanwhile_is_a_conflict_and_nothing_is_written(context: Context) -> None:
    with Stage() as stage:
        lines = stream_of({"name": "A", "key": "an-older-key-of-ours", **ALL}, {"name": "B", "key": KEY, **ALL})
        imports.prepare(context, lines, stage, tell=lambda bad: None)
        assert not import_lines(context, {"name": "First", "key": KEY, **ALL})
        with pytest.raises(Conflict, match="run it again"):
            imports.load(context, stage)
    assert only(context).name == "First"


def test_the_policy_is_held(context: Context) -> None:
    context.settings = replace(
        context.settings, require_owner=True, max_lifetime=timedelta(days=60), forbid_all_modules=True
    )
    bad = import_lines(
        context,
        {"name": "A", **ALL},
        {"name": "B", "owner": "Ops", **ALL},
        {"name": "C", "owner": "Ops", "permissions": ["usage"], "expires_at": None},
        {"name": "D", "owner": "Ops", "permissions": ["usage"]},
    )
    assert [line.reason.rpartition("(")[2] for line in bad] == [
        "require_owner)", "forbid_all_modules)", "max_lifetime)"
    ]  # fmt: skip


@pytest.mark.sqlite
def test_export_and_import_give_the_same_tokens(context: Context, clock: FrozenClock, tmp_path: Path) -> None:
    """In another database: whatever their state is; but for keys, and responses that were counted."""
    made = [
        make_token(context, "Café ☕ 'x'", external_id="E", owner="Ops", description="two\nlines", modules=("usage",)),
        make_token(context, "Never", days=None, networks=("10.0.0.0/8", "::1/128")),
        make_token(context, "Zapier", extension="zapier", all_modules=False),
        make_token(context, "Expired", days=1), make_token(context, "Off", days=1), make_token(context, "Gone", days=1),
    ]  # fmt: skip
    clock.move(days=2)
    bulk.apply(context, Action.DISABLE, [made[4].token.id])
    bulk.apply(context, Action.DELETE, [made[5].token.id])
    spec = ListSpec(include_deleted=True)
    lines = list(export.json_lines(context, spec))
    assert not any(issued.key and issued.key.secret in line for issued in made for line in lines)
    home = tmp_path / "other"
    home.mkdir()
    other = Context(
        open_database(str(home / "tokens.db")), replace(context.settings, home=home), context.actor, clock=clock
    )
    catalog.seed(other)
    with Stage() as stage:
        imports.prepare(other, io.BytesIO("".join(lines).encode()), stage, tell=lambda bad: pytest.fail(bad.reason))
        imports.load(other, stage)
        assert (stage.tokens, stage.without_key) == (6, 6)

    def described(texts: list[str]) -> list[dict[str, object]]:
        return [{name: value for name, value in json.loads(text).items() if name != "secrets"} for text in texts]

    assert described(list(export.json_lines(other, spec))) == described(lines)
    other.close()


def test_a_key_of_another_system_finds_its_token(context: Context) -> None:
    """Also one by its SHA-256, of a deleted token, and with space around it; no other text does."""
    assert find_key.token_of_imported_key(context, KEY) is None
    assert not import_lines(context, {"name": "A", "key": KEY, **ALL}, {"name": "B", "sha256": SHA256, **ALL})
    make_token(context)
    by_name = {token.name: token.id for token in pages.page(context, ListSpec())}
    assert find_key.token_of_imported_key(context, f" {KEY}\n") == by_name["A"]
    assert find_key.token_of_imported_key(context, "another old key") == by_name["B"]
    for text in (KEY[:-1], f"{KEY}x", SHA256, "", " ", "A"):
        assert find_key.token_of_imported_key(context, text) is None
    bulk.apply(context, Action.DELETE, [by_name["A"]])
    shown = pages.page(context, ListSpec(find_key.with_deleted(find_key.id_filter(by_name["A"]))))
    assert [token.name for token in shown] == ["A"]
    (context.settings.home / "master.key").unlink()
    stranger = Context(context.database, context.settings, context.actor, clock=context.clock, environ={})
    assert find_key.token_of_imported_key(stranger, KEY) is None

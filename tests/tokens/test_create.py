"""Making tokens: what they are made of, what is refused, and many writers at once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import DatabaseLocked
from tokentui.models import AuditEntry, Secret, Token
from tokentui.records import Action, NewToken
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.create import create_token
from tokentui.validation import ValidationError

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def rows(context: Context, table: type) -> int:
    """How many rows a table has."""
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_new_token_is_as_asked_and_audited(context: Context, clock: FrozenClock) -> None:
    """Trimmed, by whom, when; the key belongs to it and is nowhere in the audit."""
    issued = make_token(
        context, "  Billing  ", external_id=" E ", owner=" Cafe\u0301 team ", modules=("usage", "helpdesk", "usage")
    )
    token = reads.get_token(context, issued.token.id)
    assert token == issued.token
    assert (token.name, token.external_id, token.modules) == ("Billing", "E", ("helpdesk", "usage"))
    assert token.owner == "Café team"
    assert (token.created_by, token.created_at, token.version) == ("alice@10.0.0.5", clock(), 1)
    (entry,) = audit.entries(context, token.id)
    assert (entry.action, entry.actor, entry.origin) == ("create", "alice", "10.0.0.5")
    assert issued.key is not None
    assert issued.key.secret not in str(entry)
    assert issued.key.secret not in repr(issued)


def test_an_extension_that_does_not_ask_gives_its_own(context: Context) -> None:
    """Copied onto the token."""
    assert len(make_token(context, extension="zapier", all_modules=False).token.modules) == 5
    assert make_token(context, extension="flowgear", all_modules=False).token.all_modules


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewToken(""), "name"),
        (NewToken("a\x00"), "name"),
        (NewToken("x" * 10_000), "name"),
        (NewToken("x", external_id="\x1b[31m"), "external_id"),
        (NewToken("x", description="y" * 256), "description"),
        (NewToken("x", owner="y" * 129), "owner"),
        (NewToken("x", owner="a\u202eb"), "owner"),
        (NewToken("x", extension="nosuch", all_modules=True), "extension"),
        (NewToken("x", modules=("nosuch",)), "modules"),
        (NewToken("x"), "modules"),
        (NewToken("x", all_modules=True, modules=("usage",)), "modules"),
        (NewToken("x", all_modules=True, networks=("10.0.0.300",)), "networks"),
    ],
)
def test_what_is_refused_writes_nothing(context: Context, new: NewToken, field: str) -> None:
    """One error that names the field."""
    with pytest.raises(ValidationError) as raised:
        create_token(context, new)
    assert raised.value.field == field
    assert rows(context, Token) == rows(context, Secret) == rows(context, AuditEntry) == 0


def test_max_lifetime_holds_everywhere(context: Context, clock: FrozenClock) -> None:
    """Create, rotate, renew; never is refused too."""
    token = make_token(context, days=3).token
    context.settings = replace(context.settings, max_lifetime=timedelta(days=10))
    far = clock() + timedelta(days=11)
    calls: tuple[Callable[[], object], ...] = (
        lambda: make_token(context, days=11),
        lambda: make_token(context, days=None),
        lambda: secrets.rotate_token(context, token.id, expires=far),
        lambda: secrets.renew_token(context, token.id, expires_at=far),
    )
    for call in calls:
        with pytest.raises(ValidationError, match="max_lifetime"):
            call()


def test_many_at_once_from_threads_and_contexts(context: Context, open_as: Callable[..., Context]) -> None:
    """Writers wait for one another: none is refused, none is lost, one master key is made."""
    contexts = [context, open_as(BOB)]
    faults: list[BaseException] = []

    def make(which: Context) -> None:
        try:
            for _ in range(10):
                make_token(which)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=make, args=(maker,)) for maker in contexts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert rows(context, Token) == 40
    assert len(audit.entries(context, limit=None)) == 40


@pytest.mark.sqlite
def test_a_lock_held_for_too_long(context: Context, open_as: Callable[..., Context]) -> None:
    """Refused as locked; possible again when it is gone."""
    context.vault()
    waiting = open_as(busy_timeout=timedelta(seconds=0.1))
    waiting.vault()
    assert context.database.path is not None
    holder = sqlite3.connect(context.database.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked):
        make_token(waiting)
    holder.execute("ROLLBACK")
    holder.close()
    assert make_token(waiting)


@pytest.mark.parametrize(
    "given", [{"modules": ("agreements",)}, {"all_modules": True}, {"modules": ("usage", "reports")}]
)
@pytest.mark.parametrize("extension", ["reports", "zapier", "flowgear"])
def test_modules_are_refused_where_the_extension_has_its_own(
    context: Context, extension: str, given: dict[str, Any]
) -> None:
    """As the wizard would: the line names the extension, and nothing is made."""
    with pytest.raises(ValidationError, match=f"extension {extension} has permissions of its own") as raised:
        create_token(context, NewToken("x", extension=extension, **given))
    assert raised.value.field == "modules"
    assert rows(context, Token) == 0


def test_a_name_that_exists_is_told_and_kept(context: Context) -> None:
    """A warning that names the other token, in any case and however it was typed; deleted ones don't count."""
    first = make_token(context, "Étude")
    assert first.same_name is None
    assert first.token.name == "\u00c9tude"
    decomposed = make_token(context, "E\u0301tude")
    assert decomposed.token.name == "\u00c9tude"
    assert decomposed.same_name == first.token
    assert reads.find_same_name(context, " E\u0301tude ", other_than=first.token.id) == decomposed.token
    bulk.apply(context, Action.DELETE, [first.token.id, decomposed.token.id])
    assert make_token(context, "\u00c9tude").same_name is None

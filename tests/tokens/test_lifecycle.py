"""Make, edit, show, rotate, renew, and the state changes: what they do, what they refuse, what the audit says."""

from __future__ import annotations

import base64
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import Conflict, DatabaseLocked, MasterKeyError, NoSuchToken, ReadOnly, WrongState
from tokentui.models import AuditEntry, Epoch, Secret, Token, Usage
from tokentui.records import Action, NewToken, Status, TokenChanges
from tokentui.tokens import bulk, lifecycle, reads, secrets
from tokentui.validation import ValidationError

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def rows(context: Context, table: type) -> int:
    """How many rows a table has."""
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def epoch(context: Context) -> int:
    """The counter that a gate looks at."""
    with context.database.read() as session:
        return session.scalar(select(Epoch.value)) or 0


def test_a_new_token_is_as_asked_and_audited(context: Context, clock: FrozenClock) -> None:
    """Trimmed, by whom, when; the key belongs to it and is nowhere in the audit."""
    issued = make_token(context, "  Billing  ", external_id=" E ", modules=("usage", "helpdesk", "usage"))
    token = reads.get_token(context, issued.token.id)
    assert token == issued.token
    assert (token.name, token.external_id, token.modules) == ("Billing", "E", ("helpdesk", "usage"))
    assert (token.created_by, token.created_at, token.version) == ("alice@10.0.0.5", clock(), 1)
    (entry,) = audit.entries(context, token.id)
    assert (entry.action, entry.actor, entry.origin) == ("create", "alice", "10.0.0.5")
    assert issued.key is not None
    assert issued.key.secret not in str(entry)
    assert issued.key.secret not in repr(issued)


def test_an_extension_that_does_not_ask_gives_its_own(context: Context) -> None:
    """Copied onto the token; fewer may be asked for."""
    assert len(make_token(context, extension="zapier", all_modules=False).token.modules) == 5
    assert make_token(context, extension="flowgear", all_modules=False).token.all_modules
    assert make_token(context, extension="zapier", modules=("leads",)).token.modules == ("leads",)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewToken(""), "name"),
        (NewToken("a\x00"), "name"),
        (NewToken("x" * 10_000), "name"),
        (NewToken("x", external_id="\x1b[31m"), "external_id"),
        (NewToken("x", description="y" * 256), "description"),
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
        lifecycle.create_token(context, new)
    assert raised.value.field == field
    assert rows(context, Token) == rows(context, Secret) == rows(context, AuditEntry) == 0


def test_an_edit_says_old_and_new_and_an_empty_one_writes_nothing(context: Context) -> None:
    """The secret stays."""
    issued = make_token(context, "A", external_id="E")
    number = issued.token.id
    edited = lifecycle.edit_token(context, number, TokenChanges(name="B", external_id="", modules=("usage",)))
    assert (edited.name, edited.external_id, edited.all_modules, edited.modules) == ("B", None, False, ("usage",))
    assert audit.entries(context, number)[0].changes == {
        "name": ("A", "B"), "external_id": ("E", None), "modules": ("*", ["usage"]),
    }  # fmt: skip
    assert lifecycle.reveal_keys(context, number)[0].key == issued.key
    before = rows(context, AuditEntry)
    assert lifecycle.edit_token(context, number, TokenChanges(name="B")).version == edited.version
    assert rows(context, AuditEntry) == before


def test_two_operators_edit_the_same_token(context: Context, open_as: Callable[..., Context]) -> None:
    """The second is shown both versions; nothing is overwritten."""
    token = make_token(context, "A").token
    lifecycle.edit_token(open_as(BOB), token.id, TokenChanges(name="Bob's"), expected_version=token.version)
    with pytest.raises(Conflict) as raised:
        lifecycle.edit_token(context, token.id, TokenChanges(name="Alice's"), expected_version=token.version)
    assert raised.value.fields == {"name": ("Bob's", "Alice's")}
    assert "bob@10.0.0.7" in raised.value.message
    assert reads.get_token(context, token.id).name == "Bob's"
    with pytest.raises(Conflict):
        secrets.rotate_token(context, token.id, expected_version=token.version)


def test_rotation_and_its_overlap(context: Context, clock: FrozenClock) -> None:
    """The old secret stops at once, or after the overlap, never later than its own expiry."""
    token = make_token(context, days=1).token
    first = lifecycle.reveal_keys(context, token.id)[0].key
    at_once = secrets.rotate_token(context, token.id)
    assert at_once.previous_stops_at is None
    assert at_once.token.expires_at == token.expires_at
    assert [secret.current for secret in reads.list_secrets(context, token.id)] == [True]
    later = secrets.rotate_token(context, token.id, overlap=HOUR)
    assert later.previous_stops_at == clock() + HOUR
    assert [each.key for each in lifecycle.reveal_keys(context, token.id)] == [later.key, at_once.key]
    longest = secrets.rotate_token(context, token.id, overlap=timedelta(days=9), expires=None)
    assert longest.previous_stops_at == token.expires_at
    assert longest.token.expires_at is None
    stops = [secret.stops_at for secret in reads.list_secrets(context, token.id)]
    assert stops == [None, token.expires_at, clock() + HOUR]
    clock.move(hours=2)
    assert len(reads.list_secrets(context, token.id)) == 2
    assert first not in [each.key for each in lifecycle.reveal_keys(context, token.id)]


def test_only_so_many_secrets_side_by_side(context: Context) -> None:
    """A rotation at once is always possible."""
    token = make_token(context).token
    for _ in range(secrets.MOST_LIVE_SECRETS - 1):
        secrets.rotate_token(context, token.id, overlap=HOUR)
    with pytest.raises(WrongState):
        secrets.rotate_token(context, token.id, overlap=HOUR)
    secrets.rotate_token(context, token.id)
    assert len(reads.list_secrets(context, token.id)) == 1


def test_renewal(context: Context, clock: FrozenClock) -> None:
    """The old secret works until its own old expiry; an expired token can be renewed; the key can be kept."""
    token = make_token(context, days=1).token
    ahead = clock() + timedelta(days=90)
    renewed = secrets.renew_token(context, token.id, expires_at=ahead)
    assert (renewed.token.expires_at, renewed.previous_stops_at) == (ahead, token.expires_at)
    kept = secrets.renew_token(context, token.id, expires_at=ahead + HOUR, keep_key=True)
    assert kept.key is None
    assert lifecycle.reveal_keys(context, token.id)[0].key == renewed.key
    clock.move(days=91)
    assert reads.get_token(context, token.id).status is Status.EXPIRED
    with pytest.raises(WrongState, match="renew"):
        secrets.rotate_token(context, token.id)
    again = secrets.renew_token(context, token.id, expires_at=clock() + HOUR)
    assert again.previous_stops_at is None
    assert again.token.status is Status.EXPIRING
    assert len(reads.list_secrets(context, token.id)) == 1
    with pytest.raises(WrongState, match="never expires"):
        secrets.renew_token(context, make_token(context, days=None).token.id, expires_at=clock() + HOUR)
    with pytest.raises(ValidationError):
        secrets.renew_token(context, token.id, expires_at=clock() - HOUR)


def test_max_lifetime_holds_everywhere(context: Context, clock: FrozenClock) -> None:
    """Create, rotate, renew; never is refused too."""
    token = make_token(context, days=3).token
    context.settings = replace(context.settings, max_lifetime=timedelta(days=10))
    far = clock() + timedelta(days=11)
    for call in (
        lambda: make_token(context, days=11),
        lambda: make_token(context, days=None),
        lambda: secrets.rotate_token(context, token.id, expires=far),
        lambda: secrets.renew_token(context, token.id, expires_at=far),
    ):
        with pytest.raises(ValidationError, match="max_lifetime"):
            call()


def test_states_one_after_another(context: Context, clock: FrozenClock) -> None:
    """Each change, its status, and what each refuses."""
    number = make_token(context).token.id

    def do(action: Action) -> Status:
        outcome = bulk.apply(context, action, [number])
        assert outcome.done == (number,), outcome.refused
        return reads.get_token(context, number).status

    assert do(Action.DISABLE) is Status.DISABLED
    assert do(Action.ENABLE) is Status.ACTIVE
    assert do(Action.DELETE) is Status.DELETED
    for action in (Action.DELETE, Action.DISABLE, Action.ENABLE, Action.ROTATE):
        assert bulk.apply(context, action, [number]).refused, action
    for call in (
        lambda: lifecycle.edit_token(context, number, TokenChanges(name="x")),
        lambda: lifecycle.reveal_keys(context, number),
        lambda: secrets.renew_token(context, number, expires_at=clock() + HOUR),
    ):
        with pytest.raises(WrongState, match="deleted"):
            call()
    assert do(Action.RESTORE) is Status.ACTIVE
    assert bulk.apply(context, Action.PURGE, [number]).refused
    do(Action.DELETE)
    clock.move(days=2)
    assert bulk.purge_candidates(context, timedelta(days=3)) == ()
    assert bulk.purge_candidates(context) == (number,)
    assert bulk.apply(context, Action.PURGE, [number]).done == (number,)
    with pytest.raises(NoSuchToken):
        reads.get_token(context, number)
    assert rows(context, Secret) == 0
    assert audit.entries(context, number)[0].action == "purge"


def test_bulk_is_all_or_nothing_or_partial(context: Context) -> None:
    """As the caller asks; a plan changes nothing."""
    first, second = make_token(context, "A").token.id, make_token(context, "B").token.id
    bulk.apply(context, Action.DISABLE, [first])
    ids = [first, second, 7]
    plan = bulk.plan(context, Action.DISABLE, ids)
    assert [token.id for token in plan.tokens] == [second]
    assert [refusal.id for refusal in plan.refused] == [first, 7]
    assert bulk.apply(context, Action.DISABLE, ids).done == ()
    assert reads.get_token(context, second).status is Status.ACTIVE
    assert bulk.apply(context, Action.DISABLE, ids, partial=True).done == (second,)
    bulk.apply(context, Action.ENABLE, [first, second])
    rotated = bulk.apply(context, Action.ROTATE, [first, second], overlap=HOUR)
    assert len(rotated.issued) == 2


def test_counts_follow_the_clock(context: Context, clock: FrozenClock) -> None:
    """Status is computed: nobody writes when a token expires."""
    make_token(context, days=8)
    make_token(context, days=None)
    bulk.apply(context, Action.DELETE, [make_token(context).token.id])
    bulk.apply(context, Action.DISABLE, [make_token(context).token.id])
    assert list(reads.count_by_status(context).values()) == [2, 0, 0, 1, 1]
    clock.move(days=2)
    assert list(reads.count_by_status(context).values()) == [1, 1, 0, 1, 1]
    clock.move(days=7)
    assert list(reads.count_by_status(context).values()) == [1, 0, 1, 1, 1]


def test_a_change_and_its_audit_entry_are_one_transaction(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the entry can't be written, nothing is."""
    number = make_token(context, "A").token.id

    def fails(*_: object, **__: object) -> None:
        raise WrongState("no audit")

    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(WrongState):
        lifecycle.edit_token(context, number, TokenChanges(name="B"))
    with pytest.raises(WrongState):
        bulk.apply(context, Action.DELETE, [number])
    token = reads.get_token(context, number)
    assert (token.name, token.status, token.version) == ("A", Status.ACTIVE, 1)


def test_the_epoch_moves_with_what_a_gate_must_see(context: Context, clock: FrozenClock) -> None:
    """And not with the counting of uses."""
    number = make_token(context).token.id
    for change in (
        lambda: lifecycle.edit_token(context, number, TokenChanges(name="New")),
        lambda: secrets.rotate_token(context, number),
        lambda: bulk.apply(context, Action.DISABLE, [number]),
        lambda: lifecycle.edit_token(context, number, TokenChanges(modules=("usage",))),
    ):
        before = epoch(context)
        change()
        assert epoch(context) != before
    before = epoch(context)
    with context.database.write() as session:
        session.execute(update(Token).where(Token.id == number).values(last_used_at=clock(), last_used_from="x"))
        session.execute(update(Secret).values(last_used_at=clock()))
        session.add(Usage(token_id=number, slot=1, success=1))
        session.commit()
    assert epoch(context) == before


def test_master_keys_that_are_not_the_one(context: Context, open_as: Callable[..., Context]) -> None:
    """Missing, wrong, unreadable: refused before anything is written, and never made anew."""
    number = make_token(context).token.id
    file = context.settings.home / "master.key"
    key = file.read_bytes()
    before = rows(context, AuditEntry)
    for content in (base64.b64encode(os.urandom(32)), b"nonsense", b""):
        file.write_bytes(content)
        other = open_as()
        for call in (lambda: make_token(other), lambda: lifecycle.reveal_keys(other, number)):  # noqa: B023
            with pytest.raises(MasterKeyError):
                call()
    file.unlink()
    with pytest.raises(MasterKeyError, match="missing"):
        lifecycle.reveal_keys(open_as(), number)
    assert not file.exists()
    assert rows(context, AuditEntry) == before
    assert reads.get_token(open_as(), number).id == number
    file.write_bytes(key)
    assert lifecycle.reveal_keys(open_as(), number)


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


def test_read_only_writes_nothing(context: Context, open_as: Callable[..., Context]) -> None:
    """Reading works."""
    number = make_token(context).token.id
    other = open_as(read_only=True)
    assert reads.get_token(other, number).id == number
    with pytest.raises(ReadOnly):
        bulk.apply(other, Action.DISABLE, [number])


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

    threads = [threading.Thread(target=make, args=(each,)) for each in contexts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert rows(context, Token) == 40
    assert len(audit.entries(context, limit=None)) == 40

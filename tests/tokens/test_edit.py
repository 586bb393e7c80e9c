"""Edits: what they change, what they refuse, and two operators at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import FrozenClock, make_token
from tokentui import audit
from tokentui.context import Actor, Context
from tokentui.errors import Conflict
from tokentui.models import AuditEntry
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token
from tokentui.validation import ValidationError

BOB = Actor("bob", "10.0.0.7")
HOUR = timedelta(hours=1)


def rows(context: Context, table: type) -> int:
    """How many rows a table has."""
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_edit_says_old_and_new_and_an_empty_one_writes_nothing(context: Context) -> None:
    """The secret stays."""
    issued = make_token(context, "A", external_id="E")
    number = issued.token.id
    edited = edit_token(context, number, TokenChanges(name="B", external_id="", modules=("usage",)))
    assert (edited.name, edited.external_id, edited.all_modules, edited.modules) == ("B", None, False, ("usage",))
    assert audit.entries(context, number)[0].changes == {
        "name": ("A", "B"), "external_id": ("E", None), "modules": ("*", ["usage"]),
    }  # fmt: skip
    assert secrets.reveal_keys(context, number)[0].key == issued.key
    before = rows(context, AuditEntry)
    assert edit_token(context, number, TokenChanges(name="B")).version == edited.version
    assert rows(context, AuditEntry) == before


def test_two_operators_edit_the_same_token(context: Context, open_as: Callable[..., Context]) -> None:
    """The second is shown both versions; nothing is overwritten."""
    token = make_token(context, "A").token
    edit_token(open_as(BOB), token.id, TokenChanges(name="Bob's"), read=token)
    with pytest.raises(Conflict) as raised:
        edit_token(context, token.id, TokenChanges(name="Alice's"), read=token)
    assert raised.value.fields == {"name": ("Bob's", "Alice's")}
    assert "bob@10.0.0.7" in raised.value.message
    assert reads.get_token(context, token.id).name == "Bob's"


def test_what_another_did_to_other_fields_is_no_conflict(
    context: Context, open_as: Callable[..., Context], clock: FrozenClock
) -> None:
    """A rotation, a renewal, a disable, a new description: the name that was typed is saved, the rest stays."""
    token, bob = make_token(context, "A").token, open_as(BOB)
    secrets.rotate_token(bob, token.id)
    secrets.renew_token(bob, token.id, expires_at=clock() + timedelta(days=60))
    bulk.apply(bob, Action.DISABLE, [token.id])
    edit_token(bob, token.id, TokenChanges(description="Bob's", modules=("usage",)))
    form = TokenChanges(name="B", external_id="", description="", all_modules=True, modules=())
    saved = edit_token(context, token.id, form, read=token)
    assert (saved.name, saved.description, saved.modules, saved.status) == ("B", "Bob's", ("usage",), Status.DISABLED)
    assert saved.version == token.version + 5


@pytest.mark.parametrize(
    ("theirs", "mine", "field"),
    [
        (TokenChanges(name="Bob's"), TokenChanges(name="Alice's"), "name"),
        (TokenChanges(external_id="1"), TokenChanges(external_id="2"), "external_id"),
        (TokenChanges(description="1"), TokenChanges(description="2"), "description"),
        (TokenChanges(owner="Finance"), TokenChanges(owner="Support"), "owner"),
        (TokenChanges(networks=("10.0.0.0/8",)), TokenChanges(networks=("::1",)), "networks"),
        (TokenChanges(modules=("usage",)), TokenChanges(modules=("leads",)), "modules"),
    ],
)
def test_a_field_that_both_changed_is_a_conflict_until_one_chooses(
    context: Context, open_as: Callable[..., Context], theirs: TokenChanges, mine: TokenChanges, field: str
) -> None:
    """Both versions are told; the same change twice is none, and the one that insists is saved."""
    token = make_token(context, "A").token
    theirs_saved = edit_token(open_as(BOB), token.id, theirs, read=token)
    assert edit_token(context, token.id, theirs, read=token) == theirs_saved
    with pytest.raises(Conflict) as raised:
        edit_token(context, token.id, mine, read=token)
    assert list(raised.value.fields) == [field]
    assert reads.get_token(context, token.id) == theirs_saved
    assert edit_token(context, token.id, mine, read=token, overwrite=True).version == theirs_saved.version + 1


def test_a_field_changed_there_and_back_is_no_conflict(context: Context, open_as: Callable[..., Context]) -> None:
    """It is again what the editor read."""
    token, bob = make_token(context, "A").token, open_as(BOB)
    edit_token(bob, token.id, TokenChanges(name="B"))
    edit_token(bob, token.id, TokenChanges(name="A"))
    assert edit_token(context, token.id, TokenChanges(name="C"), read=token).name == "C"


def test_many_who_edit_at_once_lose_nothing(context: Context, open_as: Callable[..., Context]) -> None:
    """Each saved edit has a version of its own."""
    number = make_token(context, "A").token.id
    versions: list[int] = []

    def change(which: Context, mark: int) -> None:
        for count in range(5):
            versions.append(edit_token(which, number, TokenChanges(name=f"{mark} {count}")).version)

    threads = [threading.Thread(target=change, args=(open_as(BOB), mark)) for mark in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == list(range(2, 17))
    assert len(audit.entries(context, number)) == 16


@pytest.mark.parametrize("given", [TokenChanges(modules=("agreements",)), TokenChanges(all_modules=True)])
def test_modules_are_refused_where_the_extension_has_its_own(context: Context, given: TokenChanges) -> None:
    """The name can be changed, the permission can't."""
    number = make_token(context, extension="reports", all_modules=False).token.id
    with pytest.raises(ValidationError, match="permissions of its own"):
        edit_token(context, number, given)
    assert edit_token(context, number, TokenChanges(name="B")).version == 2


def test_a_new_name_is_kept_in_one_form(context: Context) -> None:
    """Typed with a combining accent, kept composed: an edit that only differs in that changes nothing."""
    token = make_token(context, "\u00c9tude").token
    assert edit_token(context, token.id, TokenChanges(name="E\u0301tude")).version == token.version

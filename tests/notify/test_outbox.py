"""Who is told what: once each, the nearest of the times before an expiry, and what was done since."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.factories import FrozenClock, make_token
from tests.notify.conftest import with_settings
from tokentui.context import Context
from tokentui.listing.pages import stream
from tokentui.listing.spec import ListSpec
from tokentui.models import Meta
from tokentui.notify import occasions, outbox
from tokentui.notify.outbox import MAIL, PRINT, WEBHOOK
from tokentui.records import Action
from tokentui.tokens import bulk
from tokentui.tokens.secrets import rotate_token


def told(context: Context, recipient: str = PRINT) -> list[str]:
    """Puts, takes and notes everything for one recipient; returns what it was told."""
    outbox.put(context, (MAIL,) if recipient.startswith(MAIL) else (recipient,))
    notices = outbox.take(context, recipient, 100)
    outbox.mark_sent(context, notices)
    return [f"{notice.content['name']} {notice.content['kind']}" for notice in notices]


def token_id(context: Context, name: str) -> int:
    return next(token.id for token in stream(context, ListSpec()) if token.name == name)


def test_each_expiry_is_told_once_and_again_as_it_comes_nearer(owned: Context, clock: FrozenClock) -> None:
    assert told(owned) == ["Team's expires", "Bob's expires", "Ann's expires"]
    assert told(owned) == []
    clock.move(days=2, hours=1)  # Bob's is a day away
    assert told(owned) == ["Bob's expires"]
    clock.move(days=11)  # Ann's is less than a week away
    assert told(owned) == ["Ann's expires"]
    clock.move(days=30)
    assert told(owned) == []


def test_a_new_expiry_is_another_one(owned: Context, clock: FrozenClock) -> None:
    assert "Bob's expires" in told(owned)
    bulk.apply(owned, Action.RENEW, (token_id(owned, "Bob's"),), extend=timedelta(days=20))
    assert told(owned) == ["Bob's expires"]


def test_what_is_off_or_lives_no_longer_than_the_notice_is_not_told(context: Context) -> None:
    """Who makes a token for six days knows that it expires within the week, and hears of it on the last day."""
    disabled = make_token(context, "Disabled", days=20).token.id
    bulk.apply(context, Action.DISABLE, (disabled,))
    make_token(context, "Short", days=6)
    make_token(context, "Never", days=None)
    later = dataclasses.replace(context, clock=lambda: context.now() + timedelta(days=3))
    assert told(later) == []
    last_day = dataclasses.replace(context, clock=lambda: context.now() + timedelta(days=5.5))
    assert told(last_day) == ["Short expires"]


def test_owners_are_mailed_and_the_list_for_the_others(owned: Context) -> None:
    mailing = with_settings(owned, notify_to=("ops@example.com", "night@example.com"))
    outbox.put(mailing, (MAIL, WEBHOOK))
    assert outbox.waiting_recipients(mailing) == (
        "mail:ann@example.com",
        "mail:bob@example.com",
        "mail:night@example.com",
        "mail:ops@example.com",
        "webhook",
    )
    assert told(mailing, "mail:ann@example.com") == ["Ann's expires"]
    assert told(mailing, "mail:ops@example.com") == ["Team's expires"]


def test_what_was_done_is_told_from_the_first_run_on(owned: Context) -> None:
    """Not everything that was ever done, and only what is asked for."""
    eventful = with_settings(owned, notify_events=("rotated", "deleted"))
    bulk.apply(owned, Action.DELETE, (token_id(owned, "Ann's"),))
    told(eventful)
    rotate_token(owned, token_id(owned, "Bob's"))
    bulk.apply(owned, Action.DISABLE, (token_id(owned, "Team's"),))
    bulk.apply(owned, Action.DELETE, (token_id(owned, "Team's"),))
    assert told(eventful) == ["Bob's rotated", "Team's deleted"]
    assert told(eventful) == []


def test_two_processes_are_not_given_the_same(owned: Context, clock: FrozenClock) -> None:
    """And one that is killed loses what it took after a while."""
    outbox.put(owned, (PRINT,))
    first = outbox.take(owned, PRINT, 2)
    second = outbox.take(owned, PRINT, 100)
    assert (len(first), len(second)) == (2, 1)
    clock.move(seconds=outbox.LEASE.total_seconds())
    assert outbox.take(owned, PRINT, 100) == (*first, *second)


def test_what_fails_waits_longer_each_time(owned: Context, clock: FrozenClock) -> None:
    outbox.put(owned, (PRINT,))
    waits = []
    for _ in range(6):
        notices = outbox.take(owned, PRINT, 1)
        outbox.mark_failed(owned, notices)
        waited = 0
        while (again := outbox.take(owned, PRINT, 1)) == () or again[0].id != notices[0].id:
            clock.move(minutes=1)
            waited += 1
        outbox.mark_failed(owned, again)
        clock.move(hours=7)
        waits.append(waited)
    assert waits == sorted(waits)
    assert waits[0] <= 1 < waits[-1] <= 360


@pytest.mark.parametrize("recipients", [(PRINT,), (MAIL, WEBHOOK)])
def test_a_preview_says_the_same_and_keeps_nothing(owned: Context, recipients: tuple[str, ...]) -> None:
    mailing = with_settings(owned, notify_to=("ops@example.com",), notify_events=("rotated",))
    before = outbox.preview(mailing, recipients)
    assert outbox.waiting_recipients(mailing) == ()
    outbox.put(mailing, recipients)
    assert {(notice.recipient, notice.content["name"]) for notice in before} == {
        (notice.recipient, notice.content["name"]) for notice in outbox.preview(mailing, recipients)
    }


def test_a_preview_only_reads(owned: Context) -> None:
    mailing = with_settings(owned, notify_events=("rotated",))

    def refuse(*_: Any) -> None:
        raise AssertionError("a preview writes")

    def previewed() -> list[str]:
        with patch.object(mailing.database, "write", refuse):
            event.listen(Session, "before_flush", refuse)
            try:
                return [notice.content["kind"] for notice in outbox.preview(mailing, (PRINT,))]
            finally:
                event.remove(Session, "before_flush", refuse)

    assert "rotated" not in previewed()
    outbox.put(mailing, (PRINT,))
    rotate_token(mailing, token_id(mailing, "Bob's"))
    assert previewed().count("rotated") == 1
    assert "Bob's rotated" in told(mailing)


@pytest.mark.parametrize("held", [b"\xff", b"", b"-1", b"1.5"])
def test_a_damaged_note_of_what_was_told_is_made_anew(context: Context, held: bytes) -> None:
    """What was done before is not told; what is done from then on is."""
    told_of = with_settings(context, notify_events=("disabled",))
    outbox.put(told_of, (PRINT,))
    with context.database.write() as session:
        session.merge(Meta(name=occasions.TOLD, value=held))
        session.commit()
    token = make_token(context, "Off").token.id
    assert told(told_of) == []
    bulk.apply(context, Action.DISABLE, (token,))
    assert told(told_of) == ["Off disabled"]

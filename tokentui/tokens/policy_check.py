"""Which tokens are outside of the policy of the settings: made before it was, or left alone for too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, true

from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.models import LATEST, AuditEntry, Token
from tokentui.records import Action, Status

_NAMED = 20
"""Tokens that are named of those outside of a rule."""


@dataclass(frozen=True, slots=True)
class OutsideRule:
    """The tokens outside of one rule, without deleted ones: how many, and the first of their IDs as they are written.

    `setting` is the rule's name in the settings, `meaning` what is wrong with these tokens, `remedy` what to do.
    """

    setting: str
    meaning: str
    number: int
    labels: tuple[str, ...]
    remedy: str


def outside_policy(context: Context) -> Iterator[OutsideRule]:
    """The rules that are set and that some tokens are outside of."""
    for setting, meaning, condition, remedy in _rules(context):
        where = (condition, Token.deleted_at.is_(None))
        with context.database.read() as session:
            number = session.scalar(select(func.count()).select_from(Token).where(*where)) or 0
            ids = session.scalars(select(Token.id).where(*where).order_by(Token.id).limit(_NAMED)).all()
        if number:
            yield OutsideRule(setting, meaning, number, tuple(map(format_id, ids)), remedy)
    longest = context.settings.max_unused
    if longest is not None and (unused := unused_tokens(context, longest)):
        labels = tuple(map(format_id, unused[:_NAMED]))
        yield OutsideRule("max_unused", "not used for so long", len(unused), labels, "run `tokentui tidy`")


def unused_tokens(context: Context, age: timedelta) -> tuple[int, ...]:
    """The IDs of tokens that work and that nobody has used for longer than `age`, or since they were made.

    Those that the filter `unused` matches, without what somebody has enabled or restored in that time: it would be
    disabled again by the next run, before its client is there.
    """
    working = (Status.ACTIVE, Status.EXPIRING)
    spec = ListSpec(f"unused:>{int(age.total_seconds())}s", working, Sort(SortField.ID))
    brought_back = select(AuditEntry.token_id).where(
        AuditEntry.action.in_([Action.ENABLE.value, Action.RESTORE.value]), AuditEntry.at > context.now() - age
    )
    with context.database.read() as session:
        spared = set(session.scalars(brought_back))
    return tuple(token.id for token in pages.stream(context, spec) if token.id not in spared)


def _rules(context: Context) -> Iterator[tuple[str, str, ColumnElement[bool], str]]:
    settings = context.settings
    if settings.require_expiry:
        yield (
            "require_expiry",
            "without an expiry",
            Token.expires_at == LATEST,
            "give it one with `tokentui rotate ID --expires WHEN`",
        )
    if settings.max_lifetime is not None:
        yield (
            "max_lifetime",
            "with a later expiry",
            Token.expires_at > context.now() + settings.max_lifetime,
            "give it a nearer one with `tokentui rotate ID --expires WHEN`",
        )
    if settings.require_owner:
        yield "require_owner", "without an owner", Token.owner == "", "name one with `tokentui edit ID --owner`"
    if settings.allowed_extensions:
        yield (
            "allowed_extensions",
            "for another extension",
            Token.extension_slug.not_in(settings.allowed_extensions),
            "make another token, and delete it",
        )
    if settings.forbid_all_modules:
        yield (
            "forbid_all_modules",
            "with all modules",
            true() == Token.all_modules,
            "name those that it needs with `tokentui edit ID --module SLUG`",
        )

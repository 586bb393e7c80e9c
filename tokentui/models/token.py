"""Tokens, the modules they open, and their status in one expression that SQL and Python share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Flag, PlainText, UtcDateTime
from tokentui.models.moments import EPOCH, LATEST
from tokentui.models.status import Status


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


class Token(Base):
    """The record; its secrets stand in `secrets`."""

    __tablename__ = "tokens"

    # The nine digits of the ID: SU-631-646-036 is 631646036.
    # On SQLite this is the row's own key, so the gate finds a token by one b-tree look-up.
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(PlainText(128, ignore_case=True))
    external_id: Mapped[str | None] = mapped_column(PlainText(128, ignore_case=True))
    description: Mapped[str] = mapped_column(PlainText(255), default="")
    # Who answers for it; empty: nobody is named. Not NULL, so that the list is sorted by it without a second case.
    owner: Mapped[str] = mapped_column(PlainText(128, ignore_case=True), default="")
    extension_slug: Mapped[str] = mapped_column(PlainText(64), ForeignKey("extensions.slug"))
    # A wildcard, kept as such: a module added to the catalogue later is included.
    all_modules: Mapped[bool] = mapped_column(Flag(), default=False)
    # Canonical CIDRs, separated by a space; empty: from anywhere.
    networks: Mapped[str] = mapped_column(PlainText(), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by: Mapped[str] = mapped_column(PlainText(255))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_by: Mapped[str] = mapped_column(PlainText(255))
    # None is "never", stored as a far moment, so that it sorts last and ranges need no second case.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=LATEST), nullable=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # None is "never used", stored as 1970.
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=EPOCH), nullable=False, default=EPOCH)
    last_used_from: Mapped[str] = mapped_column(PlainText(64), default="")
    # Optimistic lock: grows with each change of the token's properties, permissions or state, not with its use.
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        # One a sort field, with the ID (the row's key) that makes the order total; each tells which tokens are deleted,
        # so that a list leaves these out without a look at their rows. Those that filters by time search hold also what
        # the order by urgency is made of: what they find is sorted without a look at the rows.
        Index("ix_tokens_name", "name", "id", "deleted_at"),
        Index("ix_tokens_extension", "extension_slug", "id", "deleted_at"),
        Index("ix_tokens_owner", "owner", "id", "deleted_at"),
        Index("ix_tokens_created", "created_at", "id", "deleted_at", "disabled_at", "expires_at"),
        Index("ix_tokens_expires", "expires_at", "id", "deleted_at", "disabled_at"),
        Index("ix_tokens_last_used", "last_used_at", "id", "deleted_at"),
        Index("ix_tokens_external_id", "external_id"),
        # Counts by status are ranges of this one; it has the order of those that are neither disabled nor deleted.
        Index("ix_tokens_state", "deleted_at", "disabled_at", "expires_at", "id"),
        # The order of the others. Partial: the few rows that these hold.
        Index("ix_tokens_disabled", "disabled_at", "id", "deleted_at", **_where("disabled_at IS NOT NULL")),
        Index("ix_tokens_deleted", "deleted_at", "id", **_where("deleted_at IS NOT NULL")),
    )


class TokenModule(Base):
    """A module that a token opens (none are listed where `all_modules`)."""

    __tablename__ = "token_modules"
    __table_args__ = {"sqlite_with_rowid": False}

    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True)
    module_slug: Mapped[str] = mapped_column(PlainText(64), ForeignKey("modules.slug"), primary_key=True, index=True)


def status_is(status: Status, *, now: datetime, expiring: timedelta) -> ColumnElement[bool]:
    """`status_of` as a condition on `tokens`, in ranges that the index on state serves."""
    if status is Status.DELETED:
        return Token.deleted_at.is_not(None)
    if status is Status.DISABLED:
        return and_(Token.deleted_at.is_(None), Token.disabled_at.is_not(None))
    enabled = and_(Token.deleted_at.is_(None), Token.disabled_at.is_(None))
    if status is Status.EXPIRED:
        return and_(enabled, Token.expires_at <= now)
    if status is Status.EXPIRING:
        return and_(enabled, Token.expires_at > now, Token.expires_at <= now + expiring)
    return and_(enabled, Token.expires_at > now + expiring)

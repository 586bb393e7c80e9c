"""What people and programs are to be told, and whether they were: the outbox of `tokentui notify`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, PlainText, UtcDateTime, WholeNumber
from tokentui.models.moments import EPOCH

KINDS = ("expires", "rotated", "disabled", "deleted")


class OutboxNotice(Base):
    """One thing that one recipient is told once."""

    __tablename__ = "notices"
    __table_args__ = (
        # Once per recipient, whatever happens to the process that tells it.
        UniqueConstraint("recipient", "token_id", "kind", "occasion", name="uq_notices_once"),
        Index("ix_notices_due", "sent_at", "recipient", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(WholeNumber, primary_key=True)
    # `mail:` and an address, `webhook`, or `print`.
    recipient: Mapped[str] = mapped_column(PlainText(320))
    # No foreign key: that a token was deleted is told after it was purged too.
    token_id: Mapped[int]
    # One of `KINDS`.
    kind: Mapped[str] = mapped_column(PlainText(16))
    # Which of the times that it happens: an expiry and how long before it, or an entry of the audit.
    occasion: Mapped[str] = mapped_column(PlainText(64))
    # JSON: what is told, never a secret.
    content: Mapped[str] = mapped_column(Text())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # Not before this moment: later after a failure, and while a process is at it.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=EPOCH), nullable=False, default=EPOCH)
    attempts: Mapped[int] = mapped_column(default=0)


def read_content(content: object) -> dict[str, Any] | None:
    """What a notice tells, from its column; None where that holds what the program never writes."""
    try:
        told = json.loads(content) if isinstance(content, str) else None
        if not isinstance(told, dict):
            return None
        moment = told["expires_at"] if told["kind"] == "expires" else told["at"]
        aware = datetime.fromisoformat(moment).tzinfo is not None
        texts = [told["token"], told["name"], *([] if told["kind"] == "expires" else [told["actor"]])]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    is_whole = aware and told["kind"] in KINDS and all(isinstance(text, str) for text in texts)
    return told if is_whole else None

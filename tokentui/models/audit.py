"""Who did what, when: append-only."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, PlainText, UtcDateTime, to_micros


class AuditEntry(Base):
    """One action. The ID grows and is never used again, so a missing entry leaves a gap."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_token", "token_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor: Mapped[str] = mapped_column(PlainText(255))
    origin: Mapped[str] = mapped_column(PlainText(255))
    action: Mapped[str] = mapped_column(PlainText(64))
    # No foreign key: the record of a purged token stays.
    token_id: Mapped[int | None]
    # JSON: {"field": [old, new]}, never a secret.
    changes: Mapped[str] = mapped_column(Text(), default="{}")

    def canonical(self) -> bytes:
        """The entry as bytes that are the same wherever it is read: what a chain of HMACs signs."""
        parts = [self.id, to_micros(self.at), self.actor, self.origin, self.action, self.token_id, self.changes]
        return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode("ascii")

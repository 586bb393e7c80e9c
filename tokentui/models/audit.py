"""Who did what, when: append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, PlainText, UtcDateTime, WholeNumber


class AuditEntry(Base):
    """One action. The ID grows and is never used again, so a missing entry leaves a gap."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_token", "token_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(WholeNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor: Mapped[str] = mapped_column(PlainText(255))
    origin: Mapped[str] = mapped_column(PlainText(255))
    action: Mapped[str] = mapped_column(PlainText(64))
    # No foreign key: the record of a purged token stays.
    token_id: Mapped[int | None]
    # JSON: {"field": [old, new]}, never a secret.
    changes: Mapped[str] = mapped_column(Text(), default="{}")
    # Binds the entry to those before it, see `tokentui.audit.chain`; empty where it was written without a master key.
    link: Mapped[bytes] = mapped_column(Bytes(32), default=b"")

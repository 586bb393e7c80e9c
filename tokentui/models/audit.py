"""Who did what, when: append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, PlainText, UtcDateTime, WholeNumber
from tokentui.models.moments import to_micros

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode


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


def canonical(row: Mapping[Any, Any]) -> bytes:
    """An entry's columns as bytes that are the same wherever they are read: what its link is made of."""
    at = row["at"]
    moment = to_micros(at) if type(at) is datetime else at
    parts = [row["id"], moment, row["actor"], row["origin"], row["action"], row["token_id"], row["changes"]]
    return _encode(parts).encode("ascii")

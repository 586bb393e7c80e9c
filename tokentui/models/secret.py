"""The secrets of a token: normally one, two while a rotation overlaps or a renewed key runs out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, PlainText, UtcDateTime
from tokentui.models.moments import EPOCH, LATEST


class Secret(Base):
    """One secret of one token, as a digest to verify by and sealed text to show again."""

    __tablename__ = "secrets"
    # All that a gate asks of a secret: it need not go on to the row.
    __table_args__ = (Index("ix_secrets_token", "token_id", "stops_at", "digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"))
    # HMAC-SHA-256 of the whole key under the verify subkey.
    digest: Mapped[bytes] = mapped_column(Bytes(32), unique=True)
    # AES-GCM under the seal subkey; None where the secret can't be shown again.
    sealed: Mapped[bytes | None] = mapped_column(Bytes())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # None: works as long as its token does. Otherwise the end of its overlap.
    stops_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=LATEST), nullable=False)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=EPOCH), nullable=False, default=EPOCH)
    created_by: Mapped[str] = mapped_column(PlainText(255), default="")

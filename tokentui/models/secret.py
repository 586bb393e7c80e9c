"""The secrets of a token: normally one, two while a rotation overlaps or a renewed key runs out."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, PlainText, UtcDateTime
from tokentui.models.moments import EPOCH, LATEST


class KeyForm(IntEnum):
    """What kind of key a secret is, and so what its digest is of."""

    OWN = 0
    """`ID:secret`, made here or in another database of tokentui: it is looked for by its ID."""
    IMPORTED = 1
    """A text in the format of another system: looked for by its digest."""
    IMPORTED_SHA256 = 2
    """The same, of which only the SHA-256 is known until its first use."""


class Secret(Base):
    """One secret of one token, as a digest to verify by and sealed text to show again."""

    __tablename__ = "secrets"
    # All that a gate asks of a secret: it need not go on to the row.
    __table_args__ = (
        Index("ix_secrets_token", "token_id", "stops_at", "digest"),
        # Whether there are any is asked by gates, and how many by people.
        Index("ix_secrets_imported", "form", sqlite_where=text("form > 0"), postgresql_where=text("form > 0")),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id", ondelete="CASCADE"))
    # HMAC-SHA-256 of the whole key, or of its SHA-256, under the verify subkey.
    digest: Mapped[bytes] = mapped_column(Bytes(32), unique=True)
    # AES-GCM under the seal subkey; None where the secret can't be shown again.
    sealed: Mapped[bytes | None] = mapped_column(Bytes())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    # None: works as long as its token does. Otherwise the end of its overlap.
    stops_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=LATEST), nullable=False)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime(never=EPOCH), nullable=False, default=EPOCH)
    created_by: Mapped[str] = mapped_column(PlainText(255), default="")
    form: Mapped[int] = mapped_column(Integer, default=KeyForm.OWN.value, server_default=text("0"))

"""Responses, counted by token, slot of 15 minutes and class of status."""

from __future__ import annotations

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, WholeNumber


class Usage(Base):
    """The responses to one token in one slot; or in a whole day of UTC, at the slot of its noon, once it is old."""

    __tablename__ = "usage"
    __table_args__ = {"sqlite_with_rowid": False}

    # No foreign key: a gate's flush must not fail, nor look up each token, because one was purged a moment ago.
    token_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Whole slots since 1970 in UTC.
    slot: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, index=True)
    success: Mapped[int] = mapped_column(WholeNumber, default=0)
    redirection: Mapped[int] = mapped_column(WholeNumber, default=0)
    client_error: Mapped[int] = mapped_column(WholeNumber, default=0)
    server_error: Mapped[int] = mapped_column(WholeNumber, default=0)

"""Which lines of an access log were counted already, so that the same line twice counts once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, UtcDateTime


class LoggedHour(Base):
    """An hour of which lines were counted; `closed` once its lines are forgotten: then no more of it are taken."""

    __tablename__ = "logged_hours"

    # Whole hours since 1970 in UTC, by the line's own time.
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime())
    closed: Mapped[bool]


class LoggedRequest(Base):
    """A line that was counted, by half of its request's random ID: a million in an hour meet by 1 in 37 million."""

    __tablename__ = "logged_requests"
    # By hour first: a batch then writes to a page or two, and an hour is forgotten in one range.
    __table_args__ = {"sqlite_with_rowid": False}

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

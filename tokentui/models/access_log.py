"""The tables of counted access log lines: by them, a line that is read twice counts once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, Flag, UtcDateTime


class LoggedHour(Base):
    """An hour of which lines were counted; `closed` once its lines are forgotten: no line of it is counted then."""

    __tablename__ = "logged_hours"

    # Whole hours since 1970 in UTC, by the line's own time.
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # When the last of its lines was counted.
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime())
    closed: Mapped[bool] = mapped_column(Flag())


class LoggedLine(Base):
    """A line that was counted, for as long as its hour is not closed."""

    __tablename__ = "logged_lines"
    # By hour first: a batch then writes to a page or two, and an hour is forgotten in one range.
    __table_args__ = {"sqlite_with_rowid": False}

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # BLAKE2b, 16 bytes, of what identifies the line.
    digest: Mapped[bytes] = mapped_column(Bytes(16), primary_key=True)

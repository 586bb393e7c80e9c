"""Facts about the database itself."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Bytes, PlainText, WholeNumber


class Meta(Base):
    """A named fact: `key_check` is the master key's check value."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(PlainText(64), primary_key=True)
    value: Mapped[bytes] = mapped_column(Bytes())


class Epoch(Base):
    """A counter that triggers raise with every change that a gate must see, and that usage counting leaves alone."""

    __tablename__ = "epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(WholeNumber)

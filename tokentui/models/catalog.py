"""The catalogue as data: extensions, modules, the paths a module covers, and what an extension is granted."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tokentui.models.base import Base, Flag, PlainText


class Extension(Base):
    """What a token is for."""

    __tablename__ = "extensions"

    slug: Mapped[str] = mapped_column(PlainText(64), primary_key=True)
    code: Mapped[str] = mapped_column(PlainText(32), default="")
    name: Mapped[str] = mapped_column(PlainText(128))
    description: Mapped[str] = mapped_column(PlainText(255), default="")
    # Whether the operator chooses the modules; otherwise the extension's own grant below is used.
    asks_permissions: Mapped[bool] = mapped_column(Flag(), default=False)
    grants_all: Mapped[bool] = mapped_column(Flag(), default=False)
    position: Mapped[int]


class ExtensionModule(Base):
    """A module that an extension's tokens get where the operator is not asked."""

    __tablename__ = "extension_modules"

    extension_slug: Mapped[str] = mapped_column(
        PlainText(64), ForeignKey("extensions.slug", ondelete="CASCADE"), primary_key=True
    )
    module_slug: Mapped[str] = mapped_column(
        PlainText(64), ForeignKey("modules.slug", ondelete="CASCADE"), primary_key=True
    )


class Module(Base):
    """A part of the API that a permission opens."""

    __tablename__ = "modules"

    slug: Mapped[str] = mapped_column(PlainText(64), primary_key=True)
    name: Mapped[str] = mapped_column(PlainText(128))
    position: Mapped[int]


class ModulePath(Base):
    """A URL path prefix of a module; a prefix belongs to one module, and the longest that matches decides."""

    __tablename__ = "module_paths"

    prefix: Mapped[str] = mapped_column(PlainText(255), primary_key=True)
    module_slug: Mapped[str] = mapped_column(PlainText(64), ForeignKey("modules.slug", ondelete="CASCADE"), index=True)

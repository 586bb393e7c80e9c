"""The catalogue: which extensions and modules there are. Data in the database, first filled from the packaged TOML."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tokentui import audit
from tokentui.catalog.rows import packaged, rows_of
from tokentui.catalog.toml_text import parse
from tokentui.context import Context
from tokentui.database.locks import Lock, hold
from tokentui.database.retries import retried
from tokentui.errors import UsageError
from tokentui.models import Extension, ExtensionModule, Module, ModulePath, Token, TokenModule
from tokentui.records import Catalog, ExtensionRecord, ModuleRecord

_MODELS = {model.__tablename__: model for model in (Module, Extension, ModulePath, ExtensionModule)}


def load(context: Context) -> Catalog:
    """The catalogue as the database has it."""
    with context.database.read() as session:
        return read(session)


def read(session: Session) -> Catalog:
    """The catalogue, inside a transaction that is open already."""
    # Columns, of the connection: of a row whose key is damaged the ORM makes no entity, and of others slowly.
    connection = session.connection()
    paths: dict[str, list[str]] = defaultdict(list)
    for slug, prefix in connection.execute(
        select(ModulePath.module_slug, ModulePath.prefix)
        .where(ModulePath.prefix.is_not(None))
        .order_by(ModulePath.prefix)
    ):
        paths[slug].append(prefix)
    grants: dict[str, list[str]] = defaultdict(list)
    granted = select(ExtensionModule.extension_slug, ExtensionModule.module_slug)
    granted = granted.where(ExtensionModule.module_slug.is_not(None)).order_by(ExtensionModule.module_slug)
    for slug, module_slug in connection.execute(granted):
        grants[slug].append(module_slug)
    extensions = select(
        Extension.slug,
        Extension.code,
        Extension.name,
        Extension.description,
        Extension.asks_permissions,
        Extension.grants_all,
    )
    extensions = extensions.where(Extension.slug.is_not(None)).order_by(Extension.position)
    modules = select(Module.slug, Module.name).where(Module.slug.is_not(None)).order_by(Module.position)
    return Catalog(
        extensions=tuple(
            ExtensionRecord(slug, code or "", name or "", description or "", asks, grants_all, tuple(grants[slug]))
            for slug, code, name, description, asks, grants_all in connection.execute(extensions)
        ),
        modules=tuple(ModuleRecord(slug, name or "", tuple(paths[slug])) for slug, name in connection.execute(modules)),
    )


def seed(context: Context) -> None:
    """Fills a database whose catalogue is empty from the packaged file.

    Does nothing where nothing may be written, and where there are tokens, whose extensions must stay.
    """
    with context.database.read() as session:
        if context.database.read_only or not _is_unfilled(session):
            return
    with context.database.write() as session:
        hold(session.connection(), Lock.CATALOG)
        if _is_unfilled(session):
            _replace(session, packaged())
            session.commit()


@retried
def import_catalog(context: Context, text: str) -> Catalog:
    """Replaces the catalogue by a TOML text and returns it as it is now.

    Raises UsageError for a text that can't be read and for a catalogue that lacks what a token uses.
    """
    new = parse(text)
    with context.database.write() as session:
        hold(session.connection(), Lock.CATALOG)
        used = set(session.scalars(select(TokenModule.module_slug).distinct()))
        _refuse_missing("module", used - {module.slug for module in new.modules})
        used = set(session.scalars(select(Token.extension_slug).distinct()))
        _refuse_missing("extension", used - {extension.slug for extension in new.extensions})
        old = read(session)
        _replace(session, new)
        changes = {
            "extensions": (len(old.extensions), len(new.extensions)),
            "modules": (len(old.modules), len(new.modules)),
        }
        audit.record(session, context, "import-catalog", None, changes)
        session.commit()
    return new


def _is_unfilled(session: Session) -> bool:
    """Whether a kind of entries is missing and no token uses the others."""
    missing = any(session.scalar(select(table.slug).limit(1)) is None for table in (Module, Extension))
    return missing and session.scalar(select(Token.id).limit(1)) is None


def _replace(session: Session, catalog: Catalog) -> None:
    """Writes the rows in place: those that tokens refer to are updated, never deleted and made anew."""
    session.execute(delete(ModulePath))
    session.execute(delete(ExtensionModule))
    for table, columns, rows in rows_of(catalog):
        for row in rows:
            session.merge(_MODELS[table](**dict(zip(columns, row, strict=True))))
        session.flush()
    session.execute(delete(Module).where(Module.slug.not_in([module.slug for module in catalog.modules])))
    session.execute(
        delete(Extension).where(Extension.slug.not_in([extension.slug for extension in catalog.extensions]))
    )


def _refuse_missing(kind: str, slugs: set[str]) -> None:
    if slugs:
        raise UsageError(f"tokens use the {kind} {min(slugs)!r}", "keep it in the catalogue")

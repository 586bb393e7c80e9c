"""The catalogue: which extensions and modules there are. Data in the database, first filled from the packaged TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from importlib.resources import files
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tokentui import audit
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.models import Extension, ExtensionModule, Module, ModulePath, Token, TokenModule
from tokentui.records import Catalog, ExtensionRecord, ModuleRecord

# Slugs stand in headers and in lists, and `*` is the word for all modules.
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_LONGEST_TEXT = 128
# As the gate compares it: decoded, without what it refuses or takes off.
_PATH = re.compile(r"/|(/[^/?#%;\\\s]+)+")


def load(context: Context) -> Catalog:
    """The catalogue as the database has it."""
    with context.database.read() as session:
        return read(session)


def read(session: Session) -> Catalog:
    """The catalogue, inside a transaction that is open already."""
    paths: dict[str, list[str]] = defaultdict(list)
    for path in session.scalars(select(ModulePath).order_by(ModulePath.prefix)):
        paths[path.module_slug].append(path.prefix)
    grants: dict[str, list[str]] = defaultdict(list)
    for grant in session.scalars(select(ExtensionModule).order_by(ExtensionModule.module_slug)):
        grants[grant.extension_slug].append(grant.module_slug)
    return Catalog(
        extensions=tuple(
            ExtensionRecord(
                each.slug,
                each.code,
                each.name,
                each.description,
                each.asks_permissions,
                each.grants_all,
                tuple(grants[each.slug]),
            )
            for each in session.scalars(select(Extension).order_by(Extension.position))
        ),
        modules=tuple(
            ModuleRecord(each.slug, each.name, tuple(paths[each.slug]))
            for each in session.scalars(select(Module).order_by(Module.position))
        ),
    )


def parse(text: str) -> Catalog:
    """TOML → a catalogue; raises UsageError that says which entry is wrong."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("the catalogue is not TOML", str(error)) from None
    modules = tuple(_module(entry) for entry in _entries(table, "module"))
    extensions = tuple(_extension(entry) for entry in _entries(table, "extension"))
    _check(modules, extensions)
    return Catalog(extensions, modules)


def seed(context: Context) -> None:
    """Fills an empty catalogue from the packaged file; does nothing where nothing may be written."""
    with context.database.read() as session:
        if context.database.read_only or session.scalar(select(Module.slug).limit(1)) is not None:
            return
    packaged = parse(files("tokentui.catalog").joinpath("default.toml").read_text(encoding="utf-8"))
    with context.database.write() as session:
        if session.scalar(select(Module.slug).limit(1)) is None:
            _replace(session, packaged)
            session.commit()


def import_catalog(context: Context, text: str) -> Catalog:
    """Replaces the catalogue by a TOML text; refuses one that lacks what a token uses. Returns it as it is now."""
    new = parse(text)
    with context.database.write() as session:
        used = set(session.scalars(select(TokenModule.module_slug).distinct()))
        _refuse_missing("module", used - {each.slug for each in new.modules})
        used = set(session.scalars(select(Token.extension_slug).distinct()))
        _refuse_missing("extension", used - {each.slug for each in new.extensions})
        old = read(session)
        _replace(session, new)
        changes = {
            "extensions": (len(old.extensions), len(new.extensions)),
            "modules": (len(old.modules), len(new.modules)),
        }
        audit.record(session, context, "import-catalog", None, changes)
        session.commit()
    return new


def to_toml(stock: Catalog) -> str:
    """The catalogue as TOML that `parse` reads back."""
    blocks = []
    for each in stock.extensions:
        permissions = '"ask"' if each.asks_permissions else '"all"' if each.all_modules else json.dumps(each.modules)
        texts = {"slug": each.slug, "code": each.code, "name": each.name, "description": each.description}
        # JSON's strings and arrays of strings are TOML's too.
        lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in texts.items() if text]
        blocks.append("\n".join(["[[extension]]", *lines, f"permissions = {permissions}"]))
    for module in stock.modules:
        name = json.dumps(module.name, ensure_ascii=False)
        paths = json.dumps(module.paths)
        blocks.append(f'[[module]]\nslug = "{module.slug}"\nname = {name}\npaths = {paths}')
    return "\n\n".join(blocks) + "\n"


def _replace(session: Session, catalog: Catalog) -> None:
    """Writes the rows in place: those that tokens refer to are updated, never deleted and made anew."""
    session.execute(delete(ModulePath))
    session.execute(delete(ExtensionModule))
    for position, module in enumerate(catalog.modules):
        session.merge(Module(slug=module.slug, name=module.name, position=position))
    for position, each in enumerate(catalog.extensions):
        session.merge(
            Extension(
                slug=each.slug,
                code=each.code,
                name=each.name,
                description=each.description,
                asks_permissions=each.asks_permissions,
                grants_all=each.all_modules,
                position=position,
            )
        )
    session.flush()
    for module in catalog.modules:
        session.add_all(ModulePath(prefix=prefix, module_slug=module.slug) for prefix in module.paths)
    for each in catalog.extensions:
        session.add_all(ExtensionModule(extension_slug=each.slug, module_slug=slug) for slug in each.modules)
    session.flush()
    session.execute(delete(Module).where(Module.slug.not_in([each.slug for each in catalog.modules])))
    session.execute(delete(Extension).where(Extension.slug.not_in([each.slug for each in catalog.extensions])))


def _entries(table: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    entries = table.get(kind)
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise UsageError(f"the catalogue has no [[{kind}]]", "see `tokentui catalog show`")
    return entries


def _module(entry: dict[str, Any]) -> ModuleRecord:
    paths = _texts(entry, "paths", "module")
    for path in paths:
        if not _PATH.fullmatch(path) or not path.isprintable() or {".", ".."} & set(path.split("/")):
            raise UsageError(f"the path {path!r} of module {entry.get('slug')!r} must look like /agreements")
    return ModuleRecord(_slug(entry, "module"), _text(entry, "name", "module"), paths)


def _extension(entry: dict[str, Any]) -> ExtensionRecord:
    permissions = entry.get("permissions", "ask")
    listed = isinstance(permissions, list)
    if not listed and permissions not in ("ask", "all"):
        raise UsageError(f"permissions of extension {entry.get('slug')!r}", 'write "ask", "all" or a list of modules')
    return ExtensionRecord(
        slug=_slug(entry, "extension"),
        code=str(entry.get("code", "")),
        name=_text(entry, "name", "extension"),
        description=str(entry.get("description", "")),
        asks_permissions=permissions == "ask",
        all_modules=permissions == "all",
        modules=tuple(sorted(_texts(entry, "permissions", "extension"))) if listed else (),
    )


def _text(entry: dict[str, Any], key: str, kind: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"a {kind} of the catalogue lacks its {key}", f"it has {sorted(entry)}")
    if len(value) > _LONGEST_TEXT or not value.isprintable():
        # It goes into headers and onto terminals as it is.
        raise UsageError(f"the {key} of a {kind} of the catalogue", f"at most {_LONGEST_TEXT} characters on one line")
    return value


def _slug(entry: dict[str, Any], kind: str) -> str:
    slug = _text(entry, "slug", kind)
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"the slug {slug!r} of a {kind} must look like price-lists", "at most 64 of a-z, 0-9 and -")
    return slug


def _texts(entry: dict[str, Any], key: str, kind: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"{key} of {kind} {entry.get('slug')!r} must be a list of texts")
    return tuple(value)


def _check(modules: tuple[ModuleRecord, ...], extensions: tuple[ExtensionRecord, ...]) -> None:
    slugs = [each.slug for each in modules]
    prefixes = [path for each in modules for path in each.paths]
    for what, values in (
        ("module", slugs),
        ("extension", [each.slug for each in extensions]),
        ("path", prefixes),
    ):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise UsageError(f"the {what} {min(twice)!r} stands twice in the catalogue")
    for each in extensions:
        unknown = set(each.modules) - set(slugs)
        if unknown:
            raise UsageError(f"extension {each.slug!r} names the unknown module {min(unknown)!r}")


def _refuse_missing(kind: str, slugs: set[str]) -> None:
    if slugs:
        raise UsageError(f"tokens use the {kind} {min(slugs)!r}", "keep it in the catalogue")

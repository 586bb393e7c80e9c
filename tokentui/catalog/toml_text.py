"""The catalogue as TOML: read and checked when it comes in, written so that it can be read again."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import tomli_w

from tokentui import validation
from tokentui.errors import UsageError
from tokentui.records import Catalog, ExtensionRecord, ModuleRecord

NAME_LENGTH = 128
DESCRIPTION_LENGTH = 255
"""In characters; a code is as long as a name may be."""

# Slugs stand in headers and in lists, and `*` is the word for all modules.
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
# As the gate compares it: decoded, without what it refuses or takes off.
_PATH = re.compile(r"/|(/[^/?#%;\\\s]+)+")


def parse(text: str) -> Catalog:
    """TOML → a catalogue with at least one extension and one module.

    Raises UsageError that says which entry is wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("the catalogue is not TOML", str(error)) from None
    except RecursionError:
        raise UsageError("the catalogue is not TOML that can be read", "its values are nested too deeply") from None
    modules = tuple(_module(entry) for entry in _entries(table, "module"))
    extensions = tuple(_extension(entry) for entry in _entries(table, "extension"))
    _refuse_twice("module", (module.slug for module in modules))
    _refuse_twice("path", (path for module in modules for path in module.paths))
    _refuse_twice("extension", (extension.slug for extension in extensions))
    slugs = {module.slug for module in modules}
    for extension in extensions:
        if unknown := set(extension.modules) - slugs:
            raise UsageError(f"extension {extension.slug!r} names the unknown module {min(unknown)!r}")
    return Catalog(extensions, modules)


def to_toml(catalog: Catalog) -> str:
    """The catalogue as TOML that `parse` reads back, with nothing in it that a terminal obeys."""
    extensions = [
        {
            "slug": extension.slug,
            **({"code": extension.code} if extension.code else {}),
            "name": extension.name,
            **({"description": extension.description} if extension.description else {}),
            "permissions": _permissions(extension),
        }
        for extension in catalog.extensions
    ]
    modules = [{"slug": module.slug, "name": module.name, "paths": list(module.paths)} for module in catalog.modules]
    written = tomli_w.dumps({"extension": extensions, "module": modules})
    # What an older database holds. Anything but a line break stands in a string, where TOML has escapes for it.
    return "".join(
        f"\\U{ord(character):08X}" if character != "\n" and validation.unsafe_character(character) else character
        for character in written
    )


def _permissions(extension: ExtensionRecord) -> str | list[str]:
    if extension.asks_permissions:
        return "ask"
    return "all" if extension.all_modules else list(extension.modules)


def _entries(table: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    entries = table.get(kind)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"the catalogue has no [[{kind}]]", "it needs at least one: see `tokentui catalog show`")
    return entries


def _module(entry: dict[str, Any]) -> ModuleRecord:
    paths = _texts(entry, "paths", "module")
    for path in paths:
        if not _PATH.fullmatch(path) or validation.unsafe_character(path) or {".", ".."} & set(path.split("/")):
            raise UsageError(f"the path {path!r} of module {entry.get('slug')!r} must look like /agreements")
    return ModuleRecord(_slug(entry, "module"), _text(entry, "name", "module"), paths)


def _extension(entry: dict[str, Any]) -> ExtensionRecord:
    permissions = entry.get("permissions", "ask")
    listed = isinstance(permissions, list)
    if not listed and permissions not in ("ask", "all"):
        raise UsageError(f"permissions of extension {entry.get('slug')!r}", 'write "ask", "all" or a list of modules')
    return ExtensionRecord(
        slug=_slug(entry, "extension"),
        code=_text(entry, "code", "extension", needed=False),
        name=_text(entry, "name", "extension"),
        description=_text(entry, "description", "extension", needed=False, length=DESCRIPTION_LENGTH),
        asks_permissions=permissions == "ask",
        all_modules=permissions == "all",
        modules=tuple(sorted(set(_texts(entry, "permissions", "extension")))) if listed else (),
    )


def _text(entry: dict[str, Any], key: str, kind: str, *, needed: bool = True, length: int = NAME_LENGTH) -> str:
    """A text on one line: it goes into headers and onto terminals."""
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"the {key} of {kind} {entry.get('slug')!r} is not a text", "put it in quotes")
    if needed and not value.strip():
        raise UsageError(f"one {kind} of the catalogue lacks its {key}", f"it has {sorted(entry)}")
    if character := validation.unsafe_character(value):
        what = f"the {key} of {kind} {entry.get('slug')!r} holds a character that can't be shown"
        raise UsageError(f"{what} (U+{ord(character):04X})", "leave it out")
    if len(value) > length:
        raise UsageError(f"the {key} of {kind} {entry.get('slug')!r} is too long", f"at most {length} characters")
    return value


def _slug(entry: dict[str, Any], kind: str) -> str:
    slug = _text(entry, "slug", kind)
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"the {kind}'s slug {slug!r} must look like price-lists", "at most 64 of a-z, 0-9 and -")
    return slug


def _texts(entry: dict[str, Any], key: str, kind: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise UsageError(f"{key} of {kind} {entry.get('slug')!r} must be a list of texts")
    return tuple(value)


def _refuse_twice(kind: str, values: Iterable[str]) -> None:
    twice = [value for value, number in Counter(values).items() if number > 1]
    if twice:
        raise UsageError(f"the {kind} {min(twice)!r} stands twice in the catalogue")

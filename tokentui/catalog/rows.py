"""The packaged catalogue, and the rows that a new database keeps it in. Without SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from tokentui.catalog.toml_text import parse
from tokentui.records import Catalog

Rows = list[tuple[Any, ...]]


def packaged() -> Catalog:
    """What a new database gets."""
    return parse(files("tokentui.catalog").joinpath("default.toml").read_text(encoding="utf-8"))


def rows_of(catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Tables with their columns and the rows of a catalogue, in an order that satisfies the foreign keys."""
    modules, extensions = catalog.modules, catalog.extensions
    yield (
        "modules",
        ("slug", "name", "position"),
        [(module.slug, module.name, position) for position, module in enumerate(modules)],
    )
    yield (
        "extensions",
        ("slug", "code", "name", "description", "asks_permissions", "grants_all", "position"),
        [
            (
                extension.slug,
                extension.code,
                extension.name,
                extension.description,
                extension.asks_permissions,
                extension.all_modules,
                position,
            )
            for position, extension in enumerate(extensions)
        ],
    )
    yield (
        "module_paths",
        ("prefix", "module_slug"),
        [(prefix, module.slug) for module in modules for prefix in module.paths],
    )
    yield (
        "extension_modules",
        ("extension_slug", "module_slug"),
        [(extension.slug, slug) for extension in extensions for slug in extension.modules],
    )

"""Which extensions and modules there are: kept in the database, seeded from `default.toml`, exchanged as TOML."""

from tokentui.catalog.store import import_catalog, load, read, seed
from tokentui.catalog.toml_text import parse, to_toml

__all__ = ["import_catalog", "load", "parse", "read", "seed", "to_toml"]

"""Which extensions and modules there are: loaded from the database, seeded and exchanged as TOML."""

from tokentui.catalog.store import import_catalog, load, parse, read, seed, to_toml

__all__ = ["import_catalog", "load", "parse", "read", "seed", "to_toml"]

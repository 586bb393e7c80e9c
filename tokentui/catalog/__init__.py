"""Which extensions and modules there are: kept in the database, seeded from `default.toml`, exchanged as TOML.

What asks the database is imported when it is first asked for: `rows` and `toml_text` do without SQLAlchemy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokentui.catalog.store import import_catalog, load, read, seed
    from tokentui.catalog.toml_text import parse, to_toml

__all__ = ["import_catalog", "load", "parse", "read", "seed", "to_toml"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tokentui.catalog import store, toml_text

    globals().update({exported: getattr(store, exported, None) or getattr(toml_text, exported) for exported in __all__})
    return globals()[name]

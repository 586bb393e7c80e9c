"""Which extensions and modules there are: kept in the database, seeded from `default.toml`, exchanged as TOML.

What asks the database is imported when it is first asked for: `rows` and `toml_text` do without SQLAlchemy.
"""

from typing import TYPE_CHECKING

from tokentui.late_imports import late_imports

if TYPE_CHECKING:
    from tokentui.catalog.store import import_catalog, load, read, seed
    from tokentui.catalog.toml_text import parse, to_toml

__all__ = ["import_catalog", "load", "parse", "read", "seed", "to_toml"]

__getattr__ = late_imports(
    __name__,
    {
        "tokentui.catalog.store": ("import_catalog", "load", "read", "seed"),
        "tokentui.catalog.toml_text": ("parse", "to_toml"),
    },
)

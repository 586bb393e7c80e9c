"""The catalogue in the database: seeded, replaced, and what the gate makes of its paths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from tests.catalog.test_toml_text import text
from tests.factories import make_token
from tokentui import catalog
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.gate import Gate
from tokentui.models import Extension, ExtensionModule, Module, ModulePath


def test_a_custom_catalogue_is_imported(context: Context) -> None:
    """Its paths are the gate's, decoded."""
    catalog.import_catalog(context, text())
    issued = make_token(context, modules=("urun",), extension="ours")
    assert issued.key is not None
    gate = Gate.from_context(context)
    header = f"ApiKey {issued.key.text}"
    assert gate.verify(header, path="/%C3%BCr%C3%BCn/v1.0/x").allowed
    assert not gate.verify(header, path="/%C3%BCr%C3%BCn").allowed


@pytest.mark.parametrize("path", ["/ürün/v1.0", "/😀", "/"])
def test_the_catalogue_reads_back(context: Context, path: str) -> None:
    """What `catalog show` prints can be imported, and is the same again."""
    imported = catalog.import_catalog(context, text(path=path))
    assert catalog.load(context) == imported
    assert catalog.import_catalog(context, catalog.to_toml(catalog.load(context))) == imported


def test_a_refused_import_changes_nothing(context: Context) -> None:
    before = catalog.load(context)
    make_token(context)
    for wrong in (text(module="*"), "extension = []\nmodule = []", text().replace('"custom"', '"other"')):
        with pytest.raises(UsageError):
            catalog.import_catalog(context, wrong)
    assert catalog.load(context) == before


def test_the_root_covers_everything(context: Context) -> None:
    catalog.import_catalog(context, text(path="/"))
    issued = make_token(context, modules=("urun",))
    assert issued.key is not None
    assert Gate.from_context(context).verify(f"ApiKey {issued.key.text}", path="/any/thing").allowed


def test_an_emptied_catalogue_is_filled_again_unless_tokens_use_it(
    context: Context, open_as: Callable[..., Context]
) -> None:
    """An older program could empty it; what tokens refer to stays."""

    def empty(*tables: type) -> None:
        with context.database.write() as session:
            for table in tables:
                session.execute(delete(table))
            session.commit()

    packaged = catalog.load(context)
    empty(ExtensionModule, Extension)
    assert catalog.load(open_as()) == packaged
    catalog.import_catalog(context, text())
    make_token(context, extension="ours")
    empty(ModulePath, ExtensionModule, Module)
    assert [extension.slug for extension in catalog.load(open_as()).extensions] == ["ours", "custom"]

"""What a catalogue may hold: slugs stand in headers, and paths are compared by the gate."""

from __future__ import annotations

import pytest

from tests.factories import make_token
from tokentui import catalog
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.gate import Gate

WHOLE = """
[[extension]]
slug = "{extension}"
code = "EXT-900"
name = "Ours [red]x[/]"
permissions = "ask"
[[extension]]
slug = "custom"
name = "Custom"
[[module]]
slug = "{module}"
name = "Ürün"
paths = ["{path}"]
"""


def text(extension: str = "ours", module: str = "urun", path: str = "/ürün/v1.0") -> str:
    return WHOLE.format(extension=extension, module=module, path=path)


def test_one_of_our_own(context: Context) -> None:
    """Its paths are the gate's, decoded."""
    catalog.import_catalog(context, text())
    issued = make_token(context, modules=("urun",), extension="ours")
    gate = Gate.from_context(context)
    header = f"ApiKey {issued.key.text}"
    assert gate.verify(header, path="/%C3%BCr%C3%BCn/v1.0/x").allowed
    assert not gate.verify(header, path="/%C3%BCr%C3%BCn").allowed


def test_it_is_read_back(context: Context) -> None:
    found = catalog.import_catalog(context, text())
    assert catalog.parse(catalog.to_toml(found)) == found


@pytest.mark.parametrize("slug", ["*", "a b", "A", "ü", "a\\r\\nX-Token-Id: 1", "-a", "a" * 65, "a,b", ""])
@pytest.mark.parametrize("where", ["module", "extension"])
def test_slugs(context: Context, slug: str, where: str) -> None:
    """`*` would be all modules, a space two, a line break a header."""
    before = catalog.load(context)
    with pytest.raises(UsageError, match="slug"):
        catalog.import_catalog(context, text(**{where: slug}))
    assert catalog.load(context) == before


@pytest.mark.parametrize(
    "path",
    ["", "a", "//a", "/a/", "/a//b", "/a/../b", "/./a", "/a?b", "/a#b", "/a%2fb", "/a;b", "/a\\\\b", "/a b", "/\\u0007",
     "/\\u202e"],
)  # fmt: skip
def test_paths(path: str) -> None:
    """One that the gate would never find, or find for another."""
    with pytest.raises(UsageError, match="must look like /agreements"):
        catalog.parse(text(path=path))


def test_the_root_covers_everything(context: Context) -> None:
    catalog.import_catalog(context, text(path="/"))
    issued = make_token(context, modules=("urun",))
    assert Gate.from_context(context).verify(f"ApiKey {issued.key.text}", path="/any/thing").allowed

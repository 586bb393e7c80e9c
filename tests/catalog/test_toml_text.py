"""The catalogue as TOML: what it may hold (slugs stand in headers, the gate compares paths), and whole both ways."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui import catalog
from tokentui.catalog import toml_text
from tokentui.errors import UsageError
from tokentui.records import Catalog, ExtensionRecord, ModuleRecord
from tokentui.validation import unsafe_character

WHOLE = """
[[extension]]
slug = "{extension}"
code = "{code}"
name = "{name}"
description = "{description}"
permissions = "ask"
[[extension]]
slug = "custom"
name = "Custom"
[[module]]
slug = "{module}"
name = "{title}"
paths = ["{path}"]
"""
UNSAFE = ["\x00", "\t", "\n", "\x1b", "\x7f", "\x85", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"]


def text(**given: str) -> str:
    """A catalogue with two extensions and a module, with these texts in it."""
    usual = {
        "extension": "ours", "code": "EXT-900", "name": "Ours [red]x[/]", "description": "", "module": "urun",
        "title": "Ürün", "path": "/ürün/v1.0",
    }  # fmt: skip
    return WHOLE.format(**usual | given)


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    lambda line: bool(line.strip()) and not unsafe_character(line)
)
SEGMENTS = LINES.map(lambda line: re.sub(r"[/?#%;\\\s]", "😀", line)).filter(lambda part: part not in (".", ".."))
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Any catalogue that may come in."""
    paths = iter(draw(st.lists(SEGMENTS.map(lambda segment: f"/{segment}"), unique=True, max_size=6)))
    modules = tuple(
        ModuleRecord(slug, draw(LINES), tuple(path for path, _ in zip(paths, range(2), strict=False)))
        for slug in draw(st.lists(SLUGS, unique=True, min_size=1, max_size=3))
    )
    slugs = [module.slug for module in modules]
    extensions = tuple(
        ExtensionRecord(
            slug,
            draw(st.one_of(st.just(""), LINES)),
            draw(LINES),
            draw(st.one_of(st.just(""), LINES)),
            asks_permissions=permissions == "ask",
            all_modules=permissions == "all",
            modules=tuple(sorted(draw(st.sets(st.sampled_from(slugs))))) if permissions == "some" else (),
        )
        for slug in draw(st.lists(SLUGS, unique=True, min_size=1, max_size=3))
        for permissions in [draw(st.sampled_from(["ask", "all", "some"]))]
    )
    return Catalog(extensions, modules)


@given(catalogs())
def test_any_valid_catalogue_reads_back(catalogue: Catalog) -> None:
    assert toml_text.parse(toml_text.to_toml(catalogue)) == catalogue


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_odd_characters_of_an_older_database_are_escaped(odd: str) -> None:
    """No control reaches the terminal, and TOML reads the very text back."""
    extension = ExtensionRecord("a", odd, odd, odd, asks_permissions=True, all_modules=False, modules=())
    written = toml_text.to_toml(Catalog((extension,), (ModuleRecord("m", odd, ("/" + odd,)),)))
    assert not unsafe_character(written.replace("\n", ""))
    read = tomllib.loads(written)
    assert read["extension"][0] == {"slug": "a", "code": odd, "name": odd, "description": odd, "permissions": "ask"}
    assert read["module"] == [{"slug": "m", "name": odd, "paths": ["/" + odd]}]


def test_a_path_with_an_emoji() -> None:
    read = toml_text.parse(text(path="/😀"))
    assert toml_text.parse(toml_text.to_toml(read)) == read
    assert "/😀" in toml_text.to_toml(read)


@pytest.mark.parametrize("character", UNSAFE)
@pytest.mark.parametrize("where", ["code", "name", "description", "title", "path", "extension", "module"])
def test_terminal_control_characters_are_refused(where: str, character: str) -> None:
    """In one line that shows no such character itself."""
    with pytest.raises(UsageError) as refused:
        toml_text.parse(text(**{where: f"/a\\U{ord(character):08X}b"}))
    assert not unsafe_character(str(refused.value))


@pytest.mark.parametrize("kind", ["module", "extension"])
@pytest.mark.parametrize("form", ["", "{kind} = []", "{kind} = 7", "[{kind}]"])
def test_a_catalogue_without_a_module_or_an_extension_is_refused(kind: str, form: str) -> None:
    other = "extension" if kind == "module" else "module"
    text = form.format(kind=kind) + f'\n[[{other}]]\nslug = "a"\nname = "A"\n'
    with pytest.raises(UsageError, match=rf"no \[\[{kind}\]\]: it needs at least one"):
        toml_text.parse(text)


@pytest.mark.parametrize("nested", ["x = " + "[" * 500 + "]" * 500, "x = " + "{a=" * 5000 + "1" + "}" * 5000])
def test_deep_nesting_is_refused(nested: str) -> None:
    with pytest.raises(UsageError):
        toml_text.parse(nested)


@pytest.mark.parametrize("key", ["code", "description", "name"])
def test_a_text_that_is_none_is_refused(key: str) -> None:
    wrong = re.sub(rf'(?m)^{key} = "[^"]*"', f"{key} = 7", text(), count=1)
    with pytest.raises(UsageError, match=f"the {key} of extension 'ours' is not a text"):
        toml_text.parse(wrong)


@pytest.mark.parametrize("slug", ["*", "a b", "A", "ü", "a\\r\\nX-Token-Id: 1", "-a", "a" * 65, "a,b", ""])
@pytest.mark.parametrize("where", ["module", "extension"])
def test_slugs(slug: str, where: str) -> None:
    """`*` would be all modules, a space two, a line break a header."""
    with pytest.raises(UsageError, match="slug"):
        toml_text.parse(text(**{where: slug}))


@pytest.mark.parametrize(
    "path",
    ["", "a", "//a", "/a/", "/a//b", "/a/../b", "/./a", "/a?b", "/a#b", "/a%2fb", "/a;b", "/a\\\\b", "/a b", "/\\u0007",
     "/\\u202e"],
)  # fmt: skip
def test_paths(path: str) -> None:
    """One that the gate would never find, or find for another."""
    with pytest.raises(UsageError, match="must look like /agreements"):
        toml_text.parse(text(path=path))


def test_the_packaged_catalogue_reads_back() -> None:
    read = catalog.parse(toml_text.to_toml(catalog.parse(text())))
    assert read == catalog.parse(text())

"""The catalogue: which extensions and modules there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """A module of the catalogue with the path prefixes that it covers."""

    slug: str
    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtensionRecord:
    """An extension of the catalogue. `modules` is what it gets where it does not ask (empty with `all_modules`)."""

    slug: str
    code: str
    name: str
    description: str
    asks_permissions: bool
    all_modules: bool
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole catalogue, in its own order."""

    extensions: tuple[ExtensionRecord, ...]
    modules: tuple[ModuleRecord, ...]

    def extension(self, slug: str) -> ExtensionRecord:
        """The extension of this slug; raises KeyError."""
        return {extension.slug: extension for extension in self.extensions}[slug]

    def module(self, slug: str) -> ModuleRecord:
        """The module of this slug; raises KeyError."""
        return {module.slug: module for module in self.modules}[slug]

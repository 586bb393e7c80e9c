"""Names of a package that are imported when somebody first asks for them (PEP 562), so that a start waits for none."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping


def late_imports(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """The `__getattr__` of a package: by module, the names that the package has from there."""
    module_of = {name: module for module, names in modules.items() for name in names}

    def attribute(name: str) -> object:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(importlib.import_module(module_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return attribute

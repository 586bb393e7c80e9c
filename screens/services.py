"""The services that screens call, each imported when it is first used: the first frame waits for none of them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokentui import catalog as catalog
    from tokentui.listing import counts as counts
    from tokentui.listing import filter_conditions as filter_conditions
    from tokentui.listing import order as order
    from tokentui.listing import pages as pages
    from tokentui.tokens import bulk as bulk
    from tokentui.tokens import export as export
    from tokentui.tokens import find_key as find_key
    from tokentui.tokens import reads as reads
    from tokentui.tokens import secrets as secrets
    from tokentui.usage import reports as reports

_MODULES = {
    "catalog": "tokentui.catalog",
    "counts": "tokentui.listing.counts",
    "filter_conditions": "tokentui.listing.filter_conditions",
    "order": "tokentui.listing.order",
    "pages": "tokentui.listing.pages",
    "bulk": "tokentui.tokens.bulk",
    "export": "tokentui.tokens.export",
    "find_key": "tokentui.tokens.find_key",
    "reads": "tokentui.tokens.reads",
    "secrets": "tokentui.tokens.secrets",
    "reports": "tokentui.usage.reports",
}


def __getattr__(name: str) -> ModuleType:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(_MODULES[name])

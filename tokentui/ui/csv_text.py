"""Lines of CSV that neither a terminal nor a spreadsheet obeys."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from tokentui.ui.text import safe_text


def csv_line(values: Iterable[Any]) -> str:
    """A line with its end. A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP)."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["" if value is None else _harmless(value) for value in values])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    safe = safe_text(value, lines=True)
    return f"'{safe}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else safe

"""What checks tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `ok`, what was found, and what to do where it is not."""

    check: str
    ok: bool
    message: str
    remedy: str = ""

"""What the app remembers between two starts: the theme. Not a setting, so never in the configuration."""

from __future__ import annotations

import json
from pathlib import Path

_NAME = "app.json"


def load_theme(home: Path) -> str:
    """The theme that was chosen last, or nothing."""
    try:
        stored = json.loads((home / _NAME).read_text(encoding="utf-8"))
        return str(stored.get("theme", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def save_theme(home: Path, theme: str) -> None:
    """Remembers a theme; a home that can't be written is no reason to stop."""
    try:
        (home / _NAME).write_text(json.dumps({"theme": theme}) + "\n", encoding="utf-8")
    except OSError:
        return

"""The sheets of the windows of actions; absolute, as they are shared by files that lie elsewhere."""

from __future__ import annotations

from pathlib import Path, PurePath

_STYLES = Path(__file__).parent.parent.parent / "styles"
ACTION_STYLES: list[str | PurePath] = [_STYLES / "dialogs.tcss", _STYLES / "actions.tcss"]

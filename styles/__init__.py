"""The style sheets: one for each folder of screens, of the same name, with rules nested under the screen or widget.

`app` has what every screen shares, `widgets` what widgets of two screens look like, `dialogs` the windows.
"""

from __future__ import annotations

from pathlib import Path, PurePath

_FOLDER = Path(__file__).parent


def sheets(*names: str) -> list[str | PurePath]:
    """The paths of some sheets, for `CSS_PATH`; absolute, so that a subclass in another folder finds them too."""
    return [_FOLDER / f"{name}.tcss" for name in names]

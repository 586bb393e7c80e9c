"""Accents that are characters of their own, as macOS types them, in each kind of field, under the cursor too."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from tests.e2e.conftest import Installed

pytestmark = pytest.mark.e2e

ACUTE = "\N{COMBINING ACUTE ACCENT}"


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (("/",), "Complete"),
        (("n",), "1 of 5 General"),
        (("n", "tab", "tab", "tab"), "1 of 5 General"),
        (("e",), "─ Edit "),
        (("ctrl+p",), "Esc close"),
        (("a", "/"), "Audit"),
    ],
    ids=["filter", "name", "description", "edit", "palette", "audit"],
)
def test_an_accent_under_the_cursor(installed: Installed, keys: tuple[str, ...], place: str) -> None:
    """The cursor stands on the accent alone, before it and at the ends; what was typed is there in the end."""
    app = installed.open()
    app.wait_for("Tutorial Token")
    app.press(*keys)
    app.wait_for(place)
    app.press(f"cafe{ACUTE}", "left", "right", "left", "left", "home", "end", f"{ACUTE}x")
    app.wait(lambda screen: f"café{ACUTE}x" in normalize("NFC", screen), "what was typed")

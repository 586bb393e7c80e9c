"""Two operators on one database: what one does while the other has a form or a preview open."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Installed

pytestmark = pytest.mark.e2e

TOKEN = "SU-631-646-036"


def test_rotations_beside_a_form_and_a_preview(installed: Installed) -> None:
    """Editing and rotating are no conflict; what the preview leaves alone is left alone."""
    app = installed.open()
    app.wait_for("Tutorial Token", seconds=60)
    app.press("e")
    app.wait_for("^s save")
    app.press("end", "!")
    app.wait_for("Tutorial Token!")
    installed.run("rotate", TOKEN, "--overlap", "24h")
    app.press("ctrl+s")
    app.wait_for("Tutorial Token! saved")
    edited = installed.json("show", TOKEN)
    assert (edited["name"], len(edited["secrets"])) == ("Tutorial Token!", 2)

    for _ in range(2):
        installed.run("rotate", TOKEN, "--overlap", "24h")
    app.press("space", "down", "space")
    app.wait_for("2 marked")
    app.press("r")
    app.wait_for("1 token left alone:")
    app.wait_for("4 secrets that work")
    assert "Rotate 1 token?" in app.text
    app.press("right", "enter")
    app.wait_for("1 token rotated")
    app.wait_for("1 token left alone:")
    rotated = [entry["token"] for entry in installed.json("audit") if entry["action"] == "rotate"]
    assert rotated[0] != TOKEN
    assert rotated[1:4] == [TOKEN] * 3
    app.press("escape", "q")
    assert app.end() == 0

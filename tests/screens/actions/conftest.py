"""What the tests of actions are given."""

from __future__ import annotations

import pytest


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to the terminal's clipboard."""
    texts: list[str] = []

    def osc52(text: str) -> str:
        texts.append(text)
        return ""

    monkeypatch.setattr("tokentui.ui.clipboard.osc52", osc52)
    return texts

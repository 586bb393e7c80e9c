"""`tokentui stats` as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui

TOKEN = "SU-631-646-036"


@pytest.fixture
def sample(tokentui: Tokentui, tmp_path: Path) -> str:
    """The path of a database of sample tokens."""
    path = str(tmp_path / "sample.db")
    assert tokentui("demo", "--to", path).status == 0
    return path


def test_the_chart_fits_the_terminal(tokentui: Tokentui, sample: str) -> None:
    """Errors have lanes of their own at every width; the figures stand beside the chart where there is room."""
    for width in (60, 80, 120, 200):
        lines = tokentui("--db", sample, "stats", TOKEN, COLUMNS=str(width)).out.splitlines()
        assert max(map(len, lines)) <= width
        assert lines[0] == TOKEN
        assert lines[1].startswith("Responses, 30 days")
        lanes = [line.partition("│")[0].strip() for line in lines if "│" in line]
        assert [lane for lane in lanes if lane.endswith("xx")] == ["2xx", "3xx", "4xx", "5xx"]
        assert any("│" in line and "2xx Success" in line for line in lines) is (width >= 100)


def test_colours_are_a_choice(tokentui: Tokentui, sample: str) -> None:
    """None into a pipe, unless they are asked for; NO_COLOR is about the default alone."""
    assert "\x1b" not in tokentui("--db", sample, "stats", TOKEN).out
    assert "\x1b" not in tokentui("--db", sample, "--color", "never", "stats", TOKEN).out
    coloured = tokentui("--db", sample, "--color", "always", "stats", TOKEN, NO_COLOR="1").out
    assert "\x1b[31m" in coloured
    assert tokentui("--color", "sometimes", "stats").status == 2


def test_days_that_do_not_fit_are_told(tokentui: Tokentui, sample: str) -> None:
    """The newest are drawn, and the way to the others is said."""
    out = tokentui("--db", sample, "stats", "--days", "400", COLUMNS="80").out
    assert "days are drawn" in out
    assert "--csv" in out


def test_no_response_yet(tokentui: Tokentui) -> None:
    """A word instead of an empty chart."""
    made = tokentui.make()
    assert "No response was recorded." in tokentui("stats", made["id"]).out

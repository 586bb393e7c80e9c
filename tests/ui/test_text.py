"""Text that is safe to show, and cut to the cells of a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tokentui.ui.text import cell_width, fit, safe_text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Billing export", "Billing export"), ("[bold]x[/]", "[bold]x[/]"), ("Zürich 請求書", "Zürich 請求書"),
        ("\x1b[31mred", "␛[31mred"), ("a\x00b\x07", "a␀b␇"), ("tab\there", "tab␉here"), ("\x7f", "␡"),
        ("\x9b31m", "\ufffd31m"), ("\u202eevil", "\ufffdevil"), ("\u2066x\u2069", "\ufffdx\ufffd"),
        ("half \ud83d", "half \ufffd"), ("one\u2028two", "one\ufffdtwo"), ("one\ntwo", "one␊two"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)  # fmt: skip
def test_safe_text(typed: str, shown: str) -> None:
    assert safe_text(typed) == shown


def test_safe_text_keeps_line_breaks_where_asked() -> None:
    assert safe_text("one\ntwo\r\x1b", lines=True) == "one\ntwo␍␛"


@given(st.text(st.characters(codec=None)))
def test_safe_text_leaves_nothing_that_moves_a_terminal(text: str) -> None:
    safe = safe_text(text)
    assert not {unicodedata.category(c) for c in safe} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(c) for c in safe} & {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }
    assert len(safe) == len(text)
    assert safe_text(safe) == safe


WIDTHS = [
    "", "plain", "é", "e\u0301", "請求書", "각", "\u1112\u1161\u11ab", "किताब", "👍🏽", "👩\u200d💻", "❤\ufe0f",
    "1\ufe0f\u20e3", "🇩🇪", "a\ufe0f", "soft\u00adhyphen", "ｆｕｌｌ", "\u0301alone", "\u200d", "…●◐○◌✕",
]  # fmt: skip


@pytest.mark.parametrize("text", WIDTHS)
def test_width_is_what_the_screen_draws(text: str) -> None:
    assert cell_width(text) == cell_len(text)


def test_fit_cuts_and_fills() -> None:
    assert fit("Billing", 10) == "Billing   "
    assert fit("Billing export", 10) == "Billing e…"
    assert fit("請求書", 6) == "請求書"
    assert fit("請求書", 5) == "請求…"
    assert fit("請求書", 4) == "請… "
    assert fit("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert fit("xy", 1) == "…"
    assert fit("xy", 0) == fit("請", 0) == ""


@given(st.lists(st.sampled_from([*WIDTHS, "x", " ", "\u200d"])).map("".join), st.integers(0, 30))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert cell_width(fitted) == width
    assert fitted.rstrip(" ").removesuffix("…") == text.strip("\u200d")[: len(fitted.rstrip(" ").removesuffix("…"))]

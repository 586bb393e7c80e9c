"""A fault of the program is one line, and no value is in it."""

from __future__ import annotations

import pytest

from tokentui.terminal.faults import fault_text

SECRET = "0123456789abcdef0123456789abcdef01234567"


def failed() -> Exception:
    """An error with a key in its message and in its frame."""
    key = SECRET
    try:
        raise KeyError(key)
    except KeyError as error:
        return error


@pytest.mark.parametrize("environ", [{}, {"TOKENTUI_DEBUG": "1"}])
def test_a_fault_names_its_kind_and_place(environ: dict[str, str]) -> None:
    """The kind of error and the place; the places on the way to it only where they are asked for."""
    text = fault_text(failed(), environ)
    assert SECRET not in text
    last = text.splitlines()[-1]
    assert last.startswith("tokentui: a fault of the program, KeyError at test_faults.py:")
    assert (text.count("\n") > 1) == bool(environ)

"""Where an escape sequence ends."""

from __future__ import annotations

import pytest

from tokentui.terminal.sequences import SequenceState, ends_string, state_of

COMPLETE = ["\x1bOP", "\x1b[A", "\x1b[1;5C", "\x1b[M !!", "\x1b[[A", "\x1b[24$", "\x1b[?2048;1$y", "\x1b[<0;-1;3M"]


@pytest.mark.parametrize("sequence", COMPLETE)
def test_a_sequence_ends_with_its_last_character(sequence: str) -> None:
    """And not before it, even where what is there so far is one of rxvt's."""
    assert state_of(sequence) is SequenceState.COMPLETE
    shorter = {state_of(sequence[:length]) for length in range(1, len(sequence))}
    assert shorter <= {SequenceState.INCOMPLETE, SequenceState.COMPLETE}
    assert state_of("\x1b") is SequenceState.INCOMPLETE


def test_what_is_no_sequence() -> None:
    for text in ("\x1ba", "\x1b\x1b", "\x1b[\x07"):
        assert state_of(text) is SequenceState.NONE


def test_control_strings() -> None:
    assert {state_of("\x1b" + start) for start in "PX]^_"} == {SequenceState.STRING}
    assert ends_string("\x1b", "\\")
    assert all(ends_string("x", end) for end in "\x07\x18\x1a\x9c")
    assert not ends_string("x", "\\")

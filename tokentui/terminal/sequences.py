"""Where an escape sequence ends, so that what a terminal answers is never taken for keys.

The grammar is that of ECMA-48 (5.4 control sequences, 5.6 control strings), with what xterm, rxvt and Linux add.
"""

from __future__ import annotations

import enum
import re

ESC = "\x1b"
_STRING_STARTS = frozenset("PX]^_")
"""After an escape: DCS, SOS, OSC, PM, APC."""

_STRING_ENDS = frozenset("\x07\x18\x1a\x9c")
"""BEL (xterm), CAN and SUB, and ST as one character."""

_COMPLETE = re.compile(
    r"\x1b(?:"
    r"O."  # SS3, a function key
    r"|\[M..."  # a mouse report of X10: a button and two coordinates
    r"|\[\[."  # a function key of the Linux console
    r"|\[[0-9]+\$"  # a key with Shift of rxvt
    r"|\[(?![M\[])[-0-?]*[ -/]*[@-~]"  # parameters (some terminals send negative ones), intermediates, a final
    r")",
    re.DOTALL,
)
_INCOMPLETE = re.compile(r"\x1b(?:O|\[(?:M.{0,2}|\[|[-0-?]*[ -/]*))?", re.DOTALL)


class SequenceState(enum.Enum):
    """What a text that begins with an escape is."""

    INCOMPLETE = "incomplete"
    """The beginning of a sequence."""
    COMPLETE = "complete"
    STRING = "string"
    """The start of a control string, in which a terminal answers what its colours or its name are."""
    NONE = "none"
    """No sequence, and none can come of it: Escape, or a sequence that was cut off, and a character."""


def state_of(sequence: str) -> SequenceState:
    """What it is, from its escape on."""
    if len(sequence) == 2 and sequence[1] in _STRING_STARTS:
        return SequenceState.STRING
    if _COMPLETE.fullmatch(sequence):
        return SequenceState.COMPLETE
    return SequenceState.INCOMPLETE if _INCOMPLETE.fullmatch(sequence) else SequenceState.NONE


def ends_string(before: str, character: str) -> bool:
    """Whether a character, and the one before it, end a control string."""
    return character in _STRING_ENDS or before + character == ESC + "\\"

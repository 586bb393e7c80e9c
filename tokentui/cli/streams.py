"""The standard streams of a command: open, and never the reason why it fails."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TextIO, cast


def prepare() -> None:
    """Makes the three streams usable, whatever the program was started with.

    A stream that was closed (`>&-`) is opened on the null device, so that no file of the program gets its number.
    Standard output then fails when it is written, as it must: a result would be lost in silence. What the encoding of
    a stream lacks is replaced, when it is read and, by signs as wide, when it is written.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        with contextlib.suppress(OSError):
            os.fstat(number)
            continue
        handle = os.open(os.devnull, flags)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)
    sys.stdin = sys.stdin or _opened(0, "r")
    sys.stdout = sys.stdout or _opened(1, "w")
    sys.stderr = sys.stderr or _opened(2, "w")
    codecs.register_error("as-wide", _as_wide)
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "as-wide"), (sys.stderr, "as-wide")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


_ASCII = str.maketrans("—–→…·●◐○◌✕×▸◂│┼░█▇▆▅▄▃▂▁▉▊▋▌▍▎▏", "-->.-*!o.xx><|+.####....###||||")
"""Signs of ours that an encoding may lack, each with one that is as wide and reads alike."""


def _as_wide(error: UnicodeError) -> tuple[str, int]:
    """Replaces what an encoding lacks (codecs.register_error) so that the columns of a table stay in line."""
    from rich.cells import cell_len

    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_ASCII)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in lacking), error.end


def _opened(number: int, mode: str) -> TextIO:
    """The stream of a file descriptor that Python found closed at its start."""
    return cast("TextIO", os.fdopen(number, mode, encoding="utf-8", closefd=False))


def give_up_output() -> None:
    """Lets standard output end in the null device: Python complains about what it can't write when it exits."""
    with contextlib.suppress(OSError):  # io.UnsupportedOperation, of a stream without a number, is one
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, sys.stdout.fileno())
        os.close(handle)


def output_is_utf8() -> bool:
    """Whether standard output takes every character."""
    return codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"

"""A fault of the program itself, told in one line. Messages and values are left out: a key may be among them."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Mapping
from pathlib import Path

EXIT_STATUS = 70
"""The exit status of a program that failed of its own fault (EX_SOFTWARE of sysexits.h)."""


def fault_text(error: BaseException, environ: Mapping[str, str]) -> str:
    """The line, with a line feed at its end. `TOKENTUI_DEBUG` puts the frames before it: places, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    shown = "".join(traceback.format_list(frames)) if environ.get("TOKENTUI_DEBUG") else ""
    fault = f"tokentui: a fault of the program, {type(error).__name__}{where}"
    return f"{shown}{fault}: please report it; nothing half done was kept\n"


def tell_fault(error: BaseException) -> None:
    """Writes it to standard error, where that is still there."""
    with contextlib.suppress(OSError):
        os.write(2, fault_text(error, os.environ).encode("utf-8", "backslashreplace"))

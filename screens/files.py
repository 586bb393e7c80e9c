"""Writing what is shown to a file that the operator names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokentui.errors import TokentuiError
from tokentui.validation import ValidationError


def new_file(text: str) -> Path:
    """A path at which there is no file yet; raises ValidationError."""
    path = Path(text.strip()).expanduser()
    if not text.strip() or not path.name:
        raise ValidationError("file", "a file name is needed")
    if path.exists():
        raise ValidationError("file", "there is such a file already: name another")
    return path


def write_new(path: Path, lines: Iterable[str]) -> int:
    """Writes lines into a new file, readable by its owner alone; returns how many. Raises TokentuiError."""
    number = 0
    try:
        with path.expanduser().open("x", encoding="utf-8", newline="") as file:
            path.expanduser().chmod(0o600)
            for line in lines:
                file.write(line)
                number += 1
    except OSError as error:
        raise TokentuiError(f"{path} can't be written", error.strerror or str(error)) from None
    return number

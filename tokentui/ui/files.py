"""Writing what is shown to a file that the operator names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tokentui.errors import TokentuiError
from tokentui.validation import ValidationError


def named(text: str) -> Path:
    """The path that was typed; `~` is somebody's home."""
    return Path(os.path.expanduser(text.strip()))  # Path.expanduser raises where there is no such user


def file_path(text: str) -> Path:
    """The path that was typed, where a file can have that name; raises ValidationError."""
    path = named(text)
    if not text.strip() or not path.name or path.name == "..":
        raise ValidationError("file", "a file name is needed")
    _exists(path)
    return path


def new_file(text: str) -> Path:
    """A path at which there is no file yet; raises ValidationError."""
    path = file_path(text)
    if _exists(path):
        raise ValidationError("file", "there is such a file already: name another")
    return path


def write_new(path: Path, lines: Iterable[str]) -> int:
    """Writes lines into a new file, readable by its owner alone; returns how many. Raises TokentuiError."""
    number = 0
    try:
        file = open(path, "x", encoding="utf-8", newline="", opener=_private)  # noqa: SIM115 (closed below; what fails there is told in another way)
    except OSError as error:
        raise TokentuiError(f"{path} can't be written", error.strerror or str(error)) from None
    try:
        with file:
            for line in lines:
                file.write(line)
                number += 1
    except BaseException as error:
        # Half a file would pass for a whole one, and refuse the next try.
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise TokentuiError(f"{path} can't be written", error.strerror or str(error)) from None
        raise
    return number


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:  # ValueError: a NUL, or what no file system can encode
        reason = getattr(error, "strerror", None) or "a character that can't be in a name"
        raise ValidationError("file", f"no file can have this name: {reason}") from None
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

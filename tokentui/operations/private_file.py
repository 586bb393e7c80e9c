"""Writing a secret to a new file that nobody else may read."""

from __future__ import annotations

import os
from pathlib import Path

from tokentui.errors import UsageError


def write_new(file: Path, text: str) -> None:
    """Writes a line of ASCII to a new file of mode 0600, on the disk once this returns.

    Raises UsageError where there is such a file, or it can't be made.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise UsageError(f"{file} exists", "name a new file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{file} can't be made", reason or "") from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"{text}\n")
        stream.flush()
        os.fsync(stream.fileno())

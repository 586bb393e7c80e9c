"""JSON lines of any size, a line at a time; what is wrong with one is said without a word of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from tokentui.validation import ValidationError

LONGEST_LINE = 64 * 1024
"""Bytes of the longest line: a token with everything it may have takes less."""


def read(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Each line that is not empty, with its number from 1 on; None in place of one that is too long."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
            yield number, None
        elif line.strip():
            yield number, line


def parse(line: bytes | None) -> dict[str, Any]:
    """The object of a line; raises ValidationError."""
    if line is None:
        raise ValidationError("line", f"it is longer than {LONGEST_LINE // 1024} KiB")
    try:
        value = json.loads(line.decode("utf-8-sig").rstrip("\r\n"))
    except UnicodeDecodeError:
        raise ValidationError("line", "it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValidationError("line", f"it is not JSON, from character {error.pos + 1} on") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or thousands of brackets
        raise ValidationError("line", "it is not JSON that a token could be") from None
    if not isinstance(value, dict):
        raise ValidationError("line", "it is not an object")
    return value

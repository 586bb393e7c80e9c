"""Whatever goes wrong in a command: one line on standard error and an exit status."""

from __future__ import annotations

import errno
import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from tokentui.cli import streams
from tokentui.cli.messages import say, say_error
from tokentui.cli.usage_errors import usage_error
from tokentui.errors import TokentuiError
from tokentui.terminal.faults import EXIT_STATUS, tell_fault
from tokentui.validation import ValidationError

_OUTPUT_ERRORS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "the file may not grow any more",
    errno.EIO: "check where standard output goes",
    errno.EBADF: "standard output is closed",
}
"""What writing to standard output can fail with, and what to do; a closed pipe is told apart."""


class ResultNotWritten(TokentuiError):
    """Something was done, but its result can't be written to standard output."""

    code = "not-written"


@contextmanager
def reporting(done: str, hint: str = "", *, holds_key: bool = False) -> Iterator[None]:
    """Runs what prints the result of a change, as far as its last byte, and names the change where that fails.

    `done` says what was done ("SU-631-646-036 was made"), `hint` how to see it. A reader that has closed the pipe has
    read enough, unless the result `holds_key`. Raises ResultNotWritten.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError as error:
        if not holds_key:
            raise
        raise ResultNotWritten(f"{done}, but the result can't be written ({error.strerror})", hint) from error
    except OSError as error:
        reason = error.strerror or "the output fails"
        remedy = hint or _OUTPUT_ERRORS.get(error.errno or 0, "")
        raise ResultNotWritten(f"{done}, but the result can't be written ({reason})", remedy) from error
    except TokentuiError as error:
        raise ResultNotWritten(f"{done}, but the result can't be shown ({error})", hint) from error
    except Exception as error:
        raise ResultNotWritten(f"{done}, but showing it failed ({type(error).__name__})", hint) from error


def tell(error: BaseException, arguments: Sequence[str]) -> int:
    """Says on standard error what went wrong, with `--json` on standard output too; returns the exit status."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            say(error.format_message())
            return 2
        case click.exceptions.Abort() | KeyboardInterrupt():
            say("\ntokentui: stopped")
            return 130
        case click.ClickException():
            return _tell(usage_error(error, arguments), arguments)
        case ResultNotWritten():
            streams.give_up_output()
            return _tell(error, ())
        case TokentuiError() | ValidationError():
            return _tell(error, arguments)
        case BrokenPipeError():
            streams.give_up_output()  # whoever read has enough
            return 0
        case OSError() if error.errno in _OUTPUT_ERRORS:
            streams.give_up_output()
            line = f"the result can't be written ({error.strerror or 'the output fails'})"
            return _tell(TokentuiError(line, _OUTPUT_ERRORS[error.errno]), ())
        case _:
            tell_fault(error)
            return EXIT_STATUS


def _tell(error: TokentuiError | ValidationError, arguments: Sequence[str]) -> int:
    from tokentui.cli.output import print_json_line
    from tokentui.ui.text import json_text, safe_text

    status, code = (2, "usage") if isinstance(error, ValidationError) else (error.exit_status, error.code)
    if _wants_json(arguments):
        fault: dict[str, Any] = {"error": {"code": code, "message": str(error)}}
        try:
            print_json_line(json_text(fault))
            sys.stdout.flush()
        except OSError:
            streams.give_up_output()
    say_error(safe_text(str(error)))
    return status


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether the result was to be JSON, as far as a command line tells that may be wrong itself."""
    forms = ("--json", "-ojson", "-o=json", "--output=json")
    pairs = itertools.pairwise(arguments)
    return any(argument in forms for argument in arguments) or any(
        option in ("-o", "--output") and value == "json" for option, value in pairs
    )

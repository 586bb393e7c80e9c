"""What can go wrong, each as one line that says what is wrong and what to do.

`exit_status` is the command's exit status (INTERFACES: 1 refused, 2 usage, 3 database, 4 master key); `code` is the
stable word for scripts, in `--json` errors. No message ever holds a secret.
"""

from __future__ import annotations

from typing import ClassVar


class TokentuiError(Exception):
    """The root: `message` says what is wrong, `hint` what to do next (may be empty)."""

    exit_status: ClassVar[int] = 1
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}: {self.hint}" if self.hint else self.message


class NoSuchToken(TokentuiError):
    """No token has this ID."""

    code = "no-such-token"


class WrongState(TokentuiError):
    """The token's status does not allow the action."""

    code = "wrong-state"


class Conflict(TokentuiError):
    """Another operator changed the token since it was read; nothing was written.

    `fields` holds, for each field that differs, what the other one saved and what was meant: (theirs, mine).
    """

    code = "conflict"

    def __init__(self, message: str, hint: str, fields: dict[str, tuple[str, str]]) -> None:
        super().__init__(message, hint)
        self.fields = fields


class Stopped(TokentuiError):
    """The operator stopped a change while it was being made; it was taken back."""

    code = "stopped"

    def __init__(self) -> None:
        super().__init__("Stopped", "nothing was done")


class ReadOnly(TokentuiError):
    """The program was started read-only, so nothing may be written."""

    code = "read-only"


class UsageError(TokentuiError):
    """A value, an option or a setting that makes no sense."""

    exit_status = 2
    code = "usage"


class SettingsError(UsageError):
    """The configuration can't be used."""

    code = "settings"


class QueryError(UsageError):
    """A filter that can't be read; `position` is the 0-based character where it goes wrong.

    `incomplete`: what stands at the end could still become right as more is typed.
    """

    code = "query"

    def __init__(self, message: str, hint: str = "", *, position: int = 0, incomplete: bool = False) -> None:
        super().__init__(message, hint)
        self.position = position
        self.incomplete = incomplete


class DatabaseError(TokentuiError):
    """The database can't be reached, read or written."""

    exit_status = 3
    code = "database"


class DatabaseLocked(DatabaseError):
    """Another process held the write lock for longer than the busy timeout."""

    code = "database-locked"


class TransactionAborted(DatabaseLocked):
    """The server ended the transaction for the sake of another one; nothing was written, and it may be tried again."""


class SchemaTooNew(DatabaseError):
    """A later version of the program made this database; it is left untouched."""

    code = "schema-too-new"


class MasterKeyError(TokentuiError):
    """The master key is missing, wrong or unreadable; nothing was changed."""

    exit_status = 4
    code = "master-key"

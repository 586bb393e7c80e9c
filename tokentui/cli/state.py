"""What the global options say, and the context that is opened from it when a command first needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokentui.context import Context
    from tokentui.settings import Settings


class State:
    """Handed to every command as click's `obj`."""

    def __init__(self, db: str | None, config: str | None, read_only: bool, passphrase_fd: int | None = None) -> None:
        self._options = (db, config, read_only)
        self._passphrase_fd = passphrase_fd
        self._settings: Settings | None = None
        self._context: Context | None = None

    @property
    def settings(self) -> Settings:
        """Flags over environment over configuration; raises SettingsError."""
        if self._settings is None:
            from tokentui.settings import load

            db, config, read_only = self._options
            refuse_password(db or "")
            self._settings = load(database=db, config=config, read_only=read_only)
        return self._settings

    @property
    def context(self) -> Context:
        """The open context; raises DatabaseError."""
        if self._context is None:
            from tokentui.bootstrap import open_context

            self._prepare()
            self._context = open_context(self.settings)
        return self._context

    @property
    def late_context(self) -> Context:
        """The context for the app, whose database is opened when it is first used."""
        if self._context is None:
            from tokentui.bootstrap import open_context_late

            self._prepare()
            self._context = open_context_late(self.settings)
        return self._context

    def _prepare(self) -> None:
        from tokentui.cli import passphrase

        passphrase.prepare(self._passphrase_fd)
        _warn_of_master_key(self.settings)

    def close(self) -> None:
        """Closes what was opened."""
        if self._context is not None:
            self._context.close()


def refuse_password(database: str) -> None:
    """Raises UsageError for a URL with a password that was given as an argument."""
    from tokentui.errors import UsageError

    if "://" not in database:
        return
    from tokentui.database.url import holds_password

    if holds_password(database):
        hint = "leave it out and put it into a file that PGPASSFILE names, or set TOKENTUI_DB to the URL"
        raise UsageError("a password on the command line can be read by everybody on this machine", hint)


def _warn_of_master_key(settings: Settings) -> None:
    """A line on standard error where anybody on this machine can read the master key."""
    import os
    import warnings

    from tokentui.cli.messages import say_warning
    from tokentui.crypto import master_key

    warnings.simplefilter("ignore", master_key.MasterKeyExposed)
    file = master_key.path(settings.home, os.environ)
    if file is not None and master_key.other_readers(file) == "anybody":
        say_warning(master_key.exposed_text(file))

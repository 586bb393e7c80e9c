"""The passphrase of a protected master key: asked for on the terminal once, before anything is locked."""

from __future__ import annotations

import contextlib
import getpass
import sys

from tokentui.context import Context
from tokentui.crypto import master_key, protection
from tokentui.errors import MasterKeyError, UsageError
from tokentui.settings import Settings


def prepare(descriptor: int | None) -> None:
    """Says where this process gets the passphrase from, when it is needed."""
    protection.session.forget()
    if descriptor is not None:
        protection.session.read_from(descriptor)
    if sys.stdin.isatty() and sys.stderr.isatty():
        protection.session.ask = _ask


def unlock(context: Context) -> None:
    """Asks for the passphrase where there is one: what follows is written to the audit, whose entries it binds.

    Whoever has no passphrase may go on; the entries are then marked as not proven.
    """
    if master_key.is_protected(context.settings.home, context.environ):
        with contextlib.suppress(MasterKeyError):
            context.vault()


def unlock_for_app(settings: Settings, context: Context) -> None:
    """As `unlock`, and nobody is asked any more: the terminal is the app's from now on."""
    if master_key.is_protected(settings.home, context.environ):
        with contextlib.suppress(MasterKeyError):
            master_key.load(settings.home, context.environ)
    protection.session.ask = None


def new_passphrase(descriptor: int | None) -> bytes:
    """The passphrase that a key is to have: the first line of a file descriptor, or asked for twice.

    Raises UsageError where nobody can be asked, or the two differ.
    """
    if descriptor is not None:
        return protection.read_passphrase(descriptor)
    if protection.session.ask is None:
        raise UsageError("nobody can be asked for a passphrase", "give --new-passphrase-fd, such as 3, with 3<FILE")
    first, second = _ask("New passphrase: "), _ask("The same again: ")
    if first != second:
        raise UsageError("the two passphrases differ", "nothing was changed")
    return first.encode("utf-8", "surrogateescape")


def _ask(text: str) -> str:
    return getpass.getpass(text, stream=sys.stderr)

"""What a gate recognises keys with: it follows the database from one master key to the next, without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokentui.context import Context
from tokentui.crypto import master_key, verify_key
from tokentui.crypto.vault import SealBroken, Vault, Verifier
from tokentui.errors import MasterKeyError
from tokentui.keyring import damaged_key_check, disclosed, key_state


class VerifyKeys:
    """The verify keys at hand: from the file of a verify key where one is named, else from the master key.

    Safe to share between threads. A key is read again from where it comes from, and from the file beside it that holds
    the next one, whenever the database has another one.
    """

    def __init__(self, context: Context) -> None:
        """Opens the key that the database has; makes none. Raises MasterKeyError and DatabaseError."""
        self._context = context
        self._file = verify_key.path(context.environ)
        with context.database.read() as session:
            state = key_state(session)
        self.present = self._first() if state.check_value is None else self._read(state.check_value)
        """The verifier of the master key that the database had when it was last looked at."""

    def at(self, check_value: object, former: object) -> tuple[Verifier, ...]:
        """The verifiers of all digests in a database that says this of its master key, the present key's first.

        `check_value` None: it has had no key yet. `former` encloses the verify keys that some digests are still of.
        Raises MasterKeyError where the key is not at hand, and DatabaseError where this is not what the program writes.
        """
        present = self.present
        if check_value is None:
            return (present,)
        if type(check_value) is not bytes or not (former is None or type(former) is bytes):
            raise damaged_key_check()
        if check_value != present.check_value():
            self.present = present = self._read(check_value)
        try:
            return (present, *(Verifier(key.key) for key in disclosed(present, former)))
        except (SealBroken, TypeError, ValueError):
            raise damaged_key_check() from None

    def _first(self) -> Verifier:
        for verifier in self._candidates():
            return verifier
        raise MasterKeyError("there is no master key", "make a token first, or set TOKENTUI_MASTER_KEY_FILE")

    def _read(self, check_value: bytes) -> Verifier:
        is_missing = True
        for verifier in self._candidates():
            is_missing = False
            if verifier.check_value() == check_value:
                return verifier
        if is_missing and self._file is None:
            raise MasterKeyError("there is no master key", "make a token first, or set TOKENTUI_MASTER_KEY_FILE")
        raise MasterKeyError(*self._other_key())

    def _candidates(self) -> Iterator[Verifier]:
        if self._file is not None:
            yield from verify_key.candidates(self._file)
            return
        for key in master_key.candidates(self._context.settings.home, self._context.environ):
            yield Verifier(Vault(key).verify_key)

    def _other_key(self) -> tuple[str, str]:
        if self._file is not None:
            next_file = master_key.next_to(self._file)
            return (
                f"the verify key {self._file} is not the one of this database",
                f"put the new one, from `tokentui vault export-verify-key`, there or into {next_file}",
            )
        file: Path | None = master_key.path(self._context.settings.home, self._context.environ)
        where = f"into {master_key.next_to(file)}" if file is not None else "into TOKENTUI_MASTER_KEY"
        return "this master key is not the one of this database", f"put the one that it has got {where}"

"""What every service needs, made once and passed in: database, clock, settings, who acts, and how to open the vault."""

from __future__ import annotations

import contextlib
import os
import pwd
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from tokentui import addresses
from tokentui import clock as clocks
from tokentui.crypto import master_key
from tokentui.crypto.protection import without_asking
from tokentui.database.database import Database
from tokentui.database.locks import Lock, hold
from tokentui.errors import DatabaseError, MasterKeyError
from tokentui.keyring import KEY_CHECK, KeyState, key_state, other_key, stored_check_value, with_former
from tokentui.models.moments import to_micros
from tokentui.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tokentui.crypto.vault import Vault


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the operating system's user (the one before sudo), and where their session says that it comes from."""

    name: str
    origin: str = "local"

    @property
    def label(self) -> str:
        """`alice@10.0.0.5`, or `alice` at the machine itself."""
        return self.name if self.origin == "local" else f"{self.name}@{self.origin}"


def current_actor(environ: Mapping[str, str] | None = None) -> Actor:
    """The account of the real user ID; where that is root's, the account that `SUDO_USER` names, which only root sets.

    The origin is what `SSH_CONNECTION` says, where that is an address. Whoever acts could say another: it is a claim.
    """
    env = os.environ if environ is None else environ
    uid = os.getuid()
    user = _account(uid)
    if uid == 0 and (before_sudo := env.get("SUDO_USER", "")):
        with contextlib.suppress(KeyError, ValueError):  # no such account
            user = pwd.getpwnam(before_sudo).pw_name
    words = (env.get("SSH_CONNECTION") or env.get("SSH_CLIENT") or "").split()
    address = addresses.parse(words[0]) if words else None
    return Actor(user, "local" if address is None else str(address))


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a user without a name, as in some containers
        return str(uid)


@dataclass
class Context:
    """The first argument of every service."""

    database: Database
    settings: Settings
    actor: Actor
    clock: clocks.Clock = clocks.now
    zone: tzinfo = UTC
    is_demo: bool = False
    """Whether the tokens are samples, in a database that is removed at the end."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _vault: Vault | None = field(default=None, repr=False)
    _vault_state: KeyState | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return self.clock()

    def nanoseconds(self) -> Callable[[], int]:
        """A function for the current moment in nanoseconds since 1970, where possible without a `datetime` between."""
        if self.clock is clocks.now:
            return time.time_ns
        return lambda: to_micros(self.now()) * clocks.NANOS_A_MICRO

    def vault(self) -> Vault:
        """The vault, checked against the database's key check value; made at its first use in an empty database.

        Raises MasterKeyError where the master key is missing, wrong or unreadable. Writes the check value in a
        transaction of its own, so call it before opening one. A transaction asks for its own, by
        `vault_for_writing` or `vault_for_reading`: by then the database may have another master key.
        """
        from tokentui.crypto.vault import Vault

        state = None
        while True:
            before, state = state, self._key_state()
            if state.check_value is None:
                # Without our lock: another thread may wait for it and hold the database's.
                state = replace(state, check_value=self._store_check(Vault(self._first_key())))
            try:
                return self._vault_at(state)
            except MasterKeyError:  # where it has got another key since it was asked, that one is looked for
                if state == before:
                    raise

    def vault_for_writing(self, session: Session) -> Vault:
        """The vault of the database's master key, which stays its key until the open transaction ends.

        Raises as `vault`.
        """
        hold(session.connection(), Lock.MASTER_KEY, shared=True)
        with without_asking():
            return self._vault_at(key_state(session))

    def vault_for_reading(self, session: Session) -> Vault:
        """The vault of the master key that the database had at the moment which the session sees; raises as `vault`."""
        return self._vault_at(key_state(session))

    def vault_without_writing(self, session: Session) -> Vault | None:
        """The vault, from inside an open transaction; None where there is no master key, or not this database's."""
        try:
            state = key_state(session)
            if state.check_value is None:
                return None
            with without_asking():
                return self._vault_at(state)
        except (MasterKeyError, DatabaseError):  # DatabaseError: what it says of its key is damaged
            return None

    def _key_state(self) -> KeyState:
        with self.database.read() as session:
            return key_state(session)

    def _vault_at(self, state: KeyState) -> Vault:
        """The vault of a database's key; looks for the key again where the database has got another one."""
        with self._lock:
            if self._vault is None or self._vault_state != state:
                if self._vault is not None and self._vault.check_value() == state.check_value:
                    self._vault = with_former(self._vault, state)
                else:
                    self._vault = self._matching_vault(state)
                self._vault_state = state
            return self._vault

    def close(self) -> None:
        """Closes the database's connections; the context can be used no more."""
        self.database.close()

    def belongs_to_master_key(self) -> bool:
        """Whether the database has a master key already, so that no other one will do; raises DatabaseError."""
        with self.database.read() as session:
            return stored_check_value(session) is not None or _holds_secrets(session)

    def _matching_vault(self, state: KeyState) -> Vault:
        """The vault of the key at hand that fits; raises MasterKeyError where none does."""
        from tokentui.crypto.vault import Vault

        key = None
        for key in master_key.candidates(self.settings.home, self.environ):
            vault = Vault(key)
            if vault.check_value() == state.check_value:
                return with_former(vault, state)
        raise self._missing_key() if key is None else other_key(self.settings.home, self.environ, state.check_value)

    def _first_key(self) -> bytes:
        """The key of a database that has none yet, made where there is no file; raises MasterKeyError."""
        key = master_key.load(self.settings.home, self.environ)
        if key is not None:
            return key
        with self.database.read() as session:
            if _holds_secrets(session):
                raise self._missing_key()
        if self.database.read_only:
            raise MasterKeyError("there is no master key yet", "it is made with the first token")
        make_home(self.settings)
        return master_key.make(self.settings.home, self.environ)

    def _missing_key(self) -> MasterKeyError:
        where = master_key.path(self.settings.home, self.environ)
        hint = "restore it from your backup; no other key opens this database"
        return MasterKeyError(f"the master key {where} is missing", hint)

    def _store_check(self, vault: Vault) -> bytes:
        from tokentui.models import Meta

        if self.database.read_only:
            return vault.check_value()
        with self.database.write() as session:
            hold(session.connection(), Lock.MASTER_KEY)
            stored = stored_check_value(session)  # another process may have been first
            if stored is not None:
                return stored
            session.add(Meta(name=KEY_CHECK, value=vault.check_value()))
            session.commit()
        return vault.check_value()


def _holds_secrets(session: Session) -> bool:
    from tokentui.models import Secret

    return session.query(Secret.id).limit(1).first() is not None


def make_home(settings: Settings) -> None:
    """Makes the home with mode 0700 if it is not there; raises DatabaseError where it can't be made."""
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"the home {settings.home} can't be made", error.strerror or str(error)) from None

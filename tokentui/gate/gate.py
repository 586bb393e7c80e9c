"""The gate in process: reads the token behind a key and decides. Writes nothing."""

from __future__ import annotations

import hmac
import ipaddress
import os
import sqlite3
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import exc

from tokentui import clock, keys, masterkey
from tokentui.context import Actor, Context
from tokentui.database import open_database
from tokentui.errors import DatabaseError, MasterKeyError
from tokentui.gate.access import needed
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.reader import Entry, NetworkSource, Reader, SqliteSource, entry_of
from tokentui.models import Meta, to_micros
from tokentui.settings import Settings, load
from tokentui.vault import Vault, Verifier

_ID_LENGTH = len("SU-631-646-036")
_MALFORMED = Decision(Reason.MALFORMED)
_CHECKSUM = Decision(Reason.CHECKSUM)
_UNKNOWN = Decision(Reason.UNKNOWN)
_WRONG_SECRET = Decision(Reason.WRONG_SECRET)
_LIVE: weakref.WeakSet[Gate] = weakref.WeakSet()
# A connection must not be used, nor closed, in a forked child: it stays here, untouched.
_LEFT_BY_FORK: list[object] = []


class Gate:
    """Decides about requests. Safe to share between threads, and to use on both sides of a fork.

    What it has read it keeps until anything that matters is committed, by whatever process: it looks for that at each
    request. Expiry is compared with the clock at each request too.
    """

    def __init__(
        self,
        database: str | None = None,
        master_key_file: str | Path | None = None,
        *,
        base_path: str | None = None,
        unmatched: str | None = None,
    ) -> None:
        """Opens `database` (a URL or a path) with the master key in a file; what is None comes from the settings.

        Raises DatabaseError, MasterKeyError and SettingsError.
        """
        settings = load(database=database)
        if base_path is not None:
            settings = replace(settings, base_path=base_path)
        if unmatched is not None:
            settings = replace(settings, unmatched=unmatched)
        self._begin(_open(settings, master_key_file))

    @classmethod
    def from_config(cls) -> Gate:
        """A gate on the database and the master key of the settings."""
        return cls()

    @classmethod
    def from_context(cls, context: Context) -> Gate:
        """A gate on an open context."""
        gate = cls.__new__(cls)
        gate._begin(context)
        return gate

    def _begin(self, context: Context) -> None:
        self.context = context
        self._verifier = _verifier(context)
        self._idle: list[Reader] = []
        self._micros: Callable[[], int] = (
            (lambda: int(time.time() * 1_000_000)) if context.clock is clock.now else lambda: to_micros(context.now())
        )
        _LIVE.add(self)

    def verify(
        self, authorization: str | None, *, method: str = "GET", path: str | None = None, client: str | None = None
    ) -> Decision:
        """What the gate says of a request with this `Authorization` header; `path` None asks about the key alone.

        `method` is not looked at: permissions are by module. `client` is the address that the request came from.
        Raises DatabaseError where the database can't be read: then nobody is let in.
        """
        header = authorization or ""
        digest = sha256(header.encode("utf-8", "surrogatepass")).digest()
        # A reader is out of the list while it is used, so no two threads share one.
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = None
        try:
            found: Entry | Decision | None = None
            if reader is not None and digest in reader.entries:
                reader.refresh()
                found = reader.entries.get(digest)
            if reader is None or found is None:
                try:
                    number, text = keys.read_authorization(header)
                except keys.ChecksumMismatch:
                    return _CHECKSUM
                except keys.MalformedKey:
                    return _MALFORMED
                if reader is None:
                    reader = self._reader()
                found = self._look_up(reader, digest, number, text)
            return self._decide(reader, found, path, client) if isinstance(found, Entry) else found
        except (sqlite3.Error, exc.SQLAlchemyError, OSError) as error:
            if reader is not None:
                reader.close()
                reader = None
            raise DatabaseError("the tokens can't be read", "run `tokentui doctor`") from error
        finally:
            if reader is not None:
                self._idle.append(reader)

    def permits(self, authorization: str | None, module: str, *, client: str | None = None) -> Decision:
        """As `verify`, for a module named by its slug instead of a path."""
        decision = self.verify(authorization, client=client)
        if not decision.allowed or decision.token is None:
            return decision
        allowed = decision.token.modules == ("*",) or module in decision.token.modules
        return decision if allowed else Decision(Reason.MODULE, decision.token, module)

    def check(self) -> None:
        """Raises DatabaseError where the tokens can't be read now."""
        try:
            reader = self._reader()
            try:
                reader.refresh()
            finally:
                reader.close()
        except (sqlite3.Error, exc.SQLAlchemyError, OSError) as error:
            raise DatabaseError("the tokens can't be read", "run `tokentui doctor`") from error

    def close(self) -> None:
        """Closes its connections; the context stays open."""
        while self._idle:
            self._idle.pop().close()

    def _reader(self) -> Reader:
        database = self.context.database
        if database.path is None:
            return Reader(NetworkSource(database.engine))
        return Reader(SqliteSource(database.path, self.context.settings.busy_timeout))

    def _look_up(self, reader: Reader, digest: bytes, number: int, text: str) -> Entry | Decision:
        """The token of a key, or why not. An unknown ID is compared with the digests of another token."""
        expected = self._verifier.digest(text)
        now = self._micros()
        rows = reader.token(number)
        matching = None
        # Every one is compared: how many there are, and which it was, must not show in the time.
        for row in rows:
            if hmac.compare_digest(expected, row[3]) and row[1] == number and row[4] > now:
                matching = row
        if matching is None:
            return _WRONG_SECRET if rows and rows[0][1] == number else _UNKNOWN
        entry = entry_of(matching, text[:_ID_LENGTH])
        reader.keep(digest, entry)
        return entry

    def _decide(self, reader: Reader, entry: Entry, path: str | None, client: str | None) -> Decision:
        now = self._micros()
        if entry.stops_at <= now:
            return _WRONG_SECRET
        if entry.refused is not None:
            return entry.refused
        if entry.expires_at <= now:
            return Decision(Reason.EXPIRED, entry.info)
        if entry.networks and not _inside(client, entry):
            return Decision(Reason.NETWORK, entry.info)
        return entry.valid if path is None else self._module(reader, entry, path)

    def _module(self, reader: Reader, entry: Entry, target: str) -> Decision:
        rules = reader.rules()
        target = target.partition("?")[0]
        try:
            slugs = rules.needed[target]
        except KeyError:
            settings = self.context.settings
            slugs = needed(rules, target, base=settings.base_path, unmatched=settings.unmatched)
            rules.needed[target] = slugs
        if slugs is None:
            return Decision(Reason.MODULE, entry.info)
        modules = entry.info.modules
        if modules != ("*",):
            for slug in slugs:
                if slug not in modules:
                    return Decision(Reason.MODULE, entry.info, rules.names[slug])
        return entry.valid


def _open(settings: Settings, master_key_file: str | Path | None) -> Context:
    environ = dict(os.environ)
    if master_key_file is not None:
        environ["TOKENTUI_MASTER_KEY_FILE"] = str(master_key_file)
        environ.pop("TOKENTUI_MASTER_KEY", None)
    opened = open_database(settings.database_url, busy_timeout=settings.busy_timeout, upgrade=False)
    return Context(opened, settings, Actor("gate"), environ=environ)


def _inside(client: str | None, entry: Entry) -> bool:
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in entry.networks)


def _verifier(context: Context) -> Verifier:
    """The vault, without making anything: a gate must not be the one that makes the master key."""
    key = masterkey.load(context.settings.home, context.environ)
    if key is None:
        raise MasterKeyError("there is no master key", "make a token first, or set TOKENTUI_MASTER_KEY_FILE")
    vault = Vault(key)
    with context.database.read() as session:
        known = session.get(Meta, "key_check")
    if known is not None and known.value != vault.check_value():
        raise MasterKeyError("this master key is not the one of this database", "set TOKENTUI_MASTER_KEY_FILE")
    return Verifier(vault.verify_key)


def _before_fork() -> None:
    """Closes what is idle. SQLite in a child believes that it holds the locks of each connection that it inherits.

    It holds none: once the parent has closed its own, the next to come deletes the WAL that the child reads and writes.
    """
    for gate in list(_LIVE):
        gate.close()
        gate.context.database.close()


def _after_fork() -> None:
    for gate in list(_LIVE):
        _LEFT_BY_FORK.append(gate._idle)
        gate._idle = []
        gate.context.database.after_fork()


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)

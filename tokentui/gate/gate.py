"""The gate in process: reads the token behind a key and decides. Writes nothing."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from tokentui import addresses, catalog
from tokentui.clock import NANOS_A_MICRO
from tokentui.context import Actor, Context
from tokentui.crypto import key_format, master_key
from tokentui.crypto.vault import Vault, Verifier
from tokentui.database.database import open_database
from tokentui.errors import MasterKeyError
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.policy import needed
from tokentui.gate.store.cache import LONGEST_KEPT, Entry, Reader, Rules, entry_of
from tokentui.gate.store.pool import Readers
from tokentui.gate.store.sources import Row
from tokentui.models import Meta
from tokentui.records import TokenInfo
from tokentui.settings import Settings, changed, load

_SCHEME = b"ApiKey "
_BEFORE = len(_SCHEME)
_ID_LENGTH = len("SU-631-646-036")
_LENGTH = _BEFORE + _ID_LENGTH + 1 + 40
_EVERY = ("*",)
_MALFORMED = Decision(Reason.MALFORMED)
_CHECKSUM = Decision(Reason.CHECKSUM)
_UNKNOWN = Decision(Reason.UNKNOWN)
_WRONG_SECRET = Decision(Reason.WRONG_SECRET)


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
        given = {"base_path": base_path, "unmatched": unmatched}
        settings = changed(settings, {name: value for name, value in given.items() if value is not None})
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
        self._readers = Readers(context, self._verifier.check_value())
        self._nanos = context.nanoseconds()

    def verify(
        self, authorization: str | None, *, method: str = "GET", path: str | None = None, client: str | None = None
    ) -> Decision:
        """What the gate says of a request with this `Authorization` header; `path` None asks about the key alone.

        `method` is not looked at: permissions are by module. `client` is the address that the request came from.
        Raises DatabaseError where the database can't be read, and MasterKeyError where it has got another master key:
        then nobody is let in.
        """
        header = authorization.encode("utf-8", "surrogatepass") if authorization else b""
        return self.decide(header, path, client)

    def decide(self, header: bytes, path: str | None, client: str | None) -> Decision:
        """As `verify`, for a header as it came over the wire; empty where there was none."""
        if path is not None and "?" in path:
            path = path.partition("?")[0]
        # A reader is out of the list while it is used, so no two threads share one.
        try:
            reader = self._readers.idle.pop()
        except IndexError:
            reader = None
        try:
            known = None
            # As clients write it, it need not be taken apart to be found.
            if len(header) != _LENGTH or not header.startswith(_SCHEME):
                known = key_format.read_authorization(header)
            digest = self._verifier.mac(header[_BEFORE:] if known is None else known[1])
            if reader is not None:
                answer = reader.answers.get((digest, path))
                if answer is not None and reader.refresh() and self._nanos() < answer[1]:
                    return answer[0]
                if digest in reader.entries:
                    reader.refresh()
                    kept = reader.entries.get(digest)
                    if kept is not None:
                        decision = self._decide(reader, kept, self._nanos() // NANOS_A_MICRO, path, client)
                        reader.answer(digest, path, kept, decision)
                        return decision
            number, text = known or key_format.read_authorization(header)
            if reader is None:
                reader = self._readers.open()
            return self._look_up(reader, digest, number, text, path, client)
        except key_format.ChecksumMismatch:
            return _CHECKSUM
        except key_format.MalformedKey:
            return _MALFORMED
        except BaseException as error:
            taken, reader = reader, None
            self._readers.failed(error, taken)
            raise
        finally:
            if reader is not None:
                self._readers.idle.append(reader)

    def beside(self, decision: Decision, path: str) -> Decision:
        """The decision, where the application may route by this path too: also of its module, if it is in one.

        Raises as `verify`.
        """
        token = decision.token
        if token is None or not decision.allowed:
            return decision
        reader = None
        try:
            reader = self._readers.take()
            reader.refresh()
            rules = reader.rules()
            for base in ("", self.context.settings.base_path):
                refused = _lacking(token, needed(rules, path, base=base, unmatched="allow"), rules)
                if refused is not None:
                    return refused
            return decision
        except BaseException as error:
            taken, reader = reader, None
            self._readers.failed(error, taken)
            raise
        finally:
            if reader is not None:
                self._readers.idle.append(reader)

    def permits(self, authorization: str | None, module: str, *, client: str | None = None) -> Decision:
        """As `verify`, for a module named by its slug instead of a path."""
        decision = self.verify(authorization, client=client)
        if not decision.allowed or decision.token is None:
            return decision
        if decision.token.modules == _EVERY or module in decision.token.modules:
            return decision
        name = next((each.name for each in catalog.load(self.context).modules if each.slug == module), module)
        return Decision(Reason.MODULE, decision.token, name)

    def check(self) -> None:
        """Raises DatabaseError where the tokens can't be read now, and MasterKeyError as `verify`."""
        reader = None
        try:
            reader = self._readers.open()
            reader.refresh()
        except BaseException as error:
            self._readers.failed(error, reader)
            raise
        self._readers.drop(reader)

    def close(self) -> None:
        """Closes its connections; the context stays open."""
        self._readers.close()

    def _look_up(
        self, reader: Reader, digest: bytes, number: int, text: bytes, path: str | None, client: str | None
    ) -> Decision:
        """Reads the token of a key. One that nobody has is compared with the digests of another token."""
        now = self._nanos() // NANOS_A_MICRO
        row = reader.likely(number)
        if row is None or not _is(row, digest, number, now):
            rows = reader.token(number)
            # Every one is compared: which it was must not show in the time.
            matching = [each for each in rows if _is(each, digest, number, now)]
            if matching:
                row = matching[0]
            else:
                return _WRONG_SECRET if rows and rows[0][1] == number else _UNKNOWN
        entry = entry_of(row, text[:_ID_LENGTH].decode("ascii"))
        reader.keep(digest, entry)
        return self._decide(reader, entry, now, path, client)

    def _decide(self, reader: Reader, entry: Entry, now: int, path: str | None, client: str | None) -> Decision:
        valid, refused, stops_at, expires_at, networks = entry
        if stops_at <= now:
            return _WRONG_SECRET
        if refused is not None:
            return refused
        if expires_at <= now:
            return Decision(Reason.EXPIRED, valid.token)
        if networks and not addresses.within(client, networks):
            return Decision(Reason.NETWORK, valid.token)
        return valid if path is None else self._module(reader, valid, path)

    def _module(self, reader: Reader, valid: Decision, target: str) -> Decision:
        rules = reader.rules()
        try:
            slugs = rules.needed[target]
        except KeyError:
            settings = self.context.settings
            slugs = needed(rules, target, base=settings.base_path, unmatched=settings.unmatched)
            if len(target) <= LONGEST_KEPT:
                rules.needed[target] = slugs
        assert valid.token is not None
        return _lacking(valid.token, slugs, rules) or valid


def _lacking(token: TokenInfo, slugs: tuple[str, ...] | None, rules: Rules) -> Decision | None:
    """The refusal of a token that lacks one of these modules; None for slugs: nobody may."""
    if slugs is None:
        return Decision(Reason.MODULE, token)
    if token.modules != _EVERY:
        for slug in slugs:
            if slug not in token.modules:
                return Decision(Reason.MODULE, token, rules.names[slug])
    return None


def _is(row: Row, digest: bytes, number: int, now: int) -> bool:
    """Whether it is the row of this secret, and the secret works."""
    return hmac.compare_digest(digest, row[3]) and row[1] == number and row[4] > now


def _open(settings: Settings, master_key_file: str | Path | None) -> Context:
    environ = dict(os.environ)
    if master_key_file is not None:
        environ["TOKENTUI_MASTER_KEY_FILE"] = str(master_key_file)
        environ.pop("TOKENTUI_MASTER_KEY", None)
    opened = open_database(
        settings.database_url, read_only=settings.read_only, busy_timeout=settings.busy_timeout, upgrade=False
    )
    return Context(opened, settings, Actor("gate"), environ=environ)


def _verifier(context: Context) -> Verifier:
    """The vault, without making anything: a gate must not be the one that makes the master key."""
    key = master_key.load(context.settings.home, context.environ)
    if key is None:
        raise MasterKeyError("there is no master key", "make a token first, or set TOKENTUI_MASTER_KEY_FILE")
    vault = Vault(key)
    with context.database.read() as session:
        known = session.get(Meta, "key_check")
    if known is not None and known.value != vault.check_value():
        raise MasterKeyError("this master key is not the one of this database", "set TOKENTUI_MASTER_KEY_FILE")
    return Verifier(vault.verify_key)

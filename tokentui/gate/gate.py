"""Decides about requests in the process of an API or of `tokentui serve`. Nothing is written.

Deciding is two steps: `store` finds what the digest of a key leads to, `policy` says yes or no. The decision is
kept in memory until something is committed.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from time import monotonic

from tokentui import catalog
from tokentui.clock import NANOS_A_MICRO
from tokentui.context import Actor, Context
from tokentui.crypto import key_format
from tokentui.crypto.vault import Verifier
from tokentui.database.database import open_database
from tokentui.errors import TokentuiError
from tokentui.gate import policy
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.policy import Credential
from tokentui.gate.store.cache import Reader
from tokentui.gate.store.pool import Pool
from tokentui.gate.store.queries import DIGEST, NUMBER, SECRET, STOPS_AT, SecretRow, credential_of, damaged_row
from tokentui.gate.store.verify_keys import VerifyKeys
from tokentui.models import KeyForm
from tokentui.settings import Settings, changed, load
from tokentui.usage.better_digests import BetterDigest, BetterDigests

_SCHEME = b"ApiKey "
_SCHEME_LENGTH = len(_SCHEME)
_ID_LENGTH = len("SU-631-646-036")
_HEADER_LENGTH = _SCHEME_LENGTH + _ID_LENGTH + 1 + 40
_LOOK_INTERVAL_S = 0.1
"""How soon the first key of another system is known: who sends garbage must not have the database asked each time."""

_PAUSE_S = 1.0
"""How long it is not looked for again where the database can't be read."""

_MALFORMED = Decision(Reason.MALFORMED)
_CHECKSUM = Decision(Reason.CHECKSUM)
_UNKNOWN = Decision(Reason.UNKNOWN)
_WRONG_SECRET = Decision(Reason.WRONG_SECRET)


class Gate:
    """Decides about requests. Safe to share between threads, and to use on both sides of a fork.

    What it has read it keeps until anything that matters is committed, by whatever process: it looks for that at each
    request. Expiry is compared with the clock at each request too. A file that replaces the database's is followed
    within 100 ms.
    """

    def __init__(
        self,
        database: str | None = None,
        master_key_file: str | Path | None = None,
        *,
        verify_key_file: str | Path | None = None,
        base_path: str | None = None,
        unmatched: str | None = None,
    ) -> None:
        """Opens `database` (a URL or a path) with the master key in a file; what is None comes from the settings.

        `verify_key_file` takes the place of the master key: what `tokentui vault export-verify-key` wrote. With it the
        process recognises keys, and can't read a secret.

        Raises DatabaseError, MasterKeyError and SettingsError.
        """
        settings = load(database=database)
        overrides = {"base_path": base_path, "unmatched": unmatched}
        settings = changed(settings, {name: value for name, value in overrides.items() if value is not None})
        self._set_up(_open(settings, master_key_file, verify_key_file))

    @classmethod
    def from_config(cls) -> Gate:
        """A gate on the database and the master key of the settings."""
        return cls()

    @classmethod
    def from_context(cls, context: Context) -> Gate:
        """A gate on an open context."""
        gate = cls.__new__(cls)
        gate._set_up(context)
        return gate

    def _set_up(self, context: Context) -> None:
        self.context = context
        self._verify_keys = VerifyKeys(context)
        self._pool = Pool(context, self._verify_keys)
        self._nanoseconds = context.nanoseconds()
        self._has_imported = False
        self._next_look = 0.0
        self.better_digests = BetterDigests()

    def verify(
        self, authorization: str | None, *, method: str = "GET", path: str | None = None, client: str | None = None
    ) -> Decision:
        """What the gate says of a request with this `Authorization` header; `path` None asks about the key alone.

        `method` is not looked at: permissions are by module. `client` is the address that the request came from.
        Raises DatabaseError where the database can't be read, and MasterKeyError where it has got another master key
        that is not at hand: then nobody is let in.
        """
        header = authorization.encode("utf-8", "surrogatepass") if authorization else b""
        return self.decide(header, path, client)

    def decide(self, header: bytes, path: str | None, client: str | None) -> Decision:
        """As `verify`, for a header as it came over the wire; empty where there was none."""
        if path is not None and "?" in path:
            path = path.partition("?")[0]
        parsed: tuple[int, bytes] | Decision | None = None
        # As clients write it, it need not be taken apart to be found.
        if len(header) != _HEADER_LENGTH or not header.startswith(_SCHEME):
            parsed = _parsed(header)
            if isinstance(parsed, Decision):
                if self._has_imported or monotonic() >= self._next_look:
                    return self._decide_imported(header, path, client, parsed)
                return parsed
            key = parsed[1]
        else:
            key = header[_SCHEME_LENGTH:]
        verifier = self._verify_keys.present
        digest = verifier.mac(key)
        with self._pool.borrow() as reader:
            answer = reader.answers.get((digest, path))
            if answer is not None and reader.refresh() and self._nanoseconds() < answer[1]:
                return answer[0]
            credential = None
            if digest in reader.credentials:
                reader.refresh()
                credential = reader.credentials.get(digest)
            now = self._nanoseconds() // NANOS_A_MICRO
            if credential is not None:
                decision = _decide(reader, credential, now, path, client)
                reader.remember_answer(digest, path, credential, decision)
                return decision
            parsed = parsed or _parsed(header)
            refusal: Decision
            if isinstance(parsed, Decision):
                refusal = parsed
            else:
                number, key = parsed
                row = _find(reader, number, key, (verifier, digest), now)
                if not isinstance(row, Decision):
                    credential = credential_of(row, key[:_ID_LENGTH].decode("ascii"))
                    reader.remember(digest, credential)
                    return _decide(reader, credential, now, path, client)
                refusal = row
        if self._has_imported or monotonic() >= self._next_look:
            return self._decide_imported(header, path, client, refusal)
        return refusal

    def _decide_imported(self, header: bytes, path: str | None, client: str | None, refusal: Decision) -> Decision:
        """The decision about a key that may be one of another system; `refusal` where it is none."""
        keys = key_format.imported_keys(header)
        if not keys:
            return refusal
        self._next_look = monotonic() + _PAUSE_S  # where the database is away
        try:
            with self._pool.borrow() as reader:
                self._has_imported = reader.has_imported()
                self._next_look = monotonic() + _LOOK_INTERVAL_S
                decisions = (self._decide_digests(reader, key, path, client) for key in keys if self._has_imported)
                return next(filter(None, decisions), refusal)
        except TokentuiError:
            if self._has_imported:
                raise
            return refusal  # what is garbage as far as anybody knows is no reason to call the service unavailable

    def _decide_digests(self, reader: Reader, key: bytes, path: str | None, client: str | None) -> Decision | None:
        """The decision about a key that its digests lead to; None where they lead nowhere."""
        digest = self._verify_keys.present.mac(key)
        now = self._nanoseconds() // NANOS_A_MICRO
        credential = reader.credentials.get(digest)
        if credential is None:
            row = _find_imported(reader, key, now)
            if row is None:
                return None
            credential = credential_of(row, key_format.format_id(row[NUMBER]))
            reader.remember(digest, credential)
            if all(row[DIGEST] != verifier.mac(key) for verifier in reader.verifiers):
                self.better_digests.note(row[SECRET], BetterDigest(row[DIGEST], digest, _form(key, row[NUMBER])))
        decision = _decide(reader, credential, now, path, client)
        reader.remember_answer(digest, path, credential, decision)
        return decision

    def recheck_path(self, decision: Decision, path: str) -> Decision:
        """The decision, where the application may route by this path too: also of its module, if it is in one.

        Raises as `verify`.
        """
        token = decision.token
        if token is None or not decision.allowed:
            return decision
        with self._pool.borrow() as reader:
            reader.refresh()
            module_paths = reader.module_paths()
            for needed in module_paths.needed_also(path):
                refused = policy.lacking_module(token, needed, module_paths.names)
                if refused is not None:
                    return refused
        return decision

    def permits(self, authorization: str | None, module: str, *, client: str | None = None) -> Decision:
        """As `verify`, for a module named by its slug instead of a path."""
        decision = self.verify(authorization, client=client)
        if not decision.allowed or decision.token is None:
            return decision
        names = {module.slug: module.name for module in catalog.load(self.context).modules}
        return policy.lacking_module(decision.token, (module,), names) or decision

    def check(self) -> None:
        """Raises DatabaseError where the tokens can't be read now, and MasterKeyError as `verify`."""
        with self._pool.borrow() as reader:
            reader.close()  # by a connection of its own, so that nothing is answered from what is kept
            reader.refresh()

    def close(self) -> None:
        """Closes its connections; the context stays open."""
        self._pool.close()


def _parsed(header: bytes) -> tuple[int, bytes] | Decision:
    """The token's number and the key in an `Authorization` header, or the decision where it holds none."""
    try:
        return key_format.read_authorization(header)
    except key_format.ChecksumMismatch:
        return _CHECKSUM
    except key_format.MalformedKey:
        return _MALFORMED


def _find_imported(reader: Reader, key: bytes, now: int) -> SecretRow | None:
    """The row of a key of another system, first that of the key itself and then that of its SHA-256."""
    while True:
        changes_seen = reader.changes_seen
        for digests in zip(*(verifier.digests_of(key) for verifier in reader.verifiers), strict=True):
            for row in reader.imported_secrets(digests):
                if _works(row, now):
                    return row
        if reader.has_seen_all(changes_seen):  # else the database has got another master key in between
            return None


def _form(key: bytes, number: int) -> int:
    """Whether a key is one of our own format, of the token with this number, or of another system's."""
    try:
        own = key_format.parse_key(key.decode("utf-8", "replace")).token_id == number
    except key_format.MalformedKey:
        own = False
    return int(KeyForm.OWN if own else KeyForm.IMPORTED)


def _find(reader: Reader, number: int, key: bytes, made: tuple[Verifier, bytes], now: int) -> SecretRow | Decision:
    """The row of a key's secret. One that nobody has is compared with the digests of another token.

    `made` is a digest of the key that there is already, with its verifier.
    """
    while True:
        changes_seen = reader.changes_seen
        result = _find_at_once(reader, number, key, made, now)
        # Where the database got another master key in between, rows may have been compared with digests under the
        # one before: nobody is refused by that.
        if not isinstance(result, Decision) or reader.has_seen_all(changes_seen):
            return result


def _find_at_once(
    reader: Reader, number: int, key: bytes, made: tuple[Verifier, bytes], now: int
) -> SecretRow | Decision:
    row = reader.newest_secret(number)
    digests = _digests(reader, key, made)
    if row is not None and _matches(row, digests, number, now):
        return row
    rows = reader.all_secrets(number)
    # Every one is compared: which it was must not show in the time.
    matching = [row for row in rows if _matches(row, digests, number, now)]
    if matching:
        return matching[0]
    if not rows or rows[0][NUMBER] != number:
        return _UNKNOWN
    if any(type(row[DIGEST]) is not bytes for row in rows):  # whether it was this key's, nobody can tell
        raise damaged_row(key_format.format_id(number))
    return _WRONG_SECRET


def _digests(reader: Reader, key: bytes, made: tuple[Verifier, bytes]) -> tuple[bytes, ...]:
    """What may be stored for a key: a digest for each master key of which the database still holds some."""
    verifier, digest = made
    if reader.verifiers == (verifier,):
        return (digest,)
    return tuple(digest if other is verifier else other.mac(key) for other in reader.verifiers)


def _matches(row: SecretRow, digests: tuple[bytes, ...], number: int, now: int) -> bool:
    """Whether the row is that of the secret and has not stopped at `now` (microseconds since 1970).

    Where its end is no number the row counts as matching: reading it as a credential says that it is damaged.
    """
    stored = row[DIGEST]
    if type(stored) is not bytes or row[NUMBER] != number:
        return False
    for digest in digests:
        if hmac.compare_digest(digest, stored):
            break
    else:
        return False
    return _works(row, now)


def _works(row: SecretRow, now: int) -> bool:
    stops_at = row[STOPS_AT]
    return type(stops_at) is not int or stops_at > now


def _decide(reader: Reader, credential: Credential, now: int, path: str | None, client: str | None) -> Decision:
    if path is None:
        return policy.decide(credential, (), {}, now=now, client=client)
    module_paths = reader.module_paths()
    return policy.decide(credential, module_paths.needed(path), module_paths.names, now=now, client=client)


def _open(settings: Settings, master_key_file: str | Path | None, verify_key_file: str | Path | None) -> Context:
    environ = dict(os.environ)
    if master_key_file is not None:
        environ["TOKENTUI_MASTER_KEY_FILE"] = str(master_key_file)
        environ.pop("TOKENTUI_MASTER_KEY", None)
        environ.pop("TOKENTUI_VERIFY_KEY_FILE", None)
    if verify_key_file is not None:
        environ["TOKENTUI_VERIFY_KEY_FILE"] = str(verify_key_file)
    opened = open_database(
        settings.database_url, read_only=settings.read_only, busy_timeout=settings.busy_timeout, upgrade=False
    )
    return Context(opened, settings, Actor("gate"), environ=environ)

"""Reads what a decision needs, and keeps it for as long as nothing has changed. One thread at a time each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from tokentui.clock import NANOS_A_MICRO
from tokentui.crypto.key_format import ID_SPACE
from tokentui.crypto.vault import Verifier
from tokentui.errors import DatabaseError
from tokentui.gate.decision import Decision
from tokentui.gate.policy import LONGEST_REMEMBERED, Credential, ModulePaths
from tokentui.gate.store.queries import EPOCH, HAS_IMPORTED, KEY_STATE, PATHS, Connection, SecretRow
from tokentui.gate.store.verify_keys import VerifyKeys
from tokentui.keyring import FORMER_VERIFY_KEYS, KEY_CHECK

Answer = tuple[Decision, int]
"""What was decided about a key and a path, and from when on (nanoseconds since 1970) it is to be decided anew."""

_REMEMBERED = 10_000


class Reader:
    """A connection with what was read through it."""

    def __init__(self, connection: Connection, verify_keys: VerifyKeys, *, base_path: str, unmatched: str) -> None:
        """`verify_keys` has the keys for what the database says of its master key, now and after each change.

        `base_path` and `unmatched` are the settings'.
        """
        self._connection = connection
        self._verify_keys = verify_keys
        self._base_path = base_path
        self._unmatched = unmatched
        self._read_at: tuple[int, int] | None = None
        self._module_paths: ModulePaths | None = None
        self._max_id = ID_SPACE
        self._has_imported: bool | None = None
        self.verifiers: tuple[Verifier, ...] = ()
        """Whose digests the database holds, as of the last refresh: the present master key's first."""
        self.changes_seen = 0
        self.credentials: dict[bytes, Credential] = {}
        self.answers: dict[tuple[bytes, str | None], Answer] = {}

    def refresh(self) -> bool:
        """Forgets what it knows if a change was committed before this call; whether it knows it all the same.

        Raises what its connection raises, MasterKeyError where the database has got a master key that is not at hand,
        and DatabaseError where what it says of the key can't be read.
        """
        return not self._connection.changed() or self._at_epoch(self._connection.rows(EPOCH)[0][0])

    def has_seen_all(self, changes_seen: int) -> bool:
        """Whether what was read since there were so many changes fits together: rows, and whose digests they hold."""
        # Rows that tell their epoch are never newer than the verifiers; others are asked for after them.
        if not self._connection.rows_tell_epoch:
            self.refresh()
        return self.changes_seen == changes_seen

    def newest_secret(self, number: int) -> SecretRow | None:
        """The secret that works longest of the token with this number, or of another; the token may have more."""
        connection = self._connection
        # A commit after this look is in the rows, or is seen by the next look, which forgets them.
        if not connection.rows_tell_epoch:
            self.refresh()
        # After the last token the first one is read, so that this takes as long; who is refused by it is asked for
        # once more by `all_secrets`, so it does no harm where there are more tokens by now.
        rows = connection.rows(connection.newest_secret, number if number < self._max_id else 0)
        if not rows:
            self._max_id = number
            return None
        if connection.rows_tell_epoch:
            self._at_epoch(rows[0][0])
        return rows[0]

    def all_secrets(self, number: int) -> Sequence[SecretRow]:
        """A row for each secret, as of now: of the token with this number, or of another where there is none."""
        rows = self._connection.rows(self._connection.all_secrets, number)
        if rows and self._connection.rows_tell_epoch:
            self._at_epoch(rows[0][0])
        return rows

    def has_imported(self) -> bool:
        """Whether there are keys of other systems, as of now."""
        self.refresh()
        if self._has_imported is None:
            self._has_imported = bool(self._connection.rows(HAS_IMPORTED)[0][0])
        return self._has_imported

    def imported_secrets(self, digests: Iterable[bytes]) -> Iterator[SecretRow]:
        """The rows of keys of other systems with these digests, as of the last refresh or later."""
        for digest in digests:
            rows = self._connection.rows(self._connection.by_digest, digest)
            if rows and self._connection.rows_tell_epoch:
                self._at_epoch(rows[0][0])
            yield from rows

    def remember(self, digest: bytes, credential: Credential) -> None:
        """Keeps what a digest leads to; the oldest go where there are too many."""
        if len(self.credentials) >= _REMEMBERED:
            # Many at once: to find the first of a dict whose first ones were removed, Python passes all their places.
            for old in list(islice(self.credentials, _REMEMBERED // 4)):
                del self.credentials[old]
        self.credentials[digest] = credential

    def remember_answer(self, digest: bytes, path: str | None, credential: Credential, decision: Decision) -> None:
        """Keeps a decision, unless it depends on the address too, or on a path that would take much memory."""
        _, _, stops_at, expires_at, networks = credential
        if not networks and len(path or "") <= LONGEST_REMEMBERED:
            if len(self.answers) >= _REMEMBERED:
                self.answers.clear()
            self.answers[digest, path] = (decision, min(stops_at, expires_at) * NANOS_A_MICRO)

    def module_paths(self) -> ModulePaths:
        """The catalogue's paths, read at their first use after a change."""
        if self._module_paths is None:
            rows = self._connection.rows(PATHS)
            if any(type(cell) is not str for row in rows for cell in row):
                hint = "run `tokentui db check`, or restore a backup"  # a path that is passed over might be let in
                raise DatabaseError("a path of the catalogue is damaged", hint)
            self._module_paths = ModulePaths(
                [(prefix, slug, name) for prefix, slug, name in rows],
                base_path=self._base_path,
                unmatched=self._unmatched,
            )
        return self._module_paths

    def close(self) -> None:
        self._connection.close()

    def _at_epoch(self, epoch: int) -> bool:
        read_at = (self._connection.generation, epoch)
        if read_at == self._read_at:
            return True
        self.credentials.clear()
        self.answers.clear()
        self._module_paths = None
        self._max_id = ID_SPACE
        self._has_imported = None
        self.changes_seen += 1
        state = {row[0]: row[1] for row in self._connection.rows(KEY_STATE)}
        self.verifiers = self._verify_keys.at(state.get(KEY_CHECK), state.get(FORMER_VERIFY_KEYS))
        self._read_at = read_at
        return False

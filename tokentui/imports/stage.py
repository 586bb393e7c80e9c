"""What was read and checked, until it is written: in a database of its own that ends with the process.

It holds no key, but seals and digests. SQLite keeps it in memory while it is small, and else in a file that has no name
and that nobody else can open.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tokentui.models import KeyForm
from tokentui.records import Catalog

_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that can't be a token: its number from 1 on, and why. Nothing of a key is in it."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class StagedToken:
    """A token that can be written. `columns` are those of its row, with moments in microseconds.

    `digests` are those that its key may have, first the one that is kept; empty where it has no key. `form` is of what
    kind the key is (`KeyForm`).
    """

    line: int
    token_id: int
    columns: dict[str, Any]
    modules: tuple[str, ...]
    digests: tuple[bytes, ...] = field(repr=False)
    sealed: bytes | None = field(repr=False)
    form: int = 0


class Stage:
    """Filled by `prepare`, written by `load`. Used by one thread, in a `with`.

    It fits the `catalog`, and the master key with this `check_value`.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in (
            "CREATE TABLE tokens (line INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, row TEXT NOT NULL)",
            "CREATE TABLE digests (digest BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID",
            "CREATE TABLE bad (line INTEGER PRIMARY KEY, reason TEXT NOT NULL)",
            "BEGIN",
        ):
            self._database.execute(statement)
        self.catalog: Catalog | None = None
        self.check_value = b""
        self.tokens = 0
        self.bad = 0
        self.without_key = 0
        self.by_sha256 = 0
        self.short_keys = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def line_of_id(self, token_id: int) -> int | None:
        """The line whose token has this ID."""
        return self._first("SELECT line FROM tokens WHERE id = ?", token_id)

    def line_of_digest(self, digest: bytes) -> int | None:
        """The line whose key has this digest."""
        return self._first("SELECT line FROM digests WHERE digest = ?", digest)

    def add(self, token: StagedToken) -> None:
        """Keeps a token, of whose ID and digests no line has any."""
        row = [token.columns, token.modules, [d.hex() for d in token.digests], _hex(token.sealed), token.form]
        self._database.execute("INSERT INTO tokens VALUES (?, ?, ?)", (token.line, token.token_id, json.dumps(row)))
        digests = [(digest, token.line) for digest in token.digests]
        self._database.executemany("INSERT INTO digests VALUES (?, ?)", digests)
        self.tokens += 1
        self.without_key += not token.digests
        self.by_sha256 += token.form == KeyForm.IMPORTED_SHA256

    def add_bad(self, line: RefusedLine) -> None:
        self._database.execute("INSERT OR IGNORE INTO bad VALUES (?, ?)", (line.number, line.reason))
        self.bad += 1

    def batches(self) -> Iterator[list[StagedToken]]:
        """The tokens in the order of their lines, some hundreds at a time."""
        with closing(self._database.execute("SELECT line, id, row FROM tokens ORDER BY line")) as rows:
            while batch := rows.fetchmany(_BATCH_ROWS):
                yield [_token(*row) for row in batch]

    def ids(self) -> Iterator[int]:
        """The IDs of the tokens in the order of their lines."""
        for row in self._database.execute("SELECT id FROM tokens ORDER BY line"):
            yield row[0]

    def bad_lines(self) -> Iterator[RefusedLine]:
        """The lines that can't be tokens, in their order."""
        for row in self._database.execute("SELECT line, reason FROM bad ORDER BY line"):
            yield RefusedLine(*row)

    def _first(self, statement: str, value: int | bytes) -> int | None:
        row = self._database.execute(statement, (value,)).fetchone()
        return None if row is None else row[0]


def _token(line: int, token_id: int, text: str) -> StagedToken:
    columns, modules, digests, sealed, form = json.loads(text)
    binary = tuple(bytes.fromhex(digest) for digest in digests)
    return StagedToken(
        line, token_id, columns, tuple(modules), binary, None if sealed is None else bytes.fromhex(sealed), form
    )


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()

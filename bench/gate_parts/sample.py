"""A throwaway database with very many tokens, made in bulk."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.crypto.key_format import Key, new_key, parse_key
from tokentui.models import LATEST, to_micros
from tokentui.settings import load

NEVER = to_micros(LATEST)
ID_SPACE = 10**9
_TOKEN = (
    "id,name,description,owner,extension_slug,all_modules,networks,created_at,created_by,updated_at,updated_by,"
    "expires_at,last_used_at,last_used_from,version"
)
_SECRET = "token_id,digest,sealed,created_at,stops_at,last_used_at,created_by"


@dataclass
class Sample:
    """A database and the keys that open it; the keys are in this process's memory alone."""

    context: Context
    environ: dict[str, str]
    keys: list[str]

    @property
    def path(self) -> str:
        """The database file."""
        return str(self.context.database.path)

    @property
    def size(self) -> str:
        """How many, to be read."""
        return f"{len(self.keys):,} tokens".replace(",", " ")

    @cached_property
    def numbers(self) -> set[int]:
        """Those of the tokens."""
        return {parse_key(key).token_id for key in self.keys}

    def free_number(self) -> int:
        """A token number that nobody has, drawn like those that somebody has."""
        while (number := random.randrange(ID_SPACE)) in self.numbers:
            pass
        return number

    def close(self) -> None:
        """Closes the database."""
        self.context.close()


def make(place: Path, tokens: int) -> Sample:
    """Makes them: numbers random, as the program draws them, so that neighbours in one table are none in another."""
    environ = {"HOME": str(place), "TOKENTUI_HOME": str(place / f"tokens-{tokens}")}
    # By a process of its own: a heap with the holes that a million rows leave is not what a gate works in.
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        keys = maker.submit(_made, environ, tokens).result()
    return Sample(open_context(load(environ), environ=environ), environ, keys)


def _made(environ: dict[str, str], tokens: int) -> list[str]:
    context = open_context(load(environ), environ=environ)
    keys = [new_key(number) for number in random.sample(range(ID_SPACE), tokens)]
    _fill(context, keys)
    context.close()
    return [key.text for key in keys]


def _fill(context: Context, keys: list[Key]) -> None:
    vault = context.vault()
    with closing(sqlite3.connect(str(context.database.path), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN IMMEDIATE")
        # Made again below: a trigger's or an index's work for each row would take minutes.
        dropped = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ('tokens', 'secrets')"
            " AND type IN ('trigger', 'index') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _ in dropped:
            connection.execute(f"DROP {kind} {name}")
        connection.executemany(f"INSERT INTO tokens ({_TOKEN}) VALUES ({_marks(_TOKEN)})", _tokens(keys))
        # By digest, the one index that can't be dropped.
        rows = sorted((vault.digest(key.text), key) for key in keys)
        connection.executemany(
            f"INSERT INTO secrets ({_SECRET}) VALUES ({_marks(_SECRET)})",
            ((key.token_id, digest, vault.seal(key), 1, NEVER, 0, "bench") for digest, key in rows),
        )
        for _, _, sql in dropped:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tokens(keys: list[Key]) -> Iterator[tuple[object, ...]]:
    for number in sorted(key.token_id for key in keys):
        yield (number, f"Partner {number}", "", "", "custom", 1, "", 1, "bench", 1, "bench", NEVER, 0, "", 1)


def _marks(columns: str) -> str:
    return ",".join("?" * (columns.count(",") + 1))

"""Checks that the sums and the search index that triggers keep agree with the tokens and the responses."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tokentui.context import Context
from tokentui.models import derived
from tokentui.operations.findings import Finding

_REMEDY = "run `tokentui db upgrade --rebuild`"

_NUMBERS = "SELECT state, day, number FROM {0}token_counts WHERE number <> 0"
_RESPONSES = "SELECT day, token_id, requests, errors FROM {0}usage_days WHERE requests <> 0 OR errors <> 0"
# A sum of IDs and places a trigram, since a list of them would be as long as the index.
_TRIGRAMS = "SELECT term, col, count(*), sum(doc), sum(offset) FROM temp.{0}_trigrams GROUP BY term, col"


def check_derived(context: Context) -> Iterator[Finding]:
    """Makes all of it anew, in temporary tables, and compares; for SQLite. Raises DatabaseError."""
    with context.database.read() as session:
        connection = session.connection()
        derived.create_copies(connection)
        try:
            numbers = _differences(connection, _NUMBERS.format("main."), _NUMBERS.format("temp."))
            yield _finding("counts", numbers, "the counts by status are those of the tokens")
            responses = _differences(connection, _RESPONSES.format("main."), _RESPONSES.format("temp."))
            yield _finding("responses", responses, "the responses by day are those of the slots")
            if derived.is_searchable(connection):
                for name, schema in (("kept", "main"), ("made", "temp")):
                    connection.exec_driver_sql(
                        f"CREATE VIRTUAL TABLE temp.{name}_trigrams USING fts5vocab({schema}, token_search, instance)"
                    )
                words = _differences(connection, _TRIGRAMS.format("kept"), _TRIGRAMS.format("made"))
                yield _finding("search", words, "the search index is that of the tokens")
            else:
                yield Finding("search", True, "there is no search index: words are looked for in every token")
        finally:
            for name in ("kept_trigrams", "made_trigrams", "token_search", "token_counts", "usage_days"):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{name}")


def _differences(connection: Connection, kept: str, made: str) -> int:
    both = f"SELECT * FROM ({kept} EXCEPT {made}) UNION ALL SELECT * FROM ({made} EXCEPT {kept})"  # noqa: S608
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM ({both})").scalar_one())  # noqa: S608 - no input


def _finding(check: str, differences: int, good: str) -> Finding:
    if differences:
        return Finding(check, False, f"{differences} entries are not what they are derived from", _REMEDY)
    return Finding(check, True, good)

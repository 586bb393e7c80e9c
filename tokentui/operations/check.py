"""Checks that the database is whole."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, text

from tokentui import migrations
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.errors import TokentuiError
from tokentui.keyring import KEY_CHECK
from tokentui.models import Meta, Secret
from tokentui.operations.derived_check import check_derived
from tokentui.operations.findings import Finding as Finding  # whoever prints them names it from here
from tokentui.operations.row_check import damaged_rows

_RESTORE = "restore a backup with `tokentui db restore`"
_MEND = "edit or purge what is named, or restore a backup with `tokentui db restore`"
_ROWS_NAMED = 20
_UNCHECKED_REFERENCES = (
    "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND NOT convalidated "
    "AND connamespace = current_schema()::regnamespace"
)


def check(context: Context) -> Iterator[Finding]:
    """Integrity, references, schema, every row as the program reads it, and that every secret opens; reads only.

    Each is looked at whatever was wrong before. Raises nothing of the database: that is a finding.
    """
    if context.database.path is not None:
        yield from _finding_of("integrity", _check_integrity(context))
        yield from _finding_of("references", _check_references(context))
    else:
        yield from _finding_of("server", _check_server(context))
    yield from _finding_of("schema", _check_schema(context))
    yield from _finding_of("rows", _check_rows(context))
    if context.database.path is not None:
        yield from _finding_of("derived", check_derived(context))
    yield from _finding_of("secrets", _check_secrets(context))


def _finding_of(check: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings, and one more for what ended the check."""
    try:
        yield from findings
    except TokentuiError as error:
        yield Finding(check, False, error.message, error.hint)


def _check_integrity(context: Context) -> Iterator[Finding]:
    with context.database.read() as session:
        broken = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(5)")) if row[0] != "ok"]
    message = "; ".join(broken).replace("\n", "; ") or "the file is whole"
    yield Finding("integrity", not broken, message, _RESTORE if broken else "")


def _check_references(context: Context) -> Iterator[Finding]:
    with context.database.read() as session:
        orphans = len(session.execute(text("PRAGMA foreign_key_check")).all())
    yield Finding("references", not orphans, f"{orphans} rows refer to nothing", _RESTORE if orphans else "")


def _check_server(context: Context) -> Iterator[Finding]:
    """Its version, and whether its references are checked by itself, as they are unless somebody said otherwise."""
    with context.database.read() as session:
        version = session.execute(text("SHOW server_version")).scalar()
        unchecked = session.execute(text(_UNCHECKED_REFERENCES)).scalars().all()
    yield Finding("server", True, f"PostgreSQL {version}; `pg_amcheck` checks its files")
    remedy = "run ALTER TABLE … VALIDATE CONSTRAINT, or restore a backup" if unchecked else ""
    yield Finding("references", not unchecked, ", ".join(unchecked) or "the server checks them all", remedy)


def _check_schema(context: Context) -> Iterator[Finding]:
    with context.database.read() as session:
        revision = str(session.execute(text("SELECT version_num FROM alembic_version")).scalar())
    current = revision == migrations.HEAD
    yield Finding("schema", current, f"revision {revision}", "" if current else "run `tokentui db upgrade`")


def _check_rows(context: Context) -> Iterator[Finding]:
    number, shown = 0, []
    with context.database.read() as session:
        for row in damaged_rows(session):
            number += 1
            if number <= _ROWS_NAMED:
                shown.append(row)
    more = f"; and {number - len(shown)} more" if number > len(shown) else ""
    yield Finding("rows", not number, "; ".join(shown) + more or "every row can be read", _MEND if number else "")


def _check_secrets(context: Context) -> Iterator[Finding]:
    with context.database.read() as session:
        unused = session.get(Meta, KEY_CHECK) is None and session.scalar(select(Secret.id).limit(1)) is None
    if unused:
        yield Finding("secrets", True, "there are none yet")
        return
    context.vault()
    broken: list[str] = []
    number = 0
    with context.database.read() as session:
        vault = context.vault_for_reading(session)
        for secret in session.scalars(select(Secret).execution_options(yield_per=1000)):
            number += 1
            if not _opens(vault, secret):
                broken.append(format_id(secret.token_id) if type(secret.token_id) is int else f"secret {secret.id}")
    if broken:
        yield Finding("secrets", False, f"{len(broken)} don't open: {', '.join(broken[:5])}", "rotate these tokens")
    else:
        yield Finding("secrets", True, f"all {number} open and match their digests")


def _opens(vault: Vault, secret: Secret) -> bool:
    if type(secret.token_id) is not int:
        return False
    if secret.sealed is None:
        return True
    try:
        return secret.digest in vault.digests(vault.unseal(secret.token_id, secret.sealed).text)
    except SealBroken:
        return False

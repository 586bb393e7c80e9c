"""Checks that the database is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, text

from tokentui import migrations
from tokentui.context import KEY_CHECK, Context
from tokentui.crypto.key_format import format_id
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.errors import TokentuiError
from tokentui.models import Meta, Secret


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `ok`, what was found, and what to do where it is not."""

    check: str
    ok: bool
    message: str
    remedy: str = ""


def check(context: Context) -> Iterator[Finding]:
    """Integrity, references, schema, and that every secret opens and matches its digest; reads only."""
    with context.database.read() as session:
        if context.database.path is not None:
            broken = [row[0] for row in session.execute(text("PRAGMA integrity_check(5)")) if row[0] != "ok"]
            remedy = "restore a backup"
            yield Finding("integrity", not broken, "; ".join(broken) or "the file is whole", remedy if broken else "")
            orphans = len(session.execute(text("PRAGMA foreign_key_check")).all())
            yield Finding("references", not orphans, f"{orphans} rows refer to nothing", remedy if orphans else "")
        revision = str(session.execute(text("SELECT version_num FROM alembic_version")).scalar())
    current = revision == migrations.HEAD
    yield Finding("schema", current, f"revision {revision}", "" if current else "run `tokentui db upgrade`")
    yield from _check_secrets(context)


def _check_secrets(context: Context) -> Iterator[Finding]:
    with context.database.read() as session:
        unused = session.get(Meta, KEY_CHECK) is None and session.scalar(select(Secret.id).limit(1)) is None
    if unused:
        yield Finding("secrets", True, "there are none yet")
        return
    try:
        vault = context.vault()
    except TokentuiError as error:
        yield Finding("secrets", False, error.message, error.hint)
        return
    broken: list[str] = []
    number = 0
    with context.database.read() as session:
        for secret in session.scalars(select(Secret).execution_options(yield_per=1000)):
            number += 1
            if not _opens(vault, secret):
                broken.append(format_id(secret.token_id))
    if broken:
        yield Finding("secrets", False, f"{len(broken)} don't open: {', '.join(broken[:5])}", "rotate these tokens")
    else:
        yield Finding("secrets", True, f"all {number} open and match their digests")


def _opens(vault: Vault, secret: Secret) -> bool:
    if secret.sealed is None:
        return True
    try:
        return vault.digest(vault.unseal(secret.token_id, secret.sealed).text) == secret.digest
    except SealBroken:
        return False

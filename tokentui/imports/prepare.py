"""Reads lines, checks them, and keeps what can be written. The database is read, not written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui import catalog
from tokentui.context import Context
from tokentui.crypto.key_format import format_id, new_id
from tokentui.crypto.vault import Vault, new_master_key
from tokentui.imports import lines
from tokentui.imports.fields import LineToken, Rules, line_token
from tokentui.imports.stage import RefusedLine, Stage, StagedToken
from tokentui.models import KeyForm, Secret, Token, to_micros
from tokentui.validation import ValidationError

_BATCH_LINES = 200
"""Lines that are looked up together, with two digests each; SQLite allows a limited number of parameters."""

SHORT_KEY = 16
"""Characters; a key of fewer could be guessed."""

Batch = list[tuple[int, LineToken]]


def prepare(
    context: Context, stream: IO[bytes], stage: Stage, *, dry_run: bool = False, tell: Callable[[RefusedLine], object]
) -> None:
    """Fills the stage from JSON lines; `tell` hears of each line that can't be a token.

    Memory does not grow with the stream. With `dry_run` no master key is made either. Raises MasterKeyError without
    the right one.
    """
    new = dry_run and not context.belongs_to_master_key()
    vault = Vault(new_master_key()) if new else context.vault()
    current = catalog.load(context)
    stage.catalog, stage.check_value = current, vault.check_value()
    rules = Rules(current, context.settings, context.now(), context.zone, context.actor.label)

    def refuse(number: int, reason: str) -> None:
        bad = RefusedLine(number, reason)
        stage.add_bad(bad)
        tell(bad)

    checked = _checked(stream, rules, refuse)
    while batch := list(islice(checked, _BATCH_LINES)):
        with context.database.read() as session:
            _stage(session, vault, stage, batch, refuse, keep_seal=context.settings.reveal)


def _checked(stream: IO[bytes], rules: Rules, refuse: Callable[[int, str], None]) -> Iterator[tuple[int, LineToken]]:
    for number, line in lines.read(stream):
        try:
            yield number, line_token(lines.parse(line), rules)
        except ValidationError as error:
            refuse(number, error.message)


def _stage(
    session: Session,
    vault: Vault,
    stage: Stage,
    batch: Batch,
    refuse: Callable[[int, str], None],
    *,
    keep_seal: bool,
) -> None:
    ids = _with_ids(session, stage, batch)
    digests = {number: _digests(vault, token) for number, token in batch}
    wanted = [digest for of_line in digests.values() for digest in of_line]
    owners = dict(session.execute(select(Secret.digest, Secret.token_id).where(Secret.digest.in_(wanted))).all())
    given = [token.token_id for _, token in batch if token.token_id is not None]
    taken = set(session.scalars(select(Token.id).where(Token.id.in_(given))))
    for number, token in batch:
        token_id = ids[number]
        if reason := _duplicate(stage, owners, taken, token_id, digests[number]):
            refuse(number, reason)
            continue
        key = None if token.key is None else replace(token.key, token_id=token_id)
        if key is not None and key.is_imported and len(key.secret) < SHORT_KEY:
            stage.short_keys += 1
        stage.add(
            StagedToken(
                number,
                token_id,
                {name: _stored(value) for name, value in token.columns.items()},
                token.modules,
                digests[number],
                vault.seal(key) if key is not None and keep_seal else None,
                _form(token),
            )
        )


def _with_ids(session: Session, stage: Stage, batch: Batch) -> dict[int, int]:
    """The ID of each line's token: its own, or one that is free."""
    ids = {number: token.token_id for number, token in batch if token.token_id is not None}
    missing = [number for number, token in batch if token.token_id is None]
    while missing:
        drawn = {number: new_id() for number in missing}
        used = set(session.scalars(select(Token.id).where(Token.id.in_(drawn.values())))) | set(ids.values())
        for number, token_id in drawn.items():
            if token_id not in used and stage.line_of_id(token_id) is None:
                ids[number] = token_id
                used.add(token_id)
        missing = [number for number in missing if number not in ids]
    return ids


def _duplicate(
    stage: Stage, owners: dict[bytes, int], taken: set[int], token_id: int, digests: tuple[bytes, ...]
) -> str:
    """Which line or token has the ID or the key already; empty where none has."""
    if token_id in taken:
        return f"the id {format_id(token_id)} is that of a token that is here already"
    if (line := stage.line_of_id(token_id)) is not None:
        return f"the id {format_id(token_id)} is that of line {line} too"
    for digest in digests:
        if digest in owners:
            return f"the key is that of {format_id(owners[digest])} already"
        if (line := stage.line_of_digest(digest)) is not None:
            return f"the key is that of line {line} too"
    return ""


def _digests(vault: Vault, token: LineToken) -> tuple[bytes, ...]:
    """First the one to keep, then those that the same key may have been brought in with before."""
    if token.key is not None:
        return vault.digests(token.key.text)
    return () if token.sha256 is None else vault.digests_of_sha256(token.sha256)


def _form(token: LineToken) -> int:
    if token.sha256 is not None:
        return int(KeyForm.IMPORTED_SHA256)
    return int(KeyForm.IMPORTED if token.key is not None and token.key.is_imported else KeyForm.OWN)


def _stored(value: object) -> object:
    return to_micros(value) if isinstance(value, datetime) else value

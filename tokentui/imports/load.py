"""Writes what was prepared: all of it or nothing, with an entry of the audit for each token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tokentui import audit, catalog
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.database.locks import Lock, hold
from tokentui.database.retries import retried
from tokentui.errors import Conflict
from tokentui.imports.stage import Stage, StagedToken
from tokentui.models import Base, KeyForm, Secret, Token, TokenModule, from_micros

_MOMENTS = ("created_at", "updated_at", "expires_at", "disabled_at", "deleted_at", "last_used_at")
_MODELS = (Token, TokenModule, Secret)
_KEPT = {KeyForm.OWN: "its key", KeyForm.IMPORTED: "a key of another system", KeyForm.IMPORTED_SHA256: "a SHA-256"}


# By table: an ORM insert leaves each None out, and so makes a statement of its own for every few rows.
_NEW_TOKEN, _NEW_MODULE, _NEW_SECRET = (insert(Base.metadata.tables[model.__tablename__]) for model in _MODELS)


@retried
def load(context: Context, stage: Stage, tell: Callable[[int], object] = lambda done: None) -> None:
    """Writes every staged token in one transaction; `tell` hears how many are written so far.

    Raises Conflict, and writes nothing, where an ID or a key was taken since it was prepared, or the catalogue or the
    master key changed.
    """
    with context.database.write() as session:
        hold(session.connection(), Lock.CATALOG, shared=True)
        check_value = context.vault_for_writing(session).check_value()
        if check_value != stage.check_value or catalog.read(session) != stage.catalog:
            raise _changed_meanwhile()
        done = 0
        for batch in stage.batches():
            _write(session, context, batch)
            done += len(batch)
            tell(done)
        audit.record_many(session, context, _entries(stage))
        session.commit()


def _write(session: Session, context: Context, batch: list[StagedToken]) -> None:
    ids = [token.token_id for token in batch]
    digests = [digest for token in batch for digest in token.digests]
    if (
        session.scalar(select(Token.id).where(Token.id.in_(ids)).limit(1)) is not None
        or session.scalar(select(Secret.id).where(Secret.digest.in_(digests)).limit(1)) is not None
    ):
        raise _changed_meanwhile()
    session.execute(_NEW_TOKEN, [{"id": token.token_id, **_columns(token)} for token in batch])
    modules = [{"token_id": token.token_id, "module_slug": slug} for token in batch for slug in token.modules]
    if modules:
        session.execute(_NEW_MODULE, modules)
    by = {"created_at": context.now(), "created_by": context.actor.label, "stops_at": None}
    secrets = [
        {"token_id": token.token_id, "digest": token.digests[0], "sealed": token.sealed, "form": token.form, **by}
        for token in batch
        if token.digests
    ]
    if secrets:
        session.execute(_NEW_SECRET, secrets)


def _changed_meanwhile() -> Conflict:
    return Conflict("the database was changed while the lines were read", "nothing was imported: run it again", {})


def _columns(token: StagedToken) -> dict[str, Any]:
    return {name: _moment(value) if name in _MOMENTS else value for name, value in token.columns.items()}


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _entry(token: StagedToken) -> tuple[str, int, audit.Changes]:
    """What the audit says: the action, the token, and what it is."""
    columns = token.columns
    fields = {
        "name": columns["name"],
        "external_id": columns["external_id"],
        "description": columns["description"],
        "owner": columns["owner"],
        "extension": columns["extension_slug"],
        "modules": "*" if columns["all_modules"] else list(token.modules),
        "networks": columns["networks"].split(),
        "expires_at": utc_text(_moment(columns["expires_at"])),
        "key": _KEPT[KeyForm(token.form)] if token.digests else None,
    }
    return "import", token.token_id, {name: (None, value) for name, value in fields.items()}


def _entries(stage: Stage) -> Iterator[tuple[str, int, audit.Changes]]:
    """An entry for each token, in the order of the lines."""
    for batch in stage.batches():
        yield from map(_entry, batch)

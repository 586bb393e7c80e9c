"""What every change of a token is written with: its row, its modules, its secrets, and what the audit says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tokentui import validation
from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.crypto.key_format import Key
from tokentui.errors import Conflict
from tokentui.listing import rows
from tokentui.models import Secret, Token, TokenModule
from tokentui.records import Catalog, TokenRecord


def locked_token(session: Session, context: Context, token_id: int) -> TokenRecord:
    """The token, which nobody else changes until the open transaction ends; raises NoSuchToken.

    On SQLite the transaction holds the lock of the whole database already; PostgreSQL locks the row.
    """
    session.execute(select(Token.id).where(Token.id == token_id).with_for_update())
    return rows.find(session, context, token_id)


def grant_modules(session: Session, token_id: int, modules: tuple[str, ...]) -> None:
    """Opens modules, named by their slugs, to a token."""
    if modules:
        session.execute(insert(TokenModule), [{"token_id": token_id, "module_slug": slug} for slug in modules])


def add_secrets(session: Session, context: Context, keys: Iterable[Key], now: datetime) -> None:
    """Stores keys as digest and seal, each as its token's newest secret; raises MasterKeyError.

    Without a seal where the settings say that no key is shown again.
    """
    vault = context.vault_for_writing(session)
    session.add_all(
        Secret(
            token_id=key.token_id,
            digest=vault.digest(key.text),
            sealed=vault.seal(key) if context.settings.reveal else None,
            created_at=now,
            created_by=context.actor.label,
            stops_at=None,
        )
        for key in keys
    )
    session.flush()


def update_token(session: Session, context: Context, before: TokenRecord, **values: Any) -> None:
    """Sets columns of a token, who changed it and when, and raises its version by one.

    Raises Conflict where the token is no longer of the version that `before` has.
    """
    # A version that can't be read must not keep anybody from disabling the token.
    unchanged = () if "version" in before.damaged else (Token.version == before.version,)
    updated = session.execute(
        update(Token)
        .where(Token.id == before.id, *unchanged)
        .values(
            **values,
            updated_at=context.now(),
            updated_by=context.actor.label,
            version=before.version + 1,
        )
        .returning(Token.id)
    )
    if updated.one_or_none() is None:
        raise Conflict(f"{before.label} was changed at the same moment", "try again", {})


def update_many(session: Session, context: Context, changes: Iterable[tuple[TokenRecord, Mapping[str, Any]]]) -> None:
    """`update_token` for many, each with its own columns; the caller has locked them, so that none can conflict."""
    common = {"updated_at": context.now(), "updated_by": context.actor.label}
    parameters = [{"id": token.id, **values, **common, "version": token.version + 1} for token, values in changes]
    if parameters:
        session.execute(update(Token), parameters)


def audited_fields(token: TokenRecord) -> dict[str, Any]:
    """What the audit keeps of a token: field → JSON value."""
    return {
        "name": token.name,
        "external_id": token.external_id,
        "description": token.description,
        "owner": token.owner,
        "extension": token.extension_slug,
        "modules": "*" if token.all_modules else list(token.modules),
        "networks": list(token.networks),
        "expires_at": utc_text(token.expires_at),
    }


def audited_changes(before: TokenRecord, after: TokenRecord) -> dict[str, tuple[Any, Any]]:
    """What the audit says of a change: field → (old, new), as JSON values."""
    old, new = audited_fields(before), audited_fields(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def refuse_modules_not_asked_for(catalog: Catalog, extension: str) -> None:
    """Raises ValidationError where the extension has permissions of its own, so that none can be chosen."""
    record = catalog.extension(extension)
    if not record.asks_permissions:
        given = "all modules" if record.all_modules else ", ".join(record.modules) or "no module"
        raise validation.ValidationError(
            "modules", f"the extension {extension} has permissions of its own ({given}): leave the modules out"
        )

"""Making a token, changing its properties and permissions, and showing its key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tokentui import audit, catalog, validation
from tokentui.context import Context
from tokentui.crypto.key_format import Key, format_id, new_id, new_key
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.errors import Conflict, MasterKeyError, WrongState
from tokentui.listing import rows
from tokentui.models import Secret, Token, TokenModule
from tokentui.records import Action, Catalog, Issued, NewToken, Revealed, TokenChanges, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.reads import live_secrets


def create_token(context: Context, new: NewToken) -> Issued:
    """Makes a token and its key.

    Where the extension asks for no permissions and none are given, it gets the extension's own. Raises
    ValidationError, MasterKeyError, DatabaseError; then nothing was written.
    """
    name = validation.name(new.name)
    external_id = validation.external_id(new.external_id)
    description = validation.description(new.description)
    networks = validation.networks(new.networks)
    now = context.now()
    if new.expires_at is not None and new.expires_at <= now:
        raise validation.ValidationError("expires", "the expiry lies in the past")
    validation.lifetime(new.expires_at, now=now, longest=context.settings.max_lifetime)
    vault = context.vault()
    with context.database.write() as session:
        stock = catalog.read(session)
        all_modules, modules = _permission(new, stock)
        key = new_key(_free_id(session))
        session.add(
            Token(
                id=key.token_id,
                name=name,
                external_id=external_id,
                description=description,
                extension_slug=new.extension,
                all_modules=all_modules,
                networks=" ".join(networks),
                created_at=now,
                created_by=context.actor.label,
                updated_at=now,
                updated_by=context.actor.label,
                expires_at=new.expires_at,
            )
        )
        session.flush()
        grant(session, key.token_id, modules)
        add_secret(session, context, vault, key, now)
        token = rows.find(session, context, key.token_id)
        audit.record(session, context, "create", token.id, {k: (None, v) for k, v in _facts(token).items()})
        session.commit()
    return Issued(token, key)


def edit_token(
    context: Context, token_id: int, changes: TokenChanges, *, expected_version: int | None = None
) -> TokenRecord:
    """Gives a token new properties or permissions; its secret stays. An edit that changes nothing writes nothing.

    Raises Conflict where `expected_version` is not the token's: another operator was faster.
    """
    checked = _checked(changes)
    with context.database.write() as session:
        before = rows.find(session, context, token_id)
        states.require_allowed(Action.EDIT, before)
        values, permission = _differences(before, checked, catalog.read(session))
        if expected_version is not None and before.version != expected_version:
            raise _conflict(before, values, permission)
        if not values and permission is None:
            return before
        if permission is not None:
            values["all_modules"] = permission[0]
            session.execute(delete(TokenModule).where(TokenModule.token_id == token_id))
            grant(session, token_id, permission[1])
        touch(session, context, before, **values)
        after = rows.find(session, context, token_id)
        audit.record(session, context, "edit", token_id, changed(before, after))
        session.commit()
    return after


def reveal_keys(context: Context, token_id: int, *, purpose: str = "reveal") -> tuple[Revealed, ...]:
    """The keys of a token in clear, the current one first, then those of a running overlap.

    Recorded in the audit under `purpose` (`reveal` or `copy`) before anything is shown. Raises WrongState for a
    deleted token and where no secret can be shown; MasterKeyError without the right master key.
    """
    vault = context.vault()
    with context.database.write() as session:
        token = rows.find(session, context, token_id)
        states.require_allowed(Action.REVEAL, token)
        found = [(record, secret) for record, secret in live_secrets(session, context, token_id) if secret.sealed]
        if not found:
            raise WrongState(f"the key of {token.label} can't be shown", "only its digest is kept: rotate it instead")
        revealed = tuple(Revealed(_unsealed(vault, token_id, secret), record) for record, secret in found)
        audit.record(session, context, purpose, token_id)
        session.commit()
    return revealed


def grant(session: Session, token_id: int, modules: tuple[str, ...]) -> None:
    """Opens modules to a token."""
    if modules:
        session.execute(insert(TokenModule), [{"token_id": token_id, "module_slug": slug} for slug in modules])


def add_secret(session: Session, context: Context, vault: Vault, key: Key, now: datetime) -> None:
    """Stores a key as digest and seal, as the token's newest."""
    session.add(
        Secret(
            token_id=key.token_id,
            digest=vault.digest(key.text),
            sealed=vault.seal(key),
            created_at=now,
            created_by=context.actor.label,
            stops_at=None,
        )
    )
    session.flush()


def touch(session: Session, context: Context, before: TokenRecord, **values: Any) -> None:
    """Updates a token's columns, who changed it and when, and its version."""
    session.execute(
        update(Token)
        .where(Token.id == before.id)
        .values(
            **values,
            updated_at=context.now(),
            updated_by=context.actor.label,
            version=before.version + 1,
        )
    )


def changed(before: TokenRecord, after: TokenRecord) -> dict[str, tuple[Any, Any]]:
    """What an audit entry says of a change: field → (old, new), as JSON values."""
    old, new = _facts(before), _facts(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def moment_text(moment: datetime | None) -> str | None:
    """A moment as the audit keeps it, `2026-11-24T09:30:00Z`; None stays None (never)."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _facts(token: TokenRecord) -> dict[str, Any]:
    return {
        "name": token.name,
        "external_id": token.external_id,
        "description": token.description,
        "extension": token.extension_slug,
        "modules": "*" if token.all_modules else list(token.modules),
        "networks": list(token.networks),
        "expires_at": moment_text(token.expires_at),
    }


def _permission(new: NewToken, stock: Catalog) -> tuple[bool, tuple[str, ...]]:
    validation.extension(new.extension, known={each.slug for each in stock.extensions})
    extension = stock.extension(new.extension)
    if not extension.asks_permissions and not new.all_modules and not new.modules:
        return extension.all_modules, extension.modules
    known = {module.slug for module in stock.modules}
    return new.all_modules, validation.modules(new.modules, known=known, all_modules=new.all_modules)


def _checked(changes: TokenChanges) -> dict[str, Any]:
    """The fields that were given, checked; the permission's slugs are checked against the catalogue later."""
    checked: dict[str, Any] = {}
    if changes.name is not None:
        checked["name"] = validation.name(changes.name)
    if changes.external_id is not None:
        checked["external_id"] = validation.external_id(changes.external_id)
    if changes.description is not None:
        checked["description"] = validation.description(changes.description)
    if changes.networks is not None:
        checked["networks"] = validation.networks(changes.networks)
    if changes.all_modules is not None or changes.modules is not None:
        checked["permission"] = (bool(changes.all_modules), changes.modules or ())
    return checked


def _differences(
    before: TokenRecord, checked: dict[str, Any], stock: Catalog
) -> tuple[dict[str, Any], tuple[bool, tuple[str, ...]] | None]:
    """The columns that would change, and the permission if it would."""
    values: dict[str, Any] = {
        name: checked[name]
        for name in ("name", "external_id", "description")
        if name in checked and checked[name] != getattr(before, name)
    }
    if "networks" in checked and checked["networks"] != before.networks:
        values["networks"] = " ".join(checked["networks"])
    permission = None
    if "permission" in checked:
        all_modules, slugs = checked["permission"]
        known = {module.slug for module in stock.modules}
        slugs = validation.modules(slugs, known=known, all_modules=all_modules)
        if (all_modules, slugs) != (before.all_modules, before.modules):
            permission = (all_modules, slugs)
    return values, permission


def _conflict(theirs: TokenRecord, values: dict[str, Any], permission: tuple[bool, tuple[str, ...]] | None) -> Conflict:
    fields = {
        name: (str(getattr(theirs, name) or ""), str(value or ""))
        for name, value in values.items()
        if name != "networks"
    }
    if "networks" in values:
        fields["networks"] = (" ".join(theirs.networks), values["networks"])
    if permission is not None:
        fields["modules"] = (_modules_text(theirs.all_modules, theirs.modules), _modules_text(*permission))
    by = f"{theirs.updated_by} changed {theirs.label} since you opened it"
    return Conflict(by, "look at both versions and choose", fields)


def _modules_text(all_modules: bool, modules: tuple[str, ...]) -> str:
    return "all modules" if all_modules else ", ".join(modules)


def _free_id(session: Session) -> int:
    while True:
        number = new_id()
        if session.scalar(select(Token.id).where(Token.id == number)) is None:
            return number


def _unsealed(vault: Vault, token_id: int, secret: Secret) -> Key:
    try:
        return vault.unseal(token_id, secret.sealed or b"")
    except SealBroken:
        raise MasterKeyError(
            f"the sealed secret of {format_id(token_id)} can't be opened", "run `tokentui db check`"
        ) from None

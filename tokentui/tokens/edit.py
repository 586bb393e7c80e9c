"""Changing the properties and permissions of a token; its secret stays."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tokentui import audit, catalog, validation
from tokentui.context import Context
from tokentui.database.locks import Lock, hold
from tokentui.database.retries import retried
from tokentui.errors import Conflict
from tokentui.listing import rows
from tokentui.models import TokenModule
from tokentui.records import Action, Catalog, TokenChanges, TokenRecord
from tokentui.tokens import states
from tokentui.tokens.policy import TokenPolicy
from tokentui.tokens.refused import refusals_recorded
from tokentui.tokens.writing import (
    audited_changes,
    grant_modules,
    locked_token,
    refuse_modules_not_asked_for,
    update_token,
)


@dataclass(frozen=True, slots=True)
class _Properties:
    """What an edit can set, checked; in a change, None is a field that was not given."""

    name: str | None
    external_id: str | None  # cleared by an empty text
    description: str | None
    owner: str | None  # cleared by an empty text
    networks: tuple[str, ...] | None
    modules: tuple[bool, tuple[str, ...]] | None  # whether all, else which


@refusals_recorded("edit")
@retried
def edit_token(
    context: Context,
    token_id: int,
    changes: TokenChanges,
    *,
    read: TokenRecord | None = None,
    overwrite: bool = False,
) -> TokenRecord:
    """Gives a token new properties or permissions. An edit that changes nothing writes nothing.

    `read` is the token as the editor read it. A field that the editor left as it was read is left as it is now. Where
    another operator changed the same field to something else, Conflict is raised, which holds both; `overwrite` sets
    it all the same. Without `read` every given field is set.

    Raises NoSuchToken, WrongState for a deleted token, and ValidationError, also for modules where the extension has
    permissions of its own, and for a field that would be outside of the policy of the settings.
    """
    wanted = _checked(changes)
    with context.database.write() as session:
        if wanted.modules is not None:
            hold(session.connection(), Lock.CATALOG, shared=True)
        before = locked_token(session, context, token_id)
        states.require_allowed(Action.EDIT, before)
        if wanted.modules is not None:
            _check_modules(wanted.modules, before, catalog.read(session))
        changed = _changed_fields(wanted, before, read)
        if read is not None and not overwrite:
            _refuse_conflict(changed, wanted, before, read)
        if not changed:
            return before
        _check_policy(TokenPolicy.of(context.settings), wanted, changed)
        _write(session, context, before, wanted, changed)
        after = rows.find(session, context, token_id)
        audit.record(session, context, "edit", token_id, audited_changes(before, after))
        session.commit()
    return after


def _checked(changes: TokenChanges) -> _Properties:
    permission = None
    if changes.all_modules is not None or changes.modules is not None:
        permission = (bool(changes.all_modules), tuple(sorted(set(changes.modules or ()))))
    return _Properties(
        name=None if changes.name is None else validation.name(changes.name),
        external_id=None if changes.external_id is None else validation.external_id(changes.external_id) or "",
        description=None if changes.description is None else validation.description(changes.description),
        owner=None if changes.owner is None else validation.owner(changes.owner),
        networks=None if changes.networks is None else validation.networks(changes.networks),
        modules=permission,
    )


def _properties(token: TokenRecord) -> _Properties:
    return _Properties(
        name=token.name,
        external_id=token.external_id or "",
        description=token.description,
        owner=token.owner,
        networks=token.networks,
        modules=(token.all_modules, token.modules),
    )


def _check_modules(wanted: tuple[bool, tuple[str, ...]], token: TokenRecord, catalog: Catalog) -> None:
    refuse_modules_not_asked_for(catalog, token.extension_slug)
    all_modules, slugs = wanted
    validation.modules(slugs, known={module.slug for module in catalog.modules}, all_modules=all_modules)


def _check_policy(policy: TokenPolicy, wanted: _Properties, changed: tuple[str, ...]) -> None:
    """What an edit leaves as it is may be outside of the policy: `doctor` lists that."""
    if "owner" in changed:
        policy.check_owner(wanted.owner or "")
    if "modules" in changed and wanted.modules is not None:
        policy.check_all_modules(wanted.modules[0])


def _changed_fields(wanted: _Properties, before: TokenRecord, read: TokenRecord | None) -> tuple[str, ...]:
    """The fields that the editor changed and that differ from what the token has now."""
    now, base = _properties(before), None if read is None else _properties(read)
    return tuple(
        field.name
        for field in fields(_Properties)
        if (value := getattr(wanted, field.name)) is not None
        and value != getattr(now, field.name)
        and (base is None or value != getattr(base, field.name))
    )


def _refuse_conflict(changed: tuple[str, ...], wanted: _Properties, before: TokenRecord, read: TokenRecord) -> None:
    now, base = _properties(before), _properties(read)
    both = {
        name: (_shown(getattr(now, name)), _shown(getattr(wanted, name)))
        for name in changed
        if getattr(now, name) != getattr(base, name)
    }
    if both:
        message = f"{before.updated_by} changed {before.label} since you opened it"
        raise Conflict(message, "look at both versions and choose", both)


def _shown(value: str | tuple[str, ...] | tuple[bool, tuple[str, ...]]) -> str:
    """A field's value as the operator who must choose reads it."""
    if isinstance(value, str):
        return value
    if len(value) == 2 and isinstance(value[0], bool):
        return "all modules" if value[0] else ", ".join(value[1])
    return " ".join(str(network) for network in value)


def _write(
    session: Session, context: Context, before: TokenRecord, wanted: _Properties, changed: tuple[str, ...]
) -> None:
    values: dict[str, object] = {
        name: getattr(wanted, name) for name in changed if name in ("name", "external_id", "description", "owner")
    }
    if "external_id" in values:
        values["external_id"] = wanted.external_id or None
    if "networks" in changed:
        values["networks"] = " ".join(wanted.networks or ())
    if "modules" in changed and wanted.modules is not None:
        values["all_modules"], modules = wanted.modules
        session.execute(delete(TokenModule).where(TokenModule.token_id == before.id))
        grant_modules(session, before.id, modules)
    update_token(session, context, before, **values)

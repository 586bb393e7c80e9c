"""Making a token with its first key."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui import audit, catalog, validation
from tokentui.context import Context
from tokentui.crypto.key_format import new_id, new_key
from tokentui.database.locks import Lock, hold
from tokentui.database.retries import retried
from tokentui.listing import rows
from tokentui.models import Token
from tokentui.records import Catalog, Issued, NewToken
from tokentui.tokens.policy import TokenPolicy
from tokentui.tokens.reads import same_name
from tokentui.tokens.refused import refusals_recorded
from tokentui.tokens.writing import add_secrets, audited_fields, grant_modules, refuse_modules_not_asked_for


@refusals_recorded("create")
@retried
def create_token(context: Context, new: NewToken) -> Issued:
    """Makes a token and its key.

    Where the extension asks for no permissions the token gets the extension's own, and none may be given. Raises
    ValidationError, also where the policy of the settings is not met, MasterKeyError or DatabaseError; then nothing was
    written.
    """
    name = validation.name(new.name)
    external_id = validation.external_id(new.external_id)
    description = validation.description(new.description)
    owner = validation.owner(new.owner)
    networks = validation.networks(new.networks)
    now = context.now()
    if new.expires_at is not None and new.expires_at <= now:
        raise validation.ValidationError("expires", "the expiry lies in the past")
    policy = TokenPolicy.of(context.settings)
    policy.check_expiry(new.expires_at, now=now)
    policy.check_owner(owner)
    context.vault()  # makes it where there is none yet
    with context.database.write() as session:
        hold(session.connection(), Lock.CATALOG, shared=True)
        all_modules, modules = _permission(new, catalog.read(session), policy)
        key = new_key(_free_id(session))
        session.add(
            Token(
                id=key.token_id,
                name=name,
                external_id=external_id,
                description=description,
                owner=owner,
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
        grant_modules(session, key.token_id, modules)
        add_secrets(session, context, [key], now)
        token = rows.find(session, context, key.token_id)
        fields = {field: (None, value) for field, value in audited_fields(token).items()}
        audit.record(session, context, "create", token.id, fields)
        other = same_name(session, context, name, other_than=token.id)
        session.commit()
    return Issued(token, key, same_name=other)


def _permission(new: NewToken, catalog: Catalog, policy: TokenPolicy) -> tuple[bool, tuple[str, ...]]:
    """Whether all modules are open to the new token, else which."""
    validation.extension(new.extension, known={extension.slug for extension in catalog.extensions})
    extension = catalog.extension(new.extension)
    policy.check_extension(extension)
    if not extension.asks_permissions:
        if new.all_modules or new.modules:
            refuse_modules_not_asked_for(catalog, new.extension)
        return extension.all_modules, extension.modules
    policy.check_all_modules(new.all_modules)
    slugs = {module.slug for module in catalog.modules}
    return new.all_modules, validation.modules(new.modules, known=slugs, all_modules=new.all_modules)


def _free_id(session: Session) -> int:
    while True:
        number = new_id()
        if session.scalar(select(Token.id).where(Token.id == number)) is None:
            return number

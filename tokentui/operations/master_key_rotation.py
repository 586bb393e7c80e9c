"""A new master key: every secret sealed anew and every digest made anew, while gates and apps go on.

    begin    one transaction: the database has the new key; the one before is kept in it, sealed under the new one
    batches  some hundred secrets a transaction, in the order of their IDs
    finish   one transaction: the key before is forgotten
    files    the new key's file takes the name of the present one

Both keys open what they have sealed at each moment. Whatever writes in between writes under the new key: a transaction
asks the database which one it has. What ends in the middle, by whatever, is gone on with by the next call.

A secret that is kept as a digest alone, or can't be opened, keeps the digest that it has, and the database the verify
subkey of that, enclosed for who has the verify subkey of today.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import randbits
from typing import Any

from sqlalchemy import bindparam, column, delete, func, insert, select, table, update
from sqlalchemy.orm import Session

from tokentui import audit
from tokentui.audit import former_keys
from tokentui.context import Context, make_home
from tokentui.crypto import master_key, next_key
from tokentui.crypto.vault import SealBroken, Vault
from tokentui.database.locks import Lock, hold
from tokentui.database.retries import retried
from tokentui.errors import MasterKeyError, ReadOnly, WrongState
from tokentui.keyring import (
    FORMER_MASTER_KEY,
    FORMER_VERIFY_KEYS,
    KEY_CHECK,
    FormerVerifyKey,
    disclosed,
    enclosed,
    key_state,
    sealed_master_key,
)
from tokentui.models import AuditEntry, Epoch, Meta, Secret

BATCH_ROWS = 250
"""Secrets that are sealed anew in one transaction: others wait for it some hundredths of a second."""

_PAUSE_S = 0.01
"""The shortest pause between two transactions."""

ROTATION = "master_key_rotation"
"""The name under which `meta` holds how far a rotation is."""

_EPOCH_BITS = 52
_SECRETS = table("secrets", *(column(name) for name in ("id", "digest", "sealed")))
_UPDATE = (
    update(_SECRETS)
    .where(_SECRETS.c.id == bindparam("secret"), _SECRETS.c.digest == bindparam("old_digest"))
    .values(digest=bindparam("new_digest"), sealed=bindparam("new_seal"))
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far it is: `done` of `total` secrets, those with an ID up to `position`; `last` is the last one to be done.

    `kept` of them keep their digest, the first of which has the ID `first_kept`.
    """

    position: int
    last: int
    total: int
    done: int = 0
    kept: int = 0
    first_kept: int | None = None

    def text(self) -> bytes:
        """As `meta` holds it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields).encode("ascii")


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came out: how many secrets there were, and how many of them keep their digest.

    `key_file` holds the new key, `former_file` the one before. Where that is None, the present key comes from a
    variable or a credential: the new one is to be put there by hand.
    """

    secrets: int
    kept: int
    key_file: Path
    former_file: Path | None


def prepare(context: Context) -> Path:
    """Makes the master key that follows, and nothing else: for gates that need it beforehand. Returns its file.

    Raises MasterKeyError without the right master key, or where the file can't be written.
    """
    _refuse_read_only(context)
    context.vault()
    return _next_key(context)[0]


def is_prepared(context: Context) -> bool:
    """Whether there is a next master key already, or a rotation is under way."""
    home, environ = context.settings.home, context.environ
    return any(file.exists() for file in master_key.next_files(home, environ))


def verify_key_handed_out(context: Context) -> datetime | None:
    """When the verify key of the present master key was last exported, by the audit; None where it was not."""
    query = select(AuditEntry.action, AuditEntry.at).where(
        AuditEntry.action.in_(("export-verify-key", "rotate-master-key"))
    )
    with context.database.read() as session:
        row = session.execute(query.order_by(AuditEntry.id.desc()).limit(1)).one_or_none()
    return row.at if row is not None and row.action == "export-verify-key" else None


def rotate(context: Context, tell: Callable[[int, int], object] = lambda done, total: None) -> Rotated:
    """Gives the database a new master key and seals everything anew, or goes on with a rotation that was ended.

    `tell` is told how many secrets are done, and of how many. Raises MasterKeyError without the right master key or
    where the new one can't be written, and WrongState where the last one has not been put into its place.
    """
    _refuse_read_only(context)
    before = context.vault()
    with context.database.read() as session:
        is_under_way = key_state(session).is_rotating
    if not is_under_way and not _has_only_files_left(context, before):
        _begin(context, Vault(_next_key(context)[1]))
    done = kept = 0
    begun = time.monotonic()
    while (rotation := _seal_batch(context)) is not None:
        done, kept = rotation.done, rotation.kept
        tell(done, rotation.total)
        if rotation.position >= rotation.last and _finish(context):
            break
        # As long as that took: who waits for the lock asks for it now and then, and must find it free.
        time.sleep(max(_PAUSE_S, time.monotonic() - begun))
        begun = time.monotonic()
    key_file, former_file = _settle(context)
    return Rotated(done, kept, key_file, former_file)


def _refuse_read_only(context: Context) -> None:
    if context.database.read_only:
        raise ReadOnly("the master key can't be changed", "the program was started read-only")


def _has_only_files_left(context: Context, vault: Vault) -> bool:
    """Whether an ended rotation has left the new key in the file of the next one.

    Raises WrongState where it is to be put into a variable or a credential by hand.
    """
    home, environ = context.settings.home, context.environ
    present = master_key.load(home, environ)
    if present is not None and Vault(present).check_value() == vault.check_value():
        next_file = master_key.next_files(home, environ)[-1]
        if next_file.exists():
            next_key.discard(next_file, vault.check_value())  # that it has its place is seen from the present one
        return False
    if master_key.is_replaceable(home, environ):
        return True
    raise WrongState("the new master key is not where the old one comes from", to_be_placed(context))


def _next_key(context: Context) -> tuple[Path, bytes]:
    """The file of the key that follows, and the key; made where there is none."""
    home, environ = context.settings.home, context.environ
    files = master_key.next_files(home, environ)
    for file in files:
        if (key := master_key.read(file)) is not None:
            return file, key
    if not master_key.is_replaceable(home, environ):
        make_home(context.settings)
        return files[-1], next_key.make(files[-1], None)
    return files[-1], next_key.make(files[-1], master_key.path(home, environ))


@retried
def _begin(context: Context, after: Vault) -> None:
    """Gives the database the key of this vault, unless somebody else has given it one meanwhile."""
    with context.database.write() as session:
        hold(session.connection(), Lock.MASTER_KEY)
        state = key_state(session)
        before = context.vault_for_reading(session)
        if state.is_rotating or before.check_value() == after.check_value():
            return
        last, total = session.execute(select(func.max(Secret.id), func.count(Secret.id))).one()
        retained = (*disclosed(before, state.former_verify_keys), FormerVerifyKey(last or 0, before.verify_key))
        former_keys.change_master_key(session, before, after)
        _set(session, KEY_CHECK, after.check_value())
        _set(session, FORMER_MASTER_KEY, sealed_master_key(after, _bytes_of(context, before)))
        _set(session, FORMER_VERIFY_KEYS, enclosed(after, retained))
        _set(session, ROTATION, Rotation(0, last or 0, total).text())
        _raise_epoch(session)
        names = [vault.check_value()[:4].hex() for vault in (before, after)]
        audit.record(session, context, "rotate-master-key", None, {"master_key": (names[0], names[1])})
        session.commit()


def _bytes_of(context: Context, vault: Vault) -> bytes:
    """The master key of a vault, from where it was read: a vault keeps it no longer than it takes to be made."""
    for key in master_key.candidates(context.settings.home, context.environ):
        if Vault(key).check_value() == vault.check_value():
            return key
    raise MasterKeyError("the master key was removed meanwhile", "restore it from your backup")


def _seal_batch(context: Context) -> Rotation | None:
    """Seals the next secrets anew; returns how far the rotation is, or None where none is under way any more."""
    with context.database.read() as session:
        rotation = _rotation(session)
        if rotation is None:
            return None
        vault = context.vault_for_reading(session)
        columns = (Secret.id, Secret.token_id, Secret.digest, Secret.sealed, Secret.stops_at)
        within = (Secret.id > rotation.position, Secret.id <= rotation.last)
        rows = session.execute(select(*columns).where(*within).order_by(Secret.id).limit(BATCH_ROWS)).all()
    # Sealed before the lock is taken, which is then held no longer than it takes to write.
    now, anew, kept = context.now(), [], []
    for row in rows:
        values = _sealed_anew(vault, row, keep_seal=context.settings.reveal)
        if values is None and (row.stops_at is None or row.stops_at > now):
            kept.append(row.id)
        elif values:
            anew.append({"secret": row.id, "old_digest": row.digest, **values})
    following = replace(
        rotation,
        position=rows[-1].id if len(rows) == BATCH_ROWS else rotation.last,
        done=min(rotation.done + len(rows), rotation.total),
        kept=rotation.kept + len(kept),
        first_kept=rotation.first_kept if rotation.first_kept is not None else min(kept, default=None),
    )
    return _write_batch(context, rotation, following, anew)


@retried
def _write_batch(
    context: Context, before: Rotation, after: Rotation, anew: Sequence[Mapping[str, Any]]
) -> Rotation | None:
    """Writes what was sealed anew; nothing where another process was first."""
    with context.database.write() as session:
        rotation = _rotation(session, to_go_on=True)
        if rotation != before:
            return rotation
        if anew:
            session.connection().execute(_UPDATE, anew)
        _set(session, ROTATION, after.text())
        session.commit()
    return after


def _sealed_anew(vault: Vault, row: Any, *, keep_seal: bool) -> dict[str, bytes | None] | None:
    """A secret's columns under the present key: empty where it has them already, None where it can't have them.

    Without a seal unless it is to be kept.
    """
    if not (type(row.token_id) is int and type(row.digest) is type(row.sealed) is bytes):
        return None
    try:
        key = vault.unseal(row.token_id, row.sealed)
    except SealBroken:
        return None
    digests = vault.digests(key.text)
    if row.digest not in digests:
        return None
    return (
        {}
        if row.digest == digests[0]
        else {"new_digest": digests[0], "new_seal": vault.seal(key) if keep_seal else None}
    )


@retried
def _finish(context: Context) -> bool:
    """Forgets the key before, unless there are secrets left to be sealed anew; whether no rotation is under way now."""
    with context.database.write() as session:
        hold(session.connection(), Lock.MASTER_KEY)
        rotation = _rotation(session, to_go_on=True)
        if rotation is None:
            return True
        if rotation.position < rotation.last:
            return False
        vault = context.vault_for_reading(session)
        former = disclosed(vault, key_state(session).former_verify_keys)
        first = rotation.first_kept
        needed = [] if first is None else [key for key in former if first <= key.last_secret]
        _set(session, FORMER_VERIFY_KEYS, enclosed(vault, needed))
        _set(session, FORMER_MASTER_KEY, None)
        _set(session, ROTATION, None)
        _raise_epoch(session)
        numbers = {"secrets": (None, rotation.done - rotation.kept), "kept": (None, rotation.kept)}
        audit.record(session, context, "finish-master-key", None, numbers)
        session.commit()
    return True


def _settle(context: Context) -> tuple[Path, Path | None]:
    """Puts the new key into the place of the present one; returns both files as `Rotated` has them."""
    home, environ = context.settings.home, context.environ
    next_file = master_key.next_files(home, environ)[-1]
    file = master_key.path(home, environ)
    if file is None or not master_key.is_replaceable(home, environ):
        return next_file, None
    vault = context.vault()
    next_key.settle(file, next_file, vault.check_value())
    with context.database.read() as session:
        former = former_keys.read(session, context.vault_for_reading(session))
    return file, next_key.former_file(file, former[-1].check_value)


def to_be_placed(context: Context) -> str:
    """What to do with a new key where the present one is no file that can be replaced."""
    home, environ = context.settings.home, context.environ
    where = "TOKENTUI_MASTER_KEY" if environ.get("TOKENTUI_MASTER_KEY") else "where LoadCredential= takes it from"
    return f"put the key in {master_key.next_files(home, environ)[-1]} into {where}, and remove that file then"


def _rotation(session: Session, *, to_go_on: bool = False) -> Rotation | None:
    """How far the rotation that is under way is; `to_go_on`: nobody else goes on until the transaction ends."""
    query = select(Meta.value).where(Meta.name == ROTATION)
    text = session.scalar(query.with_for_update() if to_go_on else query)
    return None if text is None else Rotation(**json.loads(text))


def _set(session: Session, name: str, value: bytes | None) -> None:
    session.execute(delete(Meta).where(Meta.name == name))
    if value is not None:
        session.execute(insert(Meta).values(name=name, value=value))


def _raise_epoch(session: Session) -> None:
    """Has every gate look at the database's key again; a number that there was not before, as triggers do."""
    session.execute(update(Epoch).where(Epoch.id == 1).values(value=randbits(_EPOCH_BITS)))

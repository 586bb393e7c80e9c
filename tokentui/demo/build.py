"""Writes the samples into a database, in batches through the tables: a million tokens are not a million transactions.

Everything follows from the seed but the secrets, which are as random as real ones: a demo's database may end up
somewhere, and its keys must open nothing that a seed could tell.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tokentui import catalog
from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.crypto.key_format import new_key
from tokentui.crypto.vault import Vault
from tokentui.demo.samples import Sample, samples
from tokentui.demo.traffic import slots
from tokentui.errors import DatabaseError, UsageError
from tokentui.models import EPOCH, AuditEntry, Secret, Token, TokenModule, Usage
from tokentui.records import Catalog
from tokentui.settings import Settings

SEED = 631_646_036
BATCH = 2_000
_MASTER_KEY_SOURCES = ("TOKENTUI_MASTER_KEY", "TOKENTUI_MASTER_KEY_FILE", "CREDENTIALS_DIRECTORY", "TOKENTUI_DB")
# Traffic of the first tokens only: a million with 90 days of slots each would be two billion rows.
_WITH_TRAFFIC = 400

Values = dict[str, Any]


def build(context: Context, *, tokens: int = 40, seed: int = SEED, days: int = 90) -> None:
    """Fills an empty database with `tokens` samples and `days` of responses before now.

    Raises UsageError where the database holds tokens already, MasterKeyError without a usable master key.
    """
    vault = context.vault()
    catalogue = catalog.load(context)
    random = Random(seed)  # noqa: S311 - sample data; secrets come from the operating system
    slugs = tuple(module.slug for module in catalogue.modules)
    with context.database.write() as session:
        if session.scalar(select(Token.id).limit(1)) is not None:
            raise UsageError(f"{context.database.name} holds tokens", "name a new file")
        drawn = samples(tokens, random, slugs)
        written = 0
        while batch := list(islice(drawn, BATCH)):
            _write(session, batch, vault, catalogue, context.now())
            with_traffic = batch[: max(0, _WITH_TRAFFIC - written)]
            _write_traffic(session, with_traffic, random, context.now(), days)
            written += len(batch)
        session.commit()


@contextmanager
def throwaway(settings: Settings, environ: Mapping[str, str], *, tokens: int = 40) -> Iterator[Context]:
    """A context on a sample database in a directory of its own, removed at the end; other settings stay as they are."""
    home = Path(tempfile.mkdtemp(prefix="tokentui-demo-"))
    try:
        bare = {name: value for name, value in environ.items() if name not in _MASTER_KEY_SOURCES}
        chosen = replace(settings, home=home, database=str(home / "demo.db"), read_only=False)
        context = open_context(chosen, environ=bare)
        try:
            context.is_demo = True
            build(context, tokens=tokens)
            yield context
        finally:
            context.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def write_to(settings: Settings, path: Path, environ: Mapping[str, str], *, tokens: int = 40) -> None:
    """Writes a sample database to a new file, sealed with the home's master key; a half-written one is removed."""
    if path.exists():
        raise DatabaseError(f"{path} exists", "name a new file")
    context = open_context(replace(settings, database=str(path)), environ=environ)
    try:
        build(context, tokens=tokens)
    except BaseException:
        context.close()
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
    context.close()


def _write(session: Session, batch: Iterable[Sample], vault: Vault, catalogue: Catalog, now: datetime) -> None:
    tokens: list[Values] = []
    modules: list[Values] = []
    secrets: list[Values] = []
    audit: list[Values] = []
    for sample in batch:
        extension = catalogue.extension(sample.extension)
        slugs = sample.modules if extension.asks_permissions else extension.modules
        all_modules = extension.all_modules or not slugs
        tokens.append(_token(sample, all_modules, now))
        modules += [{"token_id": sample.id, "module_slug": slug} for slug in slugs]
        secrets += _secrets(sample, vault, now)
        audit += _audit(sample, now)
    session.execute(insert(Token), tokens)
    if modules:
        session.execute(insert(TokenModule), modules)
    session.execute(insert(Secret), secrets)
    session.execute(insert(AuditEntry), sorted(audit, key=lambda entry: entry["at"]))


def _token(sample: Sample, all_modules: bool, now: datetime) -> Values:
    changes = [_before(now, at) for at in (sample.created, sample.disabled, sample.deleted) if at is not None]
    if sample.overlap is not None:
        changes.append(now - timedelta(hours=1))
    return {
        "id": sample.id,
        "name": sample.name,
        "external_id": sample.external_id,
        "description": sample.description,
        "owner": sample.owner,
        "extension_slug": sample.extension,
        "all_modules": all_modules,
        "networks": " ".join(sample.networks),
        "created_at": _before(now, sample.created),
        "created_by": sample.by,
        "updated_at": max(changes),
        "updated_by": sample.by,
        "expires_at": None if sample.expires is None else _before(now, -sample.expires),
        "disabled_at": None if sample.disabled is None else _before(now, sample.disabled),
        "deleted_at": None if sample.deleted is None else _before(now, sample.deleted),
        "last_used_at": EPOCH,
        "last_used_from": "",
        "version": len(changes),
    }


def _secrets(sample: Sample, vault: Vault, now: datetime) -> Iterator[Values]:
    created = _before(now, sample.created)
    if sample.overlap is not None:
        yield _secret(sample, vault, created, now + timedelta(hours=sample.overlap))
        created = now - timedelta(hours=1)
    yield _secret(sample, vault, created, None)


def _secret(sample: Sample, vault: Vault, created: datetime, stops: datetime | None) -> Values:
    key = new_key(sample.id)
    return {
        "token_id": sample.id,
        "digest": vault.digest(key.text),
        "sealed": vault.seal(key),
        "created_at": created,
        "stops_at": stops,
        "last_used_at": EPOCH,
        "created_by": sample.by,
    }


def _audit(sample: Sample, now: datetime) -> Iterator[Values]:
    yield _entry(sample, "create", _before(now, sample.created), json.dumps({"name": [None, sample.name]}))
    if sample.overlap is not None:
        yield _entry(sample, "rotate", now - timedelta(hours=1))
    if sample.disabled is not None:
        yield _entry(sample, "disable", _before(now, sample.disabled))
    if sample.deleted is not None:
        yield _entry(sample, "delete", _before(now, sample.deleted))


def _entry(sample: Sample, action: str, at: datetime, changes: str = "{}") -> Values:
    actor, _, origin = sample.by.partition("@")
    return {
        "at": at,
        "actor": actor,
        "origin": origin,
        "action": action,
        "token_id": sample.id,
        "changes": changes,
    }


def _write_traffic(session: Session, batch: Iterable[Sample], random: Random, now: datetime, days: int) -> None:
    rows: list[Values] = []
    for sample in batch:
        if not sample.daily:
            continue
        first = max(_before(now, sample.created), now - timedelta(days=days))
        ends = [at for at in (sample.silent, sample.disabled, sample.deleted) if at]
        last = _before(now, max([*ends, -min(0.0, sample.expires or 0.0)]))
        mine = [
            {
                "token_id": sample.id,
                "slot": slot,
                "success": counts[0],
                "redirection": counts[1],
                "client_error": counts[2],
                "server_error": counts[3],
            }
            for slot, counts in slots(first, last, daily=sample.daily, errors=sample.errors, now=now, random=random)
        ]
        rows += mine
        if mine:
            _mark_used(session, sample, last, random)
    if rows:
        session.execute(insert(Usage), rows)


def _mark_used(session: Session, sample: Sample, last: datetime, random: Random) -> None:
    at = last - timedelta(minutes=random.uniform(1, 50) if not sample.silent else 0)
    address = f"203.0.113.{sample.id % 250 + 1}"
    values = {"last_used_at": at, "last_used_from": address}
    session.execute(update(Token).where(Token.id == sample.id).values(**values))
    newest = select(Secret.id).where(Secret.token_id == sample.id).order_by(Secret.id.desc()).limit(1).scalar_subquery()
    session.execute(update(Secret).where(Secret.id == newest).values(last_used_at=at))


def _before(now: datetime, days: float) -> datetime:
    """`days` before now, on a whole minute."""
    return (now - timedelta(days=days)).replace(second=0, microsecond=0)

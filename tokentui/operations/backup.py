"""Copies of the database: made while others write, and put back so that running programs follow at once."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tokentui import audit, clock, migrations
from tokentui.context import Actor, Context
from tokentui.crypto import master_key
from tokentui.crypto.vault import Vault
from tokentui.database.driver_errors import translated
from tokentui.database.sqlite import connect
from tokentui.database.url import parse_url
from tokentui.database.wal_files import wal_files
from tokentui.errors import DatabaseError, DatabaseLocked, MasterKeyError, ReadOnly, SchemaTooNew
from tokentui.keyring import former_key_at_hand
from tokentui.models import to_micros
from tokentui.settings import Settings

_EPOCH_STEP = 1_000_000
"""How far a restore raises the epoch: past all that a gate may have read of the database that is replaced."""

_RETRY_S = 0.05


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the copy of what was there before, if anything was, and the schema that the backup has."""

    kept: Path | None
    schema: str


def backup(context: Context, target: Path) -> None:
    """Copies an SQLite database to a new file (mode 0600) while others write; raises DatabaseError."""
    source = _file_of(context, _command(context, "pg_dump --format=custom --file={file} {url}", target))
    with _error_on(target), closing(connect(source, read_only=True, timeout=context.settings.busy_timeout)) as here:
        _copy(here, target, 0o600)


def restore(context: Context, source: Path) -> Restored:
    """Puts a backup in place of the database, once it was checked; what was there is kept in a file beside it.

    It is one transaction of SQLite's: whoever has the database open sees the one or the other, and nothing is lost of
    what is committed up to it. Raises DatabaseError where the backup is damaged or is none of this program's, and
    MasterKeyError where it belongs to another master key; nothing is changed then.
    """
    path = _file_of(context, _command(context, "pg_restore --clean --if-exists -1 --dbname={url} {file}", source))
    _require_backup(source, path, context.database.read_only)
    keys = _check_values(context.settings, context.environ)
    timeout = context.settings.busy_timeout
    draft = path.with_name(f".{path.name}.restore-{os.getpid()}")
    kept = _kept_name(path, context.now())
    try:
        with _error_on(path):
            _copy_files(source, draft)
            with closing(sqlite3.connect(draft, isolation_level=None)) as backup_copy:
                schema = _checked(backup_copy, source, keys, context.settings, context.environ)
                with closing(connect(path, read_only=False, timeout=timeout)) as live:
                    _raise_epoch(backup_copy, live)
                    _record(backup_copy, context.actor, context.now(), source)
                    _replace(backup_copy, live, path, kept, timeout)
                    live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        _remove_draft(draft)
    return Restored(kept, schema)


def is_unusable(settings: Settings) -> bool:
    """Whether the settings name an SQLite file that is missing, damaged or no database at all.

    Raises DatabaseError where it can't be looked at, or is locked.
    """
    _, path = parse_url(settings.database_url)
    if path is None or not path.exists():
        return path is not None
    if not path.is_file():  # which opening it says
        return False
    with translated(str(path), path):
        try:
            with closing(connect(path, read_only=True, timeout=settings.busy_timeout)) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)])
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                return True
            raise


def restore_unusable(settings: Settings, source: Path, actor: Actor, environ: Mapping[str, str]) -> Restored:
    """As `restore`, where the database's file is missing, or no database any more: the backup takes its name.

    What was there is moved away with its WAL, byte by byte as it is. Raises as `restore`; nothing is changed then.
    """
    _, path = parse_url(settings.database_url)
    if path is None:
        raise DatabaseError("only an SQLite file is backed up and restored here", "use pg_restore")
    _require_backup(source, path, settings.read_only)
    keys = _check_values(settings, environ)
    path = path.resolve()
    draft = path.with_name(f".{path.name}.restore-{os.getpid()}")
    moment = clock.now()
    kept = _kept_name(path, moment) if path.exists() else None
    try:
        with _error_on(path):
            _copy_files(source, draft)
            with closing(sqlite3.connect(draft, isolation_level=None)) as backup_copy:
                schema = _checked(backup_copy, source, keys, settings, environ)
                backup_copy.execute("UPDATE epoch SET value = value + ? WHERE id = 1", (_EPOCH_STEP,))
                _record(backup_copy, actor, moment, source)
            _take_name(draft, path, kept)
    finally:
        _remove_draft(draft)
    return Restored(kept, schema)


def _require_backup(source: Path, path: Path, read_only: bool) -> None:
    if read_only:
        raise ReadOnly("nothing can be restored", "the program was started read-only")
    if not source.is_file():
        raise DatabaseError(f"{source} is not a file", "name a backup that `tokentui db backup` made")
    if path.exists() and source.samefile(path):
        raise DatabaseError(f"{source} is the database itself", "name a backup of it")


def _take_name(draft: Path, path: Path, kept: Path | None) -> None:
    if kept is not None:
        status = path.stat()
        os.chown(draft, status.st_uid if os.geteuid() == 0 else -1, status.st_gid)
        os.chmod(draft, stat.S_IMODE(status.st_mode))
        os.link(path, kept)  # never over another file
    wal, index = wal_files(path)
    if wal.exists():  # its commits are of the file that goes, and would be written over the one that comes
        wal.replace(wal_files(kept)[0] if kept is not None else _kept_name(wal, clock.now()))
    index.unlink(missing_ok=True)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


def _record(backup_copy: sqlite3.Connection, actor: Actor, moment: datetime, source: Path) -> None:
    """The audit entry of the restore, which is in the database once the backup is; the next entry binds it."""
    changes = {"file": (None, os.fsencode(source.name).decode(errors="replace"))}
    values = (to_micros(moment), actor.name, actor.origin, "restore-database", audit.changes_text(changes))
    backup_copy.execute(
        "INSERT INTO audit (at, actor, origin, action, changes, link) VALUES (?, ?, ?, ?, ?, x'')", values
    )


def _remove_draft(draft: Path) -> None:
    for file in (draft, *wal_files(draft), draft.with_name(f"{draft.name}-journal")):
        file.unlink(missing_ok=True)


def _kept_name(path: Path, moment: datetime) -> Path:
    """The file beside the database that holds what a restore at this moment (UTC) replaced."""
    kept = first = path.with_name(f"{path.name}.before-restore-{moment:%Y%m%dT%H%M%SZ}")
    for number in itertools.count(2):
        if not kept.exists():
            break
        kept = first.with_name(f"{first.name}-{number}")
    return kept


def _command(context: Context, template: str, file: Path) -> str:
    """What to run for a database of a server, as for a shell; the password comes from where libpq looks for it."""
    url = re.sub(r":\*\*\*@", "@", context.database.name)
    return f"run `{template.format(url=shlex.quote(url), file=shlex.quote(os.fspath(file)))}`"


def _file_of(context: Context, hint: str) -> Path:
    if context.database.path is None:
        raise DatabaseError("only an SQLite file is backed up and restored here", hint)
    return context.database.path


@contextmanager
def _error_on(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise DatabaseError(f"{target} exists", "name a new file") from None
    except FileNotFoundError:
        raise DatabaseError(f"there is no directory {target.parent}", "make it, or name another file") from None
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)  # an OSError's text names the draft
        raise DatabaseError(f"{target} can't be written", reason) from None


def _copy(source: sqlite3.Connection, target: Path, mode: int) -> None:
    draft = target.with_name(f".{target.name[:200]}.{os.getpid()}")
    if target.exists():
        raise FileExistsError
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.chmod(draft, mode)
        with closing(sqlite3.connect(draft)) as there:
            source.backup(there)
        # Only a whole copy gets the name; link, not rename, so that nothing is ever overwritten.
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _copy_files(source: Path, draft: Path) -> None:
    """The backup with its WAL, where it has one, so that nothing is made beside the backup itself."""
    wal = wal_files(source)[0]
    for file, copy in ((source, draft), (wal, Path(f"{draft}-wal"))):
        if file.exists():
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            shutil.copyfile(file, copy)


def _check_values(settings: Settings, environ: Mapping[str, str]) -> set[bytes]:
    """Of the master keys at hand: a backup must belong to one of them. Raises MasterKeyError where there is none."""
    keys = {Vault(key).check_value() for key in master_key.candidates(settings.home, environ)}
    if not keys:
        raise MasterKeyError("there is no master key", "restore it from your backup, too")
    return keys


def _checked(
    backup_copy: sqlite3.Connection, source: Path, keys: set[bytes], settings: Settings, environ: Mapping[str, str]
) -> str:
    """The revision of a backup's schema; raises where it must not be restored."""
    hint = "name another backup; nothing was changed"
    try:
        backup_copy.execute("PRAGMA journal_mode=DELETE")
        if backup_copy.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
            raise DatabaseError(f"{source} is damaged", hint)
        row = backup_copy.execute("SELECT version_num FROM alembic_version").fetchone()
        key_check = backup_copy.execute("SELECT value FROM meta WHERE name = 'key_check'").fetchone()
        if backup_copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise DatabaseError(f"{source} is damaged: a row refers to nothing", hint)
    except sqlite3.Error:
        raise DatabaseError(f"{source} is damaged, or not a database of tokentui", hint) from None
    if row is None or row[0] not in migrations.REVISIONS:
        raise SchemaTooNew(f"{source} was made by a newer tokentui", "upgrade this program; nothing was changed")
    if key_check is not None and key_check[0] not in keys:
        kept = former_key_at_hand(settings.home, environ, key_check[0])
        hint = "set TOKENTUI_MASTER_KEY_FILE to the key that was backed up with it; nothing was changed"
        if kept is not None:
            hint = f"set TOKENTUI_MASTER_KEY_FILE={shlex.quote(os.fspath(kept))}, and put that key in place afterwards"
        raise MasterKeyError(f"{source} belongs to another master key", hint)
    return str(row[0])


def _raise_epoch(backup_copy: sqlite3.Connection, live: sqlite3.Connection) -> None:
    """So that no gate takes an answer that it kept for one about the restored database."""
    (before,) = live.execute("SELECT value FROM epoch WHERE id = 1").fetchone()
    backup_copy.execute("UPDATE epoch SET value = max(value, ?) + ? WHERE id = 1", (before, _EPOCH_STEP))
    (page_size,) = live.execute("PRAGMA page_size").fetchone()
    if backup_copy.execute("PRAGMA page_size").fetchone() != (page_size,):
        backup_copy.execute(f"PRAGMA page_size={int(page_size)}")  # SQLite changes that of no database in WAL mode
        backup_copy.execute("VACUUM")


def _replace(
    backup_copy: sqlite3.Connection, live: sqlite3.Connection, path: Path, kept: Path, timeout: timedelta
) -> None:
    """Copies page by page: once the first is there, `live` holds the write lock, and what is committed is kept."""
    deadline = time.monotonic() + timeout.total_seconds()

    def progress(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() >= deadline:
                raise DatabaseLocked(f"{path.name} is locked by another process", "try again in a moment")
        elif not kept.exists():
            with closing(connect(path, read_only=True, timeout=timeout)) as before:
                _copy(before, kept, stat.S_IMODE(path.stat().st_mode))

    backup_copy.execute("PRAGMA locking_mode=EXCLUSIVE")
    backup_copy.backup(live, pages=1, progress=progress, sleep=_RETRY_S)

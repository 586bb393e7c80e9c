"""Sample databases in files of their own, made without SQLAlchemy: the app's first rows do not wait for its import."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tokentui import clock
from tokentui.bootstrap import open_context_late
from tokentui.catalog.rows import packaged, rows_of
from tokentui.context import Context, make_home
from tokentui.crypto import master_key
from tokentui.crypto.vault import Vault
from tokentui.database.bulk_load import insert_rows, made_file
from tokentui.demo.build import SampleWriter
from tokentui.demo.rows import COLUMNS, RowMaker
from tokentui.errors import DatabaseError
from tokentui.keyring import KEY_CHECK
from tokentui.settings import Settings

_MASTER_KEY_SOURCES = ("TOKENTUI_MASTER_KEY", "TOKENTUI_MASTER_KEY_FILE", "CREDENTIALS_DIRECTORY", "TOKENTUI_DB")


@contextmanager
def throwaway(settings: Settings, environ: Mapping[str, str], *, tokens: int = 40) -> Iterator[Context]:
    """A context on a sample database in a directory of its own, removed at the end; other settings stay as they are."""
    home = Path(tempfile.mkdtemp(prefix="tokentui-demo-"))
    try:
        bare = {name: value for name, value in environ.items() if name not in _MASTER_KEY_SOURCES}
        file = home / "demo.db"
        chosen = replace(settings, home=home, database=str(file), read_only=False)
        _make(file, _vault(chosen, bare), tokens)
        context = open_context_late(chosen, environ=bare)
        try:
            context.is_demo = True
            yield context
        finally:
            context.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def write_to(settings: Settings, path: Path, environ: Mapping[str, str], *, tokens: int = 40) -> None:
    """Writes a sample database to a new file, sealed with the home's master key; a half-written one is removed.

    It has another name until it is whole: a process that is killed leaves none of the right one.
    """
    _refuse_existing(path)
    if not path.parent.is_dir():
        raise DatabaseError(f"there is no directory {path.parent}", "make it, or name another with --to")
    if settings.read_only:
        raise DatabaseError(f"there is no database at {path}", "start once without --read-only to make it")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _make(temporary, _vault(settings, environ), tokens)
        _refuse_existing(path)
        temporary.rename(path)
    except OSError as error:
        raise DatabaseError(f"{path} can't be made", error.strerror or str(error)) from None
    finally:
        temporary.unlink(missing_ok=True)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise DatabaseError(f"{path} exists", "name a new file")


def _make(file: Path, vault: Vault, tokens: int) -> None:
    catalog = packaged()
    with made_file(file) as connection:
        for table, columns, rows in rows_of(catalog):
            insert_rows(connection, table, columns, rows)
        insert_rows(connection, "meta", COLUMNS["meta"], [(KEY_CHECK, vault.check_value())])
        SampleWriter(connection, RowMaker(vault, catalog, clock.now())).write(tokens)


def _vault(settings: Settings, environ: Mapping[str, str]) -> Vault:
    """The vault of the master key, which is made where there is none; raises MasterKeyError."""
    key = master_key.load(settings.home, environ)
    if key is None:
        make_home(settings)
        key = master_key.make(settings.home, environ)
    return Vault(key)

"""The database: where it is, how it is opened, and who may write when.

A read is a deferred transaction. A write begins with `BEGIN IMMEDIATE`: one that reads first and asks for the lock
later is refused as locked however long the busy timeout is. Leaving `write()` without a commit rolls back.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.orm import Session

from tokentui import migrations
from tokentui.database import fork
from tokentui.errors import DatabaseError, DatabaseLocked, ReadOnly, SchemaTooNew

_WRITE = "tokentui_write"
# Kept, so that the garbage collector does not close them in the child.
_LEFT_BY_FORK: list[object] = []


class Database:
    """An open database. Safe to share between threads, and to use on both sides of a fork."""

    def __init__(self, engine: Engine, *, url: URL, path: Path | None, read_only: bool) -> None:
        self.engine = engine
        self.url = url
        self.path = path
        self.read_only = read_only
        self._writer = engine.execution_options(**{_WRITE: True})
        fork.register(self, fork.Floor.DATABASE)

    @property
    def name(self) -> str:
        """What to call it on screen: the file's name, or the URL without its password."""
        return self.path.name if self.path else self.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database."""
        with _errors(self), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that holds the write lock from its first statement on; the caller commits."""
        if self.read_only:
            raise ReadOnly("nothing can be changed", "the program was started read-only")
        with _errors(self), Session(self._writer, expire_on_commit=False) as session:
            session.connection()  # takes the lock now, before anything is read to decide by
            yield session

    def before_fork(self) -> None:
        """Closes every pooled connection: a child must not inherit one."""
        self.close()

    def after_fork_in_parent(self) -> None:
        """Nothing: connections are opened as they are needed."""

    def after_fork_in_child(self) -> None:
        """Leaves the parent's connections alone, unused and not closed, and opens its own."""
        _LEFT_BY_FORK.append(self.engine.pool)
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Closes every pooled connection."""
        self.engine.dispose()


def parse_url(name: str) -> tuple[URL, Path | None]:
    """A SQLAlchemy URL or a path → the URL, and the path where it is an SQLite file."""
    if "://" in name:
        try:
            url = make_url(name)
        except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
            raise DatabaseError("the database URL can't be read", "write sqlite:///FILE or a path") from None
        if url.get_backend_name() != "sqlite":
            return url, None
        name = url.database or ""
    if not name or name == ":memory:":
        raise DatabaseError("a database in memory holds no tokens", "name a file")
    if "\0" in name:
        raise DatabaseError("the database's name holds a NUL", "name a file")
    path = Path(os.path.expanduser(name))  # Path.expanduser raises where there is no such user
    return URL.create("sqlite", database=str(path)), path


def open_database(
    name: str, *, read_only: bool = False, busy_timeout: timedelta = timedelta(seconds=5), upgrade: bool = True
) -> Database:
    """Opens a database, making or upgrading its schema first (unless read-only, or told not to).

    Raises SchemaTooNew, and leaves the file untouched, where a later version of the program made it.
    """
    url, path = parse_url(name)
    if path is None:
        engine = _network_engine(url)
        state = _schema_of_network(engine)
    else:
        path = path.absolute()  # the program may go to another directory
        state = _schema_of_file(path)
        if state == "" and not path.exists():
            if not upgrade:
                raise DatabaseError(f"there is no database at {path}", "make a token first, or name another with --db")
            _make_file(path, read_only)
        engine = _sqlite_engine(path, read_only, busy_timeout)
    database = Database(engine, url=url, path=path, read_only=read_only)
    if state != migrations.HEAD:
        if read_only:
            raise DatabaseError(f"{database.name} has no schema of this version", "open it once without --read-only")
        if upgrade:
            upgrade_schema(database)
    return database


def upgrade_schema(database: Database) -> str:
    """Brings the schema to this version in one transaction; returns the version that it had (empty: none)."""
    with database.write() as session:
        connection = session.connection()
        # Asked again under the lock: another process may have been faster.
        before = _revision(connection)
        if before != migrations.HEAD:
            migrations.upgrade(connection)
            session.commit()
    return before


class ChangeMark:
    """Tells whether any connection, of any process, has committed since it was last asked. One thread only.

    `PRAGMA data_version` stands still for the connection's own writes and inside a transaction, so this one does
    neither; and when the file is replaced by a restored copy, hence the look at the inode.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None

    def value(self) -> tuple[int, int, int]:
        """Differs from the last value if something was committed; raises OSError or sqlite3.Error."""
        stat = self._path.stat()
        inode = (stat.st_dev, stat.st_ino)
        if self._connection is None or inode != self._inode:
            self.close()
            self._connection = sqlite3.connect(_uri(self._path, "ro"), uri=True, isolation_level=None)
            self._inode = inode
        with closing(self._connection.execute("PRAGMA data_version")) as cursor:
            return (*inode, cursor.fetchone()[0])

    def close(self) -> None:
        """Closes the connection; `value` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _sqlite_engine(path: Path, read_only: bool, busy_timeout: timedelta) -> Engine:
    seconds = busy_timeout.total_seconds()

    def connect() -> sqlite3.Connection:
        inode = _inode(path)
        # "rw", not "rwc": a file that somebody removed must be an error, not a fresh empty database.
        connection = sqlite3.connect(
            _uri(path, "ro" if read_only else "rw"),
            uri=True,
            timeout=seconds,
            isolation_level=None,  # transactions are begun by `begin` below, not guessed by the driver
            check_same_thread=False,
            factory=_Connection,
        )
        connection.inode = inode
        connection.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
        # A token that was handed out must still be there after a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=_pool())
    _begin_by_hand(engine)
    _leave_a_file_that_moved(engine, path)
    return engine


class _Connection(sqlite3.Connection):
    """Knows which file it was opened on."""

    inode: tuple[int, int] | None


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # SQLite says what is wrong with it
    return stat.st_dev, stat.st_ino


def _leave_a_file_that_moved(engine: Engine, path: Path) -> None:
    """A pooled connection keeps a removed or replaced file open: what is written there, nobody ever finds again."""

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: object, proxy: object) -> None:
        if connection.inode != _inode(path):
            raise exc.DisconnectionError  # the pool opens the file that has the name now


def _pool() -> type[Any]:
    from sqlalchemy.pool import QueuePool  # "sqlite://" alone would mean a database in memory and its pool

    return QueuePool


def _begin_by_hand(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _network_engine(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except (exc.NoSuchModuleError, ImportError) as error:
        hint = "install tokentui[postgres], or use an SQLite file"
        raise DatabaseError(f"no driver for {url.drivername}", hint) from error


def _schema_of_network(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return _known(_revision(connection), engine.url.render_as_string(hide_password=True))
    except exc.SQLAlchemyError:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(f"{shown} can't be reached", "check the URL and that the server runs") from None


def _revision(connection: Connection) -> str:
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def _schema_of_file(path: Path) -> str:
    """The file's revision, empty for a new one; read without changing a byte of it."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            return ""
        if path.is_dir():
            raise DatabaseError(f"{path} is a directory", "name a file in it")
        with closing(sqlite3.connect(_uri(path, "ro"), uri=True, timeout=5)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" in tables:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                return _known(row[0] if row else "", str(path))
    except sqlite3.Error as error:
        raise _database_error(error, str(path)) from None
    except OSError as error:
        raise DatabaseError(f"{path} can't be opened", error.strerror or str(error)) from None
    if tables:
        raise DatabaseError(f"{path} is not a database of tokentui", "name another file with --db")
    return ""


def _known(revision: str, where: str) -> str:
    if revision and revision not in migrations.KNOWN:
        raise SchemaTooNew(f"{where} was made by a newer tokentui (schema {revision})", "upgrade this program")
    return revision


def _make_file(path: Path, read_only: bool) -> None:
    if read_only:
        raise DatabaseError(f"there is no database at {path}", "start once without --read-only to make it")
    try:
        # 0600 from the first byte; SQLite gives the WAL and its index the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except FileNotFoundError:
        raise DatabaseError(f"there is no directory {path.parent}", "make it, or name another with --db") from None
    except OSError as error:
        raise DatabaseError(f"{path} can't be made", error.strerror or str(error)) from None


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"  # a name need not be UTF-8


@contextmanager
def _errors(database: Database) -> Iterator[None]:
    """Turns what the driver raises into one line that says what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _database_error(error.orig or error, database.name) from error
    except exc.SQLAlchemyError as error:
        raise DatabaseError(f"{database.name} can't be used", "run `tokentui doctor`") from error
    except sqlite3.Error as error:
        raise _database_error(error, database.name) from error


def _database_error(error: BaseException, where: str) -> DatabaseError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return DatabaseLocked(f"{where} is locked by another process", "try again in a moment")
    for said, message, hint in (
        ("readonly", "can't be written", "check the owner and mode of the file and its directory"),
        ("disk is full", "can't grow: the disk is full", "free some space and try again"),
        ("not a database", "is not an SQLite database", "name another file with --db"),
        ("malformed", "is damaged", "restore a backup, or run `tokentui db check`"),
        ("disk I/O error", "can't be read or written: disk error", "check the disk, then run `tokentui db check`"),
        ("unable to open", "can't be opened", "check that it is there, and its owner and mode"),
        ("no such table", "lacks a table", "run `tokentui db upgrade`, or restore a backup"),
    ):
        if said in text:
            return DatabaseError(f"{where} {message}", hint)
    return DatabaseError(f"{where} can't be used", "run `tokentui doctor`")

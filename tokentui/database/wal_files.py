"""The two files that SQLite keeps beside a database in WAL mode: FILE-wal, the latest commits, and FILE-shm, its index.

SQLite gives them the database's mode, and to whoever happens to open it first. Where that is a member of the group who
may only read (mode 0640), the owner could write neither, and so nothing at all. So whoever is not the owner makes them
first, in the database's group and with a mode that lets it write. As root, SQLite itself gives them to the owner.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import shlex
import stat
from pathlib import Path

from tokentui.errors import DatabaseError


def wal_files(path: Path) -> tuple[Path, Path]:
    """FILE-wal and FILE-shm. SQLite names them by the file that a symbolic link leads to."""
    real = os.path.realpath(path)
    return Path(f"{real}-wal"), Path(f"{real}-shm")


def make_wal_files(path: Path) -> None:
    """Makes the files that are not there, so that the database's owner can write them; nothing for the owner or root.

    Raises DatabaseError where the owner would be locked out by them.
    """
    try:
        database = path.stat()
    except OSError:
        return  # SQLite says what is wrong with it
    if os.geteuid() in (0, database.st_uid):
        return
    missing = [file for file in wal_files(path) if not file.exists()]
    if not missing or not os.access(path, os.R_OK) or not os.access(missing[0].parent, os.W_OK):
        return
    if not _owner_in_group(database) and not database.st_mode & stat.S_IWOTH:
        owner, group = _user(database.st_uid), _group(database.st_gid)
        raise DatabaseError(
            f"{path} can't be opened: {owner} could not write the files that are made beside it",
            f"run `sudo usermod -a -G {group} {owner}`, so that its owner is in its group",
        )
    for file in missing:
        _make(file, database)


def unwritable_wal_files(path: Path) -> list[Path]:
    """The files that are there and that this user can't write."""
    return [file for file in wal_files(path) if file.exists() and not os.access(file, os.W_OK)]


def owner_cannot_write(path: Path) -> list[Path]:
    """The files that are there and that the database's owner can't write."""
    try:
        owner = path.stat().st_uid
    except OSError:
        return []
    return [file for file in wal_files(path) if file.exists() and not _may_write(owner, file.stat())]


def mending_command(path: Path, files: list[Path]) -> str:
    """The command that gives these files back to the database's owner and group."""
    database = path.stat()
    names = " ".join(shlex.quote(os.fspath(file)) for file in files)
    mode = stat.S_IMODE(database.st_mode) & 0o666
    return f"sudo chown {_user(database.st_uid)}:{_group(database.st_gid)} {names} && sudo chmod {mode:o} {names}"


def owners(files: list[Path]) -> str:
    """The names of the users that these files belong to."""
    return ", ".join(sorted({_user(file.stat().st_uid) for file in files}))


def _make(file: Path, database: os.stat_result) -> None:
    # Made under another name: under its own, nobody must meet it before its mode is right.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    mode = stat.S_IMODE(database.st_mode) & 0o666 | stat.S_IWUSR | stat.S_IWGRP
    with contextlib.suppress(OSError):  # SQLite says why it can't be made
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            if os.fstat(handle).st_gid != database.st_gid:
                os.fchown(handle, -1, database.st_gid)
            os.write(handle, b"\0")  # SQLite sets the mode of one that is empty; what is in it, it overwrites
            os.fchmod(handle, mode)
            with contextlib.suppress(FileExistsError):
                os.link(draft, file)
        finally:
            os.close(handle)
            draft.unlink()


def _owner_in_group(database: os.stat_result) -> bool:
    return database.st_gid in _groups(database.st_uid)


def _may_write(uid: int, file: os.stat_result) -> bool:
    if uid in (0, file.st_uid):
        return uid == 0 or bool(file.st_mode & stat.S_IWUSR)
    if file.st_gid in _groups(uid):
        return bool(file.st_mode & stat.S_IWGRP)
    return bool(file.st_mode & stat.S_IWOTH)


def _groups(uid: int) -> list[int]:
    if uid == os.geteuid():
        return [os.getegid(), *os.getgroups()]
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return []
    return os.getgrouplist(user.pw_name, user.pw_gid)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

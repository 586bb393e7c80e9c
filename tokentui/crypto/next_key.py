"""The files of a master key's rotation: the key that follows, beside the present one, until it takes its place.

    master.key                    the present key, and at the end the new one
    master.key.next               the new key, from before anything is sealed with it until it has the other name
    master.key.former-1a2b3c4d    the one before, which opens backups that are older; named by its check value

Whoever reads a key reads both of the first two, so that at each moment one of them is the database's.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from tokentui.crypto import master_key, protection
from tokentui.crypto.vault import Vault, new_master_key
from tokentui.errors import MasterKeyError


def make(file: Path, like: Path | None) -> bytes:
    """A new key in a new file, on the disk once this returns; the one that is there where another process was first.

    It has the owner, the group and the mode of the file `like`, but that others may not read it; else mode 0600.
    Raises MasterKeyError where it can't be written.
    """
    with _alone(file):
        existing = master_key.read(file)
        if existing is not None:
            return existing
        key = new_master_key()
        _write(file, _text(key, like), like)
    return key


def replace(file: Path, text: bytes) -> None:
    """Has a key's file hold this; whole, or as it was before. Raises MasterKeyError."""
    target = Path(os.path.realpath(file))
    with _alone(target):
        _write(target, text, target, replace=True)


def settle(file: Path, next_file: Path, check_value: bytes) -> None:
    """Gives the next key the name of the present one, which is kept in the file that `former_file` names.

    Does what is left of it where it was ended in the middle, and nothing where another key is next than the one with
    this check value. Raises MasterKeyError.
    """
    # By the name that is no link: the file takes another's place.
    target = Path(os.path.realpath(file))
    with _alone(next_file):
        new, old = master_key.read(next_file), master_key.read(target)
        if new is None or Vault(new).check_value() != check_value:
            return
        if old != new:
            if old is not None:
                # As they stand: what is protected stays so.
                _write(former_file(target, Vault(old).check_value()), _content(target), None, replace=True)
            _write(target, _content(next_file), next_file, replace=True)
        _remove(next_file)


def former_file(file: Path, check_value: bytes) -> Path:
    """Where the key with this check value is kept when another takes its place."""
    target = Path(os.path.realpath(file))
    return target.with_name(f"{target.name}.former-{check_value[:4].hex()}")


def discard(next_file: Path, check_value: bytes) -> None:
    """Removes the file of the key with this check value, which is in its place by now; raises MasterKeyError."""
    with _alone(next_file):
        key = master_key.read(next_file)
        if key is not None and Vault(key).check_value() == check_value:
            _remove(next_file)


def _remove(file: Path) -> None:
    try:
        file.unlink()
    except OSError as error:
        raise MasterKeyError(f"{file} can't be removed", error.strerror or str(error)) from None


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Lets no other process of this machine make, settle or discard keys in the file's directory meanwhile."""
    try:
        handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _not_written(file, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _text(key: bytes, like: Path | None) -> bytes:
    """A key as its file holds it: protected with the same passphrase as the file `like`."""
    content = b"" if like is None else _content(like)
    if like is not None and protection.is_protected(content):
        return protection.protected_alike(key, content, like)
    return base64.b64encode(key) + b"\n"


def _content(file: Path) -> bytes:
    return master_key.read_file(file, "the master key") or b""


def _write(file: Path, text: bytes, like: Path | None, *, replace: bool = False) -> None:
    """Whole or not at all, and on the disk once this returns. Raises MasterKeyError."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                _make_like(handle, like)
                stream.write(text)
                stream.flush()
                os.fsync(handle)
            if replace:
                os.replace(draft, file)
            else:
                os.link(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        _sync_directory(file)
    except OSError as error:
        raise _not_written(file, error) from None


def _make_like(handle: int, like: Path | None) -> None:
    """Who may read the one may read the other: programs of other users go on with it."""
    if like is None:
        return
    status = like.stat()
    mine = os.fstat(handle)
    if (status.st_uid, status.st_gid) != (mine.st_uid, mine.st_gid):
        os.fchown(handle, status.st_uid if status.st_uid != mine.st_uid else -1, status.st_gid)
    os.fchmod(handle, stat.S_IMODE(status.st_mode) & 0o660)


def _sync_directory(file: Path) -> None:
    handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_written(file: Path, error: OSError) -> MasterKeyError:
    return MasterKeyError(f"the master key {file} can't be written", error.strerror or str(error))

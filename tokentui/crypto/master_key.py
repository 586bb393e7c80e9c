"""Where the master key comes from, and how it is first made."""

from __future__ import annotations

import base64
import binascii
import errno
import os
import secrets
import shlex
import stat
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from tokentui.crypto import protection
from tokentui.errors import MasterKeyError

KEY_BYTES = 32
CREDENTIAL = "tokentui-master-key"
FILE = "master.key"
"""Its name in the home."""


class MasterKeyExposed(UserWarning):
    """Anybody on the machine may read the master key. The commands say it in a line of their own instead."""


_LARGEST_FILE_BYTES = 4096
"""More is read from no file: no master key, however written, is as long."""


def path(home: Path, environ: Mapping[str, str]) -> Path | None:
    """The file that holds the master key (it may not be there yet); None where the environment itself holds it."""
    if environ.get("TOKENTUI_MASTER_KEY"):
        return None
    if named := environ.get("TOKENTUI_MASTER_KEY_FILE"):
        return Path(os.path.expanduser(named))  # Path.expanduser raises where there is no such user
    # systemd's LoadCredential= (systemd.exec, "Credentials")
    if directory := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(directory) / CREDENTIAL
        try:
            if credential.exists():
                return credential
        except OSError:  # it can't be looked at: that it can't be read is the error, not another key
            return credential
    return home / FILE


def next_files(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the master key that follows may lie: beside the present one, and in the home where that is no file that
    can be replaced. The last of them is where a rotation writes it."""
    file = path(home, environ)
    beside = () if file is None else (next_to(file),)
    return beside if is_replaceable(home, environ) else (*beside, next_to(home / FILE))


def next_to(file: Path) -> Path:
    """The file beside a key's own that holds the key which follows it."""
    return file.with_name(f"{file.name}.next")


def is_replaceable(home: Path, environ: Mapping[str, str]) -> bool:
    """Whether the key is in a file that may hold another one; not so a variable, or a credential of systemd."""
    file = path(home, environ)
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return file is not None and not (directory and file == Path(directory) / CREDENTIAL)


def candidates(home: Path, environ: Mapping[str, str]) -> Iterator[bytes]:
    """Every master key at hand, of which the database says which is its own.

    The one that follows comes first: when it takes the other's name in between, one of the two reads has seen it.
    Raises MasterKeyError at the end for one that can't be used.
    """
    fault: MasterKeyError | None = None
    loads = [partial(read, file) for file in next_files(home, environ)]
    for load_one in (*loads, partial(load, home, environ)):
        try:
            key = load_one()
        except MasterKeyError as error:
            fault = error
        else:
            if key is not None:
                yield key
    if fault is not None:
        raise fault


def load(home: Path, environ: Mapping[str, str]) -> bytes | None:
    """The 32 bytes, or None where the file is not there; raises MasterKeyError where it can't be used."""
    file = path(home, environ)
    if file is None:
        # Bytes that are no UTF-8 stand in it as surrogates, which can't be encoded: no key holds any.
        return _decoded(environ["TOKENTUI_MASTER_KEY"].encode(errors="replace"), "TOKENTUI_MASTER_KEY")
    return read(file)


def read(file: Path) -> bytes | None:
    """The master key in a file: base64 of 32 bytes, or the 32 bytes themselves; None where there is no file.

    One that is protected by a passphrase is opened with it, see `protection`. Warns with MasterKeyExposed where anybody
    on the machine may read it.
    """
    content = read_file(file, "the master key")
    if content is not None and protection.is_protected(content):
        return protection.session.opened(content, file)
    return content if content is None or len(content) == KEY_BYTES else _decoded(content, str(file))


def is_protected(home: Path, environ: Mapping[str, str]) -> bool:
    """Whether the master key takes a passphrase to be opened; False also where it can't be read."""
    file = path(home, environ)
    try:
        content = None if file is None else read_file(file, "the master key")
    except MasterKeyError:
        return False
    return content is not None and protection.is_protected(content)


def read_file(file: Path, name: str) -> bytes | None:
    """The bytes of a file with a key, which `name` calls in errors and warnings; None where there is none.

    Raises MasterKeyError where it is no ordinary file, or can't be read.
    """
    try:
        # Without waiting: a pipe that nobody writes to would never open.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(status.st_mode):
                raise MasterKeyError(f"{name} {file} is not a file", "name a file that holds base64 of 32 bytes")
            if status.st_mode & stat.S_IROTH:
                warnings.warn(exposed_text(file, name), MasterKeyExposed, stacklevel=4)
            return stream.read(_LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or "it can't be read"
        raise MasterKeyError(f"{name} {file} can't be read", f"{reason}; check its owner and mode") from None


def exposed_text(file: Path, name: str = "the master key") -> str:
    """That anybody may read the file, and what to do."""
    command = f"chmod o= {shlex.quote(os.fspath(file))}"
    return f"{name} {file} can be read by anybody on this machine: run `{command}`"


def other_readers(file: Path) -> str:
    """Who else may read the file by its mode: `anybody`, `its group`, or nobody (empty)."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return ""
    if mode & stat.S_IROTH:
        return "anybody"
    return "its group" if mode & stat.S_IRGRP else ""


def make(home: Path, environ: Mapping[str, str]) -> bytes:
    """A new master key, written with mode 0600. Where another process was first, that one's."""
    file = path(home, environ)
    if file is None:
        raise MasterKeyError("TOKENTUI_MASTER_KEY is set")
    from tokentui.crypto.vault import new_master_key

    key = new_master_key()
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        # Written to a file of its own and linked into place: nobody reads half a key, and the first process wins.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(base64.b64encode(key) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.link(temporary, file)
        finally:
            temporary.unlink()
    except FileExistsError:
        existing = read(file)
        if existing is not None:
            return existing
        raise MasterKeyError(
            f"the master key {file} can't be made", "another process is making it: try again"
        ) from None
    except OSError as error:
        raise MasterKeyError(f"the master key {file} can't be made", error.strerror or str(error)) from None
    return key


def _decoded(content: bytes, origin: str) -> bytes:
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{origin} does not hold a master key", "it is base64 of 32 bytes")
    return key

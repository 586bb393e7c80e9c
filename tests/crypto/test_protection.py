"""A passphrase on the master key's file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokentui.crypto import master_key, protection
from tokentui.crypto.protection import ScryptFigures, protected, session, without_asking
from tokentui.errors import MasterKeyError, UsageError

KEY = bytes(range(32))
QUICK = ScryptFigures(n=16)
PASSPHRASE = b"correct horse battery"


@pytest.fixture(autouse=True)
def _new_session() -> Iterator[None]:
    session.forget()
    yield
    session.forget()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "master.key"
    file.write_bytes(protected(KEY, PASSPHRASE, QUICK))
    file.chmod(0o600)
    return file


def asking(*answers: str) -> list[str]:
    """Has these passphrases given one after the other; what was asked."""
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return answers[len(asked) - 1]

    session.ask = ask
    return asked


def test_it_is_asked_for_once(file: Path) -> None:
    asked = asking(PASSPHRASE.decode())
    assert [master_key.read(file) for _ in range(3)] == [KEY] * 3
    assert len(asked) == 1
    other = file.with_name("other.key")
    other.write_bytes(protected(KEY[::-1], PASSPHRASE, QUICK))
    other.chmod(0o600)
    assert master_key.read(other) == KEY[::-1]
    assert len(asked) == 1


def test_a_wrong_one_is_asked_for_again_three_times(file: Path) -> None:
    asked = asking("wrong one", PASSPHRASE.decode())
    assert master_key.read(file) == KEY
    assert len(asked) == 2
    session.forget()
    asked = asking("wrong", "wrong", "wrong", PASSPHRASE.decode())
    with pytest.raises(MasterKeyError, match="stays closed"):
        master_key.read(file)
    assert len(asked) == 3
    asking("")
    with pytest.raises(MasterKeyError):
        master_key.read(file)


def test_nobody_is_asked_where_others_would_wait(file: Path) -> None:
    asked = asking(PASSPHRASE.decode())
    with without_asking(), pytest.raises(MasterKeyError, match=r"protected by a passphrase.*TOKENTUI_PASSPHRASE_FD"):
        master_key.read(file)
    assert asked == []
    session.ask = None
    with pytest.raises(MasterKeyError, match="protected by a passphrase"):
        master_key.read(file)


@pytest.mark.parametrize("by_variable", [False, True])
def test_it_is_read_from_a_file_descriptor(file: Path, by_variable: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line, without its end."""
    out, into = os.pipe()
    os.write(into, PASSPHRASE + b"\r\nmore")
    os.close(into)
    if by_variable:
        monkeypatch.setenv("TOKENTUI_PASSPHRASE_FD", str(out))
    else:
        session.read_from(out)
    assert master_key.read(file) == KEY
    assert master_key.read(file) == KEY
    os.close(out)
    session.forget()
    session.read_from(out)
    with pytest.raises(MasterKeyError, match="can't be read from file descriptor"):
        master_key.read(file)


def test_the_file_tells_its_figures_and_nothing_else(file: Path) -> None:
    """Each has a salt of its own; another figure or salt opens nothing."""
    content = file.read_bytes()
    assert content.startswith(b"tokentui-protected-master-key-v1:scrypt:16:8:1:")
    assert protected(KEY, PASSPHRASE).startswith(b"tokentui-protected-master-key-v1:scrypt:131072:8:1:")
    assert protected(KEY, PASSPHRASE, QUICK).split(b":")[5] != content.split(b":")[5]
    session.remember(PASSPHRASE)
    file.write_bytes(content.replace(b"scrypt:16:", b"scrypt:32:"))
    with pytest.raises(MasterKeyError, match="does not open"):
        master_key.read(file)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"scrypt:16:8:1", b"argon2:16:8:1:AAAA:AAAA", b"scrypt:x:8:1:AAAA:AAAA", b"scrypt:15:8:1:AAAA:AAAA",
     b"scrypt:1073741824:8:1:AAAA:AAAA", b"scrypt:16:99:1:AAAA:AAAA", b"scrypt:16:8:1:AAAA:\xff", b":" * 5000],
)  # fmt: skip
def test_a_file_that_is_none(file: Path, damaged: bytes) -> None:
    """Nor one that asks for more memory than any machine has."""
    session.remember(PASSPHRASE)
    file.write_bytes(protection.MARK + damaged)
    with pytest.raises(MasterKeyError, match="is damaged"):
        master_key.read(file)


def test_a_passphrase_that_is_none() -> None:
    with pytest.raises(UsageError, match="at least 8 characters"):
        protected(KEY, b"short")

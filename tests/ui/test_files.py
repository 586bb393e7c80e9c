"""Files that the operator names on screen: new ones only, and a name that can't be one is refused, not a crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokentui.errors import DatabaseError, TokentuiError
from tokentui.ui.files import new_file, write_new
from tokentui.validation import ValidationError


def test_a_new_file_is_its_owner_s_alone_and_never_over_another(tmp_path: Path) -> None:
    file = new_file(f"  {tmp_path / 'list.csv'} ")
    before = os.umask(0)
    try:
        assert write_new(file, ["a,b\r\n", "請,\n"]) == 2
    finally:
        os.umask(before)
    assert file.read_bytes() == "a,b\r\n請,\n".encode()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValidationError, match="already"):
        new_file(str(file))
    with pytest.raises(TokentuiError, match="File exists"):
        write_new(file, ["x"])
    assert file.read_bytes().startswith(b"a,b")


def test_a_tilde_is_somebody_s_home_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert new_file("~/list.csv") == tmp_path / "list.csv"
    with pytest.raises(TokentuiError, match="No such file"):
        write_new(new_file("~nosuchuser/list.csv"), [])


@pytest.mark.parametrize("text", ["", "  ", ".", "/", "x" * 300, "a\0b", "half \ud83d"])
def test_what_can_be_no_file_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        new_file(text)
    assert raised.value.field == "file"


def test_where_it_can_t_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(TokentuiError, match="No such file"):
        write_new(new_file(str(tmp_path / "none/x.csv")), ["x"])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValidationError, match="Not a directory"):
        new_file(str(tmp_path / "file/x.csv"))
    (tmp_path / "link").symlink_to("none")
    with pytest.raises(ValidationError, match="already"):
        new_file(str(tmp_path / "link"))


def test_a_failed_export_leaves_no_file_and_can_be_tried_again(tmp_path: Path) -> None:
    """The database went away half-way: the same name is free for the next try."""
    path = tmp_path / "tokens.csv"

    def lines() -> Iterator[str]:
        yield "id\n"
        raise DatabaseError("the database is away")

    with pytest.raises(DatabaseError):
        write_new(path, lines())
    assert new_file(str(path)) == path
    assert write_new(path, ["id\n"]) == 1

"""A file that can't be written whole is not left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokentui.errors import DatabaseError
from tokentui.ui.files import new_file, write_new


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

"""A commit by anybody else is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database.helpers import add, names
from tokentui.database.change_mark import ChangeMark
from tokentui.database.database import Database


def test_a_change_by_anyone_else_is_noticed_and_a_look_is_none(file: Path, opened: Callable[..., Database]) -> None:
    database, mark = opened(file), ChangeMark(file)
    first = mark.value()
    assert names(database) == []
    add(database, "left", commit=False)
    assert mark.value() == first
    add(database, "x")
    second = mark.value()
    assert second != first
    assert mark.value() == second
    file.rename(file.with_name("moved.db"))
    with pytest.raises(OSError, match="No such file"):
        mark.value()
    mark.close()

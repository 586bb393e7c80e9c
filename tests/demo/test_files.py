"""Sample databases in files of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tokentui import demo
from tokentui.bootstrap import open_context
from tokentui.catalog import load
from tokentui.context import Context
from tokentui.demo.build import SampleWriter
from tokentui.errors import DatabaseError
from tokentui.listing.first_page import first_page
from tokentui.models import Token
from tokentui.operations.check import check
from tokentui.settings import Settings

pytestmark = pytest.mark.sqlite


def _schema(context: Context) -> list[object]:
    with context.database.read() as session:
        return list(session.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")).all())


def test_a_file_is_whole_and_as_any_other_database(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "samples" / "samples.db"
    file.parent.mkdir()
    demo.write_to(context.settings, file, {}, tokens=300)
    assert list(file.parent.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o600
    made = open_context(replace(context.settings, database=str(file)), environ={})
    try:
        assert [finding for finding in check(made) if not finding.ok] == []
        assert _schema(made) == _schema(context)
        assert load(made) == load(context)
        with made.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Token)) == 300
            assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    finally:
        made.close()


def test_a_file_that_was_not_finished_is_removed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "samples" / "samples.db"
    file.parent.mkdir()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def other(*_: object) -> None:
        file.write_bytes(b"of somebody else")

    monkeypatch.setattr(SampleWriter, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        demo.write_to(settings, file, {})
    assert list(file.parent.iterdir()) == []
    monkeypatch.setattr(SampleWriter, "write", other)
    with pytest.raises(DatabaseError, match="exists"):
        demo.write_to(settings, file, {})
    assert list(file.parent.iterdir()) == [file]
    assert file.read_bytes() == b"of somebody else"


def test_a_throwaway_database_can_be_listed_and_is_removed(settings: Settings) -> None:
    with demo.throwaway(settings, {"TOKENTUI_MASTER_KEY": "of the real database"}) as context:
        home = context.settings.home
        assert not context.database.is_open, "the app opens it after its first rows"
        assert len(first_page(context, 100)) > 30
        assert context.is_demo
        assert [finding for finding in check(context) if not finding.ok] == []
    assert not home.exists()

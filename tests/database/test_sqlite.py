"""What an operator was told is kept: every connection that writes waits until the disk has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.cli.conftest import Tokentui
from tests.factories import make_token
from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.database.database import Database
from tokentui.database.sqlite import connect
from tokentui.gate import Gate
from tokentui.settings import load
from tokentui.usage.recorder import Recorder

DURABLE = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}  # 2: FULL


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet, of this process and of the commands that it runs."""
    monkeypatch.setenv("TOKENTUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def written_with(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The settings of the connection of each write transaction from here on."""
    seen: list[dict[str, object]] = []
    write = Database.write

    @contextmanager
    def watched(database: Database) -> Iterator[Session]:
        with write(database) as session:
            connection = session.connection()
            seen.append({name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in DURABLE})
            yield session

    monkeypatch.setattr(Database, "write", watched)
    return seen


def app(home: Path) -> None:
    """Opened as the app does, also where it makes the file."""
    with closing(open_context(load())) as context:
        make_token(context)


def command(home: Path) -> None:
    """A command makes the file, and another changes it."""
    tokentui = Tokentui(home)
    made = tokentui.make()
    assert tokentui("rotate", made["id"]).status == 0


def recorder(home: Path) -> None:
    """The counts of a gate."""
    with closing(open_context(load())) as context:
        issued = make_token(context)
    assert issued.key is not None
    gate = Gate.from_config()
    token = gate.verify(f"ApiKey {issued.key.text}").token
    assert token is not None
    recorder = Recorder(gate.context)
    recorder.count(token, 200)
    recorder.close()
    assert recorder.failures == 0
    gate.close()
    gate.context.close()


@pytest.mark.parametrize("change", [app, command, recorder])
def test_a_change_survives_a_power_cut(
    home: Path, written_with: list[dict[str, object]], change: Callable[[Path], None]
) -> None:
    """For that, SQLite has to wait for the disk at each commit: https://sqlite.org/pragma.html#pragma_synchronous."""
    change(home)
    assert len(written_with) >= 2
    assert all(settings == DURABLE for settings in written_with)


def test_a_connection_that_puts_a_backup_back(context: Context) -> None:
    assert context.database.path is not None
    with closing(connect(context.database.path, read_only=False, timeout=timedelta(seconds=5))) as connection:
        for name, value in DURABLE.items():
            assert connection.execute(f"PRAGMA {name}").fetchone() == (value,)

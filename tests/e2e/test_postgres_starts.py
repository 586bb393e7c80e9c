"""What is said at the start on a PostgreSQL server: by many at once, by roles without rights, of a wrong database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui
from tests.postgres import Cluster
from tokentui.database.postgres import refuse_version
from tokentui.errors import DatabaseError

pytestmark = pytest.mark.e2e

STARTS = 20


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The name of an empty one."""
    name = cluster.new_database()
    yield name
    cluster.drop(name)


@pytest.fixture
def tokentui(tmp_path: Path) -> Tokentui:
    """With a home of its own."""
    return Tokentui(tmp_path / "home")


def test_first_starts_side_by_side(cluster: Cluster, database: str, tokentui: Tokentui) -> None:
    """One makes the tables and the catalogue; the others wait, and go on."""
    command = [sys.executable, "-m", "tokentui", "list", "--json"]
    environ = tokentui.environment | {"TOKENTUI_DB": cluster.url(database)}
    started = [
        subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(STARTS)
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * STARTS, said
    assert {out.strip() for out, _ in said} == {"[]"}
    tables = cluster.run("SELECT count(*), (SELECT count(*) FROM epoch) FROM extensions", database)
    assert tables == [(4, 1)]


def test_a_database_that_can_t_hold_every_text(cluster: Cluster, tokentui: Tokentui) -> None:
    """A name in Greek would be refused one day, so the database is refused at the first look."""
    name = cluster.new_database("template0", "ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'")
    for command in (["list"], ["create", "--name", "Ω", "--all-modules"]):
        done = tokentui(*command, TOKENTUI_DB=cluster.url(name))
        assert (done.status, done.out, len(done.err.splitlines())) == (3, "", 1)
        assert "is in LATIN1, and must be in UTF8: make another with ENCODING 'UTF8'" in done.err
    cluster.drop(name)


@pytest.mark.parametrize(("number", "version"), [(90624, "9.6"), (120017, "12")])
def test_an_old_server(number: int, version: str) -> None:
    with pytest.raises(DatabaseError, match=f"PostgreSQL {version}, which is too old: use PostgreSQL 13"):
        refuse_version(number, "postgresql://alice@db/tokens")
    refuse_version(130000, "postgresql://alice@db/tokens")


def test_a_role_that_may_make_no_tables(cluster: Cluster, database: str, tokentui: Tokentui) -> None:
    """On a new database."""
    cluster.run("CREATE ROLE tableless LOGIN")
    done = tokentui("list", TOKENTUI_DB=cluster.url(database, "tableless"))
    assert (done.status, len(done.err.splitlines())) == (3, 1)
    assert "the role tableless may make no tables in postgresql://tableless@127.0.0.1" in done.err
    assert "GRANT CREATE ON SCHEMA public to it" in done.err


def test_a_role_that_may_only_read(cluster: Cluster, database: str, tokentui: Tokentui) -> None:
    """It reads; what it may not do is said."""
    assert tokentui("create", "--name", "A", "--all-modules", TOKENTUI_DB=cluster.url(database)).status == 0
    cluster.run("CREATE ROLE looker LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", database)
    as_reader = cluster.url(database, "looker")
    assert "1 token" in tokentui("list", TOKENTUI_DB=as_reader).out or tokentui("list", "-q", TOKENTUI_DB=as_reader).out
    done = tokentui("create", "--name", "B", "--all-modules", TOKENTUI_DB=as_reader)
    assert (done.status, len(done.err.splitlines())) == (3, 1)
    assert "does not allow this to the role: grant it what docs/postgresql.md says" in done.err


def test_no_such_database_and_a_wrong_password(cluster: Cluster, tokentui: Tokentui) -> None:
    """The URL is shown without what may be a password, wherever it stands."""
    for url in (
        f"postgresql://alice:geheim@127.0.0.1:{cluster.port}/nowhere",
        f"postgresql://postgres@127.0.0.1:{cluster.port}/nowhere?password=geheim&sslpassword=geheim",
        f"postgresql://alice:geheim@127.0.0.1:{cluster.port}/postgres?sslmode=verify-full",
        "postgresql://alice:geheim@127.0.0.1:1/nowhere",
        "postgresql://alice:geheim@host:port/nowhere",
    ):
        for command in (["list"], ["doctor"], ["list", "--json"]):
            done = tokentui(*command, TOKENTUI_DB=url)
            assert done.status in (1, 3)
            assert "geheim" not in done.out + done.err
            assert "Traceback" not in done.err


def test_a_password_as_an_argument(tokentui: Tokentui) -> None:
    """Everybody on the machine could read it, so it is refused."""
    for url in ("postgresql://alice:geheim@db/tokens", "postgresql://alice@db/tokens?password=geheim"):
        done = tokentui("--db", url, "list")
        assert done.status == 2
        assert "geheim" not in done.err
        assert "PGPASSFILE" in done.err

"""The roles of docs/postgresql.md, as it says to make them: an operator, a gate, a reader."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Tokentui
from tests.postgres import Cluster
from tokentui.gate import Gate
from tokentui.usage.recorder import Recorder

pytestmark = pytest.mark.e2e

DOCS = Path(__file__).parent.parent.parent / "docs" / "postgresql.md"


@pytest.fixture
def database(cluster: Cluster, tokentui: Tokentui) -> Iterator[str]:
    """With the tables and the roles; its name."""
    name = cluster.new_database()
    assert tokentui("db", "upgrade", TOKENTUI_DB=cluster.url(name)).status == 0
    told = re.search(r"<!-- roles -->\n```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert told is not None
    cluster.run(told[1], name)
    yield name
    cluster.drop(name)
    for role in ("operator", "gate", "reader"):
        cluster.run(f"DROP ROLE {role}")


@pytest.fixture
def tokentui(tmp_path: Path) -> Tokentui:
    """With a home of its own."""
    return Tokentui(tmp_path / "home")


def gate_lets_in_imported_keys(tokentui: Tokentui, operator: str, gate_url: str) -> None:
    """In clear and by SHA-256; its digest it may not replace, and counts all the same."""
    digest = hashlib.sha256(b"an older key").hexdigest()
    lines = [
        {"name": "C", "key": "an-old-key", "permissions": "*"},
        {"name": "D", "sha256": digest, "permissions": "*"},
    ]
    done = tokentui("import", "-", stdin="\n".join(map(json.dumps, lines)), TOKENTUI_DB=operator)
    assert done.status == 0, done.err
    gate = Gate(gate_url)
    recorder = Recorder(gate.context, interval=60, better_digests=gate.better_digests)
    for key in ("an-old-key", "an older key"):
        for _ in range(2):
            decision = gate.verify(f"Bearer {key}")
            assert decision.token is not None
            recorder.count(decision.token, 200)
        assert recorder.flush()
    recorder.close()
    assert recorder.failures == 0
    gate.close()
    gate.context.close()


def test_roles(cluster: Cluster, database: str, tokentui: Tokentui, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each can do its work; the gate can read no sealed secret, and neither it nor the reader can change a token."""
    operator, gate_url, reader = (cluster.url(database, role) for role in ("operator", "gate", "reader"))
    done = tokentui("create", "--name", "A", "--module", "agreements", "--json", TOKENTUI_DB=operator)
    assert done.status == 0, done.err
    token, key = done.json["id"], done.json["key"]
    for command in (["edit", token, "--name", "B"], ["disable", token], ["enable", token], ["db", "check"]):
        done = tokentui(*command, TOKENTUI_DB=operator)
        assert done.status == 0, done.err

    monkeypatch.setenv("TOKENTUI_HOME", str(tokentui.home))
    gate = Gate(gate_url)
    decision = gate.verify(f"ApiKey {key}", path="/agreements", client="203.0.113.9")
    assert decision.allowed
    assert decision.token is not None
    recorder = Recorder(gate.context, interval=60)
    recorder.count(decision.token, 200, "203.0.113.9")
    recorder.close()
    assert recorder.failures == 0
    rotated = tokentui("rotate", token, TOKENTUI_DB=operator)
    assert not gate.verify(f"ApiKey {key}", path="/agreements").allowed
    assert gate.verify(f"ApiKey {rotated.key}", path="/agreements").allowed
    gate.close()
    gate.context.close()

    shown = tokentui("--read-only", "show", token, "--json", TOKENTUI_DB=reader)
    assert shown.status == 0, shown.err
    assert (shown.json["name"], shown.json["requests_30d"]) == ("B", 1)
    for command in (["list"], ["stats"], ["audit"]):
        done = tokentui("--read-only", *command, TOKENTUI_DB=reader)
        assert done.status == 0, done.err

    gate_lets_in_imported_keys(tokentui, operator, gate_url)

    for role in ("gate", "reader"):
        url = cluster.url(database, role).replace("+psycopg", "")
        sealed = ("SELECT sealed FROM secrets", "SELECT * FROM secrets") if role == "gate" else ()
        for statement in (
            *sealed,
            "UPDATE tokens SET disabled_at = NULL",
            "UPDATE secrets SET stops_at = 0",
            "INSERT INTO token_modules SELECT id, 'products' FROM tokens",
            "DELETE FROM audit",
            "UPDATE epoch SET value = 0",
        ):
            with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())

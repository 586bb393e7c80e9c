"""The audit's entries as lines: each once, in order, after it was committed; a log that is away stops nobody."""

from __future__ import annotations

import json
import logging
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_token
from tests.imports.helpers import import_lines
from tokentui import audit
from tokentui.audit import log
from tokentui.context import Context
from tokentui.errors import NoSuchToken
from tokentui.records import Action, TokenChanges
from tokentui.tokens import bulk
from tokentui.tokens.edit import edit_token
from tokentui.tokens.secrets import reveal_keys


def log_to(context: Context, target: object) -> None:
    context.settings = replace(context.settings, audit_log=str(target))


def recorded(context: Context) -> list[dict[str, object]]:
    """Every entry as the log has it, the oldest first."""
    entries = audit.stream_between(context, audit.AuditFilter(), 0, audit.newest_id(context))
    return [audit.entry_json(entry) for entry in entries]


def test_a_file_gets_every_entry_once_and_in_order(context: Context, tmp_path: Path) -> None:
    """Of one token and of many at once, for its owner alone, in ASCII; what is refused is none."""
    file = tmp_path / "audit.log"
    log_to(context, file)
    issued = make_token(context, "Café ☕", description="two\nlines")
    assert issued.key is not None
    reveal_keys(context, issued.token.id)
    other = make_token(context)
    bulk.apply(context, Action.DISABLE, [issued.token.id, other.token.id])
    assert not import_lines(context, *({"name": f"Token {n}", "permissions": "*"} for n in range(3)))
    with pytest.raises(NoSuchToken):
        edit_token(context, 5, TokenChanges(name="x"))
    text = file.read_text(encoding="ascii")
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines == recorded(context)
    assert [line["action"] for line in lines] == ["create", "reveal", "create", "disable", "disable", *["import"] * 3]
    assert issued.key.secret not in text
    assert file.stat().st_mode & 0o777 == 0o600
    file.rename(tmp_path / "audit.log.1")
    reveal_keys(context, issued.token.id, purpose="copy")
    assert json.loads(file.read_text(encoding="ascii"))["action"] == "copy"


@pytest.mark.parametrize("target", [log.SYSLOG, log.JOURNAL])
def test_syslog_and_the_journal(context: Context, monkeypatch: pytest.MonkeyPatch, target: str, tmp_path: Path) -> None:
    """Packets as these read them, on their socket."""
    path = str(tmp_path / "socket")
    monkeypatch.setattr(log, f"{target.upper()}_SOCKET", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)
        server.settimeout(5)
        log_to(context, target)
        issued = make_token(context, description="two\nlines")
        packet = server.recv(65_536).decode("ascii")
    (entry,) = recorded(context)
    if target == log.SYSLOG:
        head, _, text = packet.partition(": ")
        assert head == f"<85>tokentui[{os.getpid()}]"
    else:
        fields = dict(line.split("=", 1) for line in packet.splitlines())
        assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"]) == ("5", "tokentui")
        assert (fields["TOKENTUI_ACTION"], fields["TOKENTUI_TOKEN"]) == ("create", issued.token.label)
        text = fields["MESSAGE"]
    assert json.loads(text) == entry


def test_a_log_that_is_away_stops_nobody(
    context: Context, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is made and in the database's audit; a warning says that it is nowhere else."""
    monkeypatch.setattr(log, "SYSLOG_SOCKET", str(tmp_path / "nobody"))
    for target in (tmp_path, tmp_path / "none/audit.log", log.SYSLOG):
        log_to(context, target)
        assert log.problem(str(target))
        with caplog.at_level(logging.WARNING, "tokentui"):
            caplog.clear()
            make_token(context)
            assert "can't be written" in caplog.text
    assert len(recorded(context)) == 3
    assert not log.problem(str(tmp_path / "audit.log"))

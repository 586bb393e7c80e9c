"""Two processes change the same tokens at the same time: nothing is lost, nothing is merged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.factories import make_token
from tokentui import audit, clock
from tokentui.context import Context
from tokentui.records import TokenRecord
from tokentui.tokens import reads
from tokentui.tokens.writing import audited_fields

TOKENS, ROUNDS = 40, int(os.environ.get("TOKENTUI_TEST_ROUNDS", "2"))
ROOT = Path(__file__).parent.parent.parent


class Operator:
    """One of the processes."""

    def __init__(self, context: Context, name: str, ids: list[int]) -> None:
        settings = context.settings
        environ = os.environ | {"TOKENTUI_HOME": str(settings.home), "TOKENTUI_DB": settings.database_url}
        self.outcomes: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tokens.operator_process", name],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.tell(json.dumps(ids))

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until_done(self) -> None:
        """Reads what became of the changes until all are made."""
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline().strip()) != "done":
            assert line, "the process ended"
            self.outcomes.append(json.loads(line))

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0


def check_history(context: Context, token: TokenRecord, outcomes: list[dict[str, Any]]) -> None:
    """Every change that was said to be made has an entry, which began where the one before it had ended."""
    entries = audit.entries(context, token.id, limit=None)[::-1]
    assert token.version == len(entries)
    made = Counter(outcome["action"] for outcome in outcomes if outcome["done"])
    assert Counter(entry.action for entry in entries[1:]) == made
    versions = [outcome["version"] for outcome in outcomes if "version" in outcome]
    assert len(set(versions)) == len(versions)
    state = {field: new for field, (_, new) in entries[0].changes.items()}
    status = "active"
    for entry in entries[1:]:
        for field, (old, new) in entry.changes.items():
            if field == "status":
                assert old == status
                status = new
            elif field in state:
                assert old == state[field], f"{field} was {state[field]}, and the change began from {old}"
                state[field] = new
    assert state == {field: value for field, value in audited_fields(token).items() if field in state}
    assert status == token.status


def test_each_change_is_there_or_was_refused(context: Context) -> None:
    """Whoever is refused an edit is shown both versions; no module that was taken away is back."""
    context.clock = clock.now
    ids = [make_token(context, f"Token {number}").token.id for number in range(TOKENS)]
    operators = [Operator(context, name, ids) for name in ("alice", "bob")]
    for _ in range(ROUNDS):
        for command in ("read", "write"):
            for operator in operators:
                operator.tell(command)
            for operator in operators:
                operator.until_done()
    for operator in operators:
        operator.end()
    outcomes = [outcome for operator in operators for outcome in operator.outcomes]
    assert len(outcomes) == 2 * ROUNDS * TOKENS * 3
    for token_id in ids:
        of_token = [outcome for outcome in outcomes if outcome["id"] == token_id]
        check_history(context, reads.get_token(context, token_id), of_token)
    edits = [outcome for outcome in outcomes if outcome["action"] == "edit"]
    # Both had read the same version, and gave the token another name: one of the two is told.
    assert Counter(edit["done"] for edit in edits) == {True: ROUNDS * TOKENS, False: ROUNDS * TOKENS}
    for edit in edits:
        if not edit["done"]:
            theirs, mine = edit["fields"]["name"]
            assert theirs != mine

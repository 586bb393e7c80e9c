"""An operator in a process of its own, who changes tokens in rounds: `python -m tests.tokens.operator_process NAME`.

Told on standard input, a line at a time: the IDs, then `read` and `write` in turns. Each round all tokens are read
first, so that whoever writes second decides by what is old. What became of each change is printed as a line of JSON.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tokentui.bootstrap import open_context
from tokentui.context import Actor, Context
from tokentui.errors import Conflict, WrongState
from tokentui.records import Action, Status, TokenChanges, TokenRecord
from tokentui.settings import changed, load
from tokentui.tokens import bulk, reads, secrets
from tokentui.tokens.edit import edit_token

MODULES = ("agreements", "products", "usage", "leads")


def change(context: Context, token: TokenRecord, chance: random.Random, label: str) -> Iterator[dict[str, Any]]:
    """An edit of name and permissions, a rotation, and a disable or enable; what became of each."""
    modules = tuple(sorted(chance.sample(MODULES, 2)))
    changes = TokenChanges(name=label, modules=modules)
    yield _outcome(token, "edit", lambda: edit_token(context, token.id, changes, read=token).version)
    now = reads.get_token(context, token.id)
    yield _outcome(
        token, "rotate", lambda: secrets.rotate_token(context, token.id, expected_version=token.version).token.version
    )
    action = Action.ENABLE if now.status is Status.DISABLED else Action.DISABLE
    done = bulk.apply(context, action, [token.id])
    yield {"id": token.id, "action": action.value, "done": bool(done.done), "refused": [str(r) for r in done.refused]}


def _outcome(token: TokenRecord, action: str, service: Callable[[], int]) -> dict[str, Any]:
    try:
        return {"id": token.id, "action": action, "done": True, "version": service()}
    except Conflict as conflict:
        return {"id": token.id, "action": action, "done": False, "fields": conflict.fields, "said": str(conflict)}
    except WrongState as refused:
        return {"id": token.id, "action": action, "done": False, "fields": {}, "said": str(refused)}


def main(name: str) -> None:
    """Works until standard input ends."""
    # SQLite gives the lock to whoever happens to ask: on a busy machine one may wait for long.
    context = open_context(changed(load(), {"busy_timeout": "2m"}))
    context.actor = Actor(name)
    chance = random.Random(name)
    ids: list[int] = json.loads(sys.stdin.readline())
    tokens: list[TokenRecord] = []
    for number, command in enumerate(sys.stdin):
        if command.strip() == "read":
            tokens = [reads.get_token(context, token_id) for token_id in ids]
        else:
            for token in tokens:
                for outcome in change(context, token, chance, f"{name} {number}"):
                    print(json.dumps(outcome))
        print("done", flush=True)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1])

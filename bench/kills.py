"""Writers that are killed at random points, and whether the database is whole then and holds what was acknowledged.

    python bench/kills.py              # 210 kills: 30 of each kind of writing
    python bench/kills.py 28 --seed 7

A process makes tokens, rotates, changes many at once, counts responses, imports, gives the vault a new master key, or
upgrades an older database, again and again until it is killed. It writes a line before it begins something and one when
that was done. After each kill the database is checked as `tokentui db check` and `tokentui audit --check` do it; what
was acknowledged must be there, and of what was only begun all or nothing. Exits with 1 where something is not so.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, func, select

from tokentui import migrations
from tokentui.audit.check import check as check_audit
from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.imports import load as load_import
from tokentui.imports import prepare as prepare_import
from tokentui.imports.stage import Stage
from tokentui.models import Token, Usage
from tokentui.operations import check
from tokentui.operations.master_key_rotation import rotate as rotate_master_key
from tokentui.records import Action, NewToken, Status
from tokentui.settings import load
from tokentui.tokens import bulk
from tokentui.tokens.create import create_token
from tokentui.tokens.reads import get_token
from tokentui.tokens.secrets import reveal_keys, rotate_token
from tokentui.usage.recorder import Recorder

Tell = Callable[..., None]
_BULK, _IMPORTED, _RESPONSES = 60, 50, 20


@dataclass
class Expected:
    """What the writers have acknowledged so far."""

    keys: dict[int, str] = field(default_factory=dict)
    group: tuple[int, ...] = ()
    group_status: Status = Status.ACTIVE
    responses: int = 0
    imported: set[str] = field(default_factory=set)


def opened(home: Path) -> Context:
    environ = {"HOME": str(home), "TOKENTUI_HOME": str(home)}
    return open_context(load(environ), environ=environ)


# What is written, again and again: each says what it begins, and what was done.


def make(context: Context, expected: Expected, tell: Tell) -> None:
    tell(begun="make")
    issued = create_token(context, NewToken(name="Made", all_modules=True, expires_at=None))
    assert issued.key is not None
    tell(done="make", id=issued.token.id, key=issued.key.text)


def rotate(context: Context, expected: Expected, tell: Tell) -> None:
    token_id = random.choice(list(expected.keys))
    tell(begun="rotate", id=token_id)
    key = rotate_token(context, token_id).key
    assert key is not None
    tell(done="rotate", id=token_id, key=key.text)


def change_many(context: Context, expected: Expected, tell: Tell) -> None:
    is_active = get_token(context, expected.group[0]).status is Status.ACTIVE
    action, status = (Action.DISABLE, Status.DISABLED) if is_active else (Action.ENABLE, Status.ACTIVE)
    tell(begun="many", status=status)
    bulk.apply(context, action, expected.group)
    tell(done="many", status=status)


def count_responses(context: Context, expected: Expected, tell: Tell) -> None:
    recorder = Recorder(context, interval=3600)
    with closing(Gate.from_context(context)) as gate:
        token = gate.verify(f"ApiKey {random.choice(list(expected.keys.values()))}").token
        assert token is not None
        for _ in range(_RESPONSES):
            for status in (200, 404, 500):
                recorder.count(token, status)
            tell(begun="responses", number=3)
            recorder.flush()
            tell(done="responses", number=3)
    recorder.close()


def bring_in(context: Context, expected: Expected, tell: Tell) -> None:
    name = f"Imported {os.getpid()} {time.monotonic_ns()}"
    lines = "".join(
        json.dumps({"name": name, "key": f"{name} of another system, {number}", "permissions": "*"}) + "\n"
        for number in range(_IMPORTED)
    )
    with Stage() as stage:
        prepare_import(context, io.BytesIO(lines.encode()), stage, tell=lambda bad: None)
        tell(begun="import", name=name)
        load_import(context, stage)
    tell(done="import", name=name)


def change_master_key(context: Context, expected: Expected, tell: Tell) -> None:
    tell(begun="master key")
    rotate_master_key(context)
    tell(done="master key")


KINDS: dict[str, Callable[[Context, Expected, Tell], None]] = {
    "creation": make,
    "rotation": rotate,
    "many at once": change_many,
    "usage flush": count_responses,
    "import": bring_in,
    "vault rotation": change_master_key,
}
MIGRATION = "migration"


def write_until_killed(home: Path, kind: str, expected: Expected, pipe: int) -> None:
    """Never returns."""

    def tell(**line: Any) -> None:
        os.write(pipe, (json.dumps(line) + "\n").encode())

    try:
        context = opened(home)
        random.seed()
        tell(ready=True)
        while True:
            KINDS[kind](context, expected, tell)
    except BaseException as error:
        tell(failed=repr(error))
        os._exit(1)


def kill_one(target: Callable[[int], None], wait: float) -> list[dict[str, Any]]:
    """Starts the writer, kills it so many seconds after it is ready, and returns the lines that it wrote."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        target(writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        said = [json.loads(lines.readline())]
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
        said += [json.loads(line) for line in lines if line.endswith("\n")]
    os.waitpid(child, 0)
    return said


def compare(context: Context, expected: Expected, lines: list[dict[str, Any]]) -> list[str]:
    """Brings `expected` up to date by what was acknowledged, and says what is not so."""
    wrong = [line["failed"] for line in lines if "failed" in line]
    for line in lines:
        if "key" in line:
            expected.keys[line["id"]] = line["key"]
        if line.get("done") == "many":
            expected.group_status = Status(line["status"])
        if line.get("done") == "responses":
            expected.responses += line["number"]
        if line.get("done") == "import":
            expected.imported.add(line["name"])
    pending = lines[-1] if "begun" in lines[-1] else {}
    with closing(Gate.from_context(context)) as gate:
        for token_id, key in list(expected.keys.items()):
            if gate.verify(f"ApiKey {key}").allowed:
                continue
            if pending.get("id") == token_id:  # the rotation was done, and nobody was told
                (revealed, *_) = reveal_keys(context, token_id)
                expected.keys[token_id] = revealed.key.text
                if gate.verify(f"ApiKey {expected.keys[token_id]}").allowed:
                    continue
            wrong.append(f"the key of {token_id} does not work")
    statuses = {get_token(context, token_id).status for token_id in expected.group}
    allowed = {expected.group_status} | ({Status(pending["status"])} if pending.get("begun") == "many" else set())
    if len(statuses) != 1 or not statuses <= allowed:
        wrong.append(f"of the change of many: {statuses}, not {allowed}")
    expected.group_status = next(iter(statuses))
    with context.database.read() as session:
        columns = Usage.success + Usage.redirection + Usage.client_error + Usage.server_error
        counted = session.scalar(select(func.sum(columns))) or 0
        batches = Counter(session.scalars(select(Token.name).where(Token.name.startswith("Imported "))))
    most = expected.responses + (pending["number"] if pending.get("begun") == "responses" else 0)
    if counted not in (expected.responses, most):
        wrong.append(f"{counted} responses are counted, not {expected.responses} or {most}")
    expected.responses = counted
    wrong += [f"{number} of {name} were imported" for name, number in batches.items() if number != _IMPORTED]
    wrong += [f"{name} is not there" for name in expected.imported - set(batches)]
    return wrong + checked(context)


def checked(context: Context) -> list[str]:
    wrong = [f"db check: {finding.message}" for finding in check.check(context) if not finding.ok]
    return wrong + [f"audit --check: {tampering}" for tampering in check_audit(context).tampering]


# An older database that is brought up to date


def make_older(home: Path, folder: Path) -> Path:
    """A copy of a home whose database has the schema of the first release, with the tokens of now."""
    old = folder / "older"
    shutil.copytree(home, old)
    fresh = old / "tokens.db"
    for file in old.glob("tokens.db*"):
        file.unlink()
    engine = create_engine(f"sqlite:///{fresh}")
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        migrations.upgrade(connection, migrations.REVISIONS[0])
        connection.exec_driver_sql("INSERT INTO extensions VALUES ('custom', '', 'Custom', '', 1, 0, 0)")
        names = [(number, f"Old {number}") for number in range(1, 3001)]
        columns = [row[1:] for row in connection.exec_driver_sql("PRAGMA table_info(tokens)")]
        values = {name: "''" if "CHAR" in kind or "TEXT" in kind else "0" for name, kind, *_ in columns}
        values |= {"id": "?", "name": "?", "extension_slug": "'custom'", "networks": "'[]'", "external_id": "NULL"}
        values |= {"disabled_at": "NULL", "deleted_at": "NULL"}
        statement = f"INSERT INTO tokens ({', '.join(values)}) VALUES ({', '.join(values.values())})"
        connection.exec_driver_sql(statement, names)
    engine.dispose()
    return old


def kill_upgrade(old: Path, folder: Path, wait: float) -> tuple[list[str], list[dict[str, Any]]]:
    """Kills a program that opens the older database, then opens it again: what is wrong, and what the program said."""
    home = folder / "upgraded"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(old, home)

    def upgrade(pipe: int) -> None:
        os.write(pipe, b'{"begun": "migration"}\n')
        opened(home)
        os.write(pipe, b'{"done": "migration"}\n')
        time.sleep(60)

    lines = kill_one(upgrade, wait)
    with closing(opened(home).database) as database, database.read() as session:
        number = session.scalar(select(func.count()).select_from(Token).where(Token.name.startswith("Old ")))
    return [] if number == 3000 else [f"{number} tokens are left of 3000"], lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int, nargs="?", default=210)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, kinds = random.Random(arguments.seed), [*KINDS, MIGRATION]
    failures = 0
    outcomes: Counter[tuple[str, bool]] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "home"
        expected = Expected()
        with closing(opened(home).database) as _:
            context = opened(home)
            ids = [create_token(context, NewToken(name="Group", all_modules=True)).token.id for _ in range(_BULK)]
            expected.group = tuple(ids)
            issued = create_token(context, NewToken(name="First", all_modules=True))
            assert issued.key is not None
            expected.keys[issued.token.id] = issued.key.text
            context.database.close()
        old = make_older(home, folder)
        for number in range(arguments.kills):
            kind = kinds[number % len(kinds)]
            wait = chance.uniform(0, 0.5)
            if kind == MIGRATION:
                wrong, lines = kill_upgrade(old, folder, wait)
            else:
                lines = kill_one(lambda pipe, kind=kind: write_until_killed(home, kind, expected, pipe), wait)
                context = opened(home)
                wrong = compare(context, expected, lines)
                context.database.close()
            outcomes[kind, bool(lines) and "begun" in lines[-1]] += 1
            failures += bool(wrong)
            for what in wrong:
                print(f"kill {number + 1}, {kind} after {wait:.3f} s: {what}", flush=True)
    for kind in kinds:
        print(f"{kind:15} {outcomes[kind, True] + outcomes[kind, False]:4} kills, {outcomes[kind, True]} in the middle")
    print(f"{arguments.kills} kills, {failures} left something wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

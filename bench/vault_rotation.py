"""A new master key for 100 000 tokens under load: two gates and an app, five kills, and whether anybody noticed.

    python bench/vault_rotation.py            # 100 000 tokens, 5 kills
    python bench/vault_rotation.py 5000 2

The gates ask some thousand times a second, in turn about keys that are valid and about keys that are not. The app
makes, rotates, shows and disables tokens. A prober asks for the write lock each millisecond: how long it was refused is
how long a writer had to wait, ten seconds long before the rotation for comparison. Exits with 1 where a valid key was
refused, another one let in, or a check at the end fails.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from gate_parts import sample

from tokentui.audit.check import check as check_audit
from tokentui.bootstrap import open_context
from tokentui.crypto.key_format import new_key, parse_key
from tokentui.database.database import rebuild_derived
from tokentui.gate import Gate
from tokentui.operations import check
from tokentui.records import Action, NewToken
from tokentui.settings import load
from tokentui.tokens import bulk
from tokentui.tokens.create import create_token
from tokentui.tokens.secrets import reveal_keys, rotate_token

OWN = 2_000
"""Tokens that the app changes; the gates ask about the others."""

REVOKED = 500


def gate(environ: dict[str, str], valid: list[str], revoked: list[str], ends: Event, result: Connection) -> None:
    """Asks until the end: how often, and which answers were wrong."""
    os.environ.update(environ)
    asked, wrong, longest = 0, [], 0.0
    opened = Gate()
    while not ends.is_set():
        for keys, allowed in ((random.sample(valid, 50), True), (random.sample(revoked, 5), False)):
            for key in keys:
                begun = time.perf_counter()
                try:
                    decision = opened.verify(f"ApiKey {key}")
                    answer, why = decision.allowed, str(decision.reason)
                except Exception as error:
                    answer, why = None, repr(error)
                longest = max(longest, time.perf_counter() - begun)
                asked += 1
                if answer is not allowed:
                    wrong.append(why)
        time.sleep(0.01)
    result.send({"asked": asked, "wrong": wrong[:5], "number": len(wrong), "longest": longest})


def app(environ: dict[str, str], own: list[str], ends: Event, result: Connection) -> None:
    """Changes tokens until the end, and asks a gate of its own about each key that it was given or has stopped."""
    context = open_context(load(environ), environ=environ)
    opened = Gate.from_context(context)
    keys = {parse_key(key).token_id: key for key in own}
    wrong, times = [], []

    def expect(key: str, allowed: bool, what: str) -> None:
        if opened.verify(f"ApiKey {key}").allowed is not allowed:
            wrong.append(what)

    def made() -> None:
        issued = create_token(context, NewToken("Made meanwhile", all_modules=True))
        keys[issued.token.id] = issued.key.text
        expect(issued.key.text, True, "made")

    def rotated() -> None:
        token = random.choice(list(keys))
        old, keys[token] = keys[token], rotate_token(context, token).key.text
        expect(keys[token], True, "rotated")
        expect(old, False, "rotated, the old one")

    def shown() -> None:
        token = random.choice(list(keys))
        if keys[token] not in [revealed.key.text for revealed in reveal_keys(context, token)]:
            wrong.append("shown")

    def disabled() -> None:
        token = random.choice(list(keys))
        bulk.apply(context, Action.DISABLE, [token])
        expect(keys[token], False, "disabled")
        bulk.apply(context, Action.ENABLE, [token])
        expect(keys[token], True, "enabled")

    works: list[Callable[[], None]] = [made, rotated, shown, disabled]
    while not ends.is_set():
        work, begun = random.choice(works), time.perf_counter()
        try:
            work()
        except Exception as error:
            wrong.append(f"{work.__name__}: {error!r}")
        times.append(time.perf_counter() - begun)
        time.sleep(0.02)
    result.send({"asked": len(times), "wrong": wrong[:5], "number": len(wrong), "longest": max(times), "keys": keys})
    context.close()


def prober(path: str, begins: Event, ends: Event, result: Connection) -> None:
    """How long, in seconds, the write lock was refused each time, before the rotation begins and from then on."""
    refused: tuple[list[float], list[float]] = ([], [])
    since = None
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        while not ends.is_set():
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
                if since is not None:
                    refused[begins.is_set()].append(time.perf_counter() - since)
                    since = None
            except sqlite3.OperationalError:
                since = since or time.perf_counter()
            time.sleep(0.001)
    result.send(refused)


def rotate(environ: dict[str, str], kills: int) -> tuple[float, int]:
    """Seconds that the rotation ran, all calls together, and how often it was killed."""
    command = [sys.executable, "-m", "tokentui", "vault", "rotate", "--json"]
    ran, killed, waits = 0.0, 0, random.Random(13)
    while True:
        begun = time.perf_counter()
        with subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True) as rotating:
            try:
                out, _ = rotating.communicate(timeout=waits.uniform(0.8, 3) if killed < kills else None)
            except subprocess.TimeoutExpired:
                rotating.send_signal(signal.SIGKILL)
                rotating.wait()
                killed += 1
                out = ""
        ran += time.perf_counter() - begun
        if out:
            print(json.loads(out))
            return ran, killed


def main(tokens: int, kills: int) -> int:
    """Prints what was seen; 1 where somebody noticed."""
    with tempfile.TemporaryDirectory() as place:
        made = sample.make(Path(place), tokens)
        own, revoked, valid = made.keys[:OWN], made.keys[OWN : OWN + REVOKED], made.keys[OWN + REVOKED :]
        rebuild_derived(made.context.database)  # the samples came past the triggers
        bulk.apply(made.context, Action.DISABLE, [parse_key(key).token_id for key in revoked])
        revoked += [new_key(parse_key(key).token_id).text for key in valid[:REVOKED]]
        spawn = get_context("spawn")
        begins, ends = spawn.Event(), spawn.Event()
        works: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
            "gate 1": (gate, (made.environ, valid, revoked, ends)),
            "gate 2": (gate, (made.environ, valid, revoked, ends)),
            "app": (app, (made.environ, own, ends)),
            "prober": (prober, (made.path, begins, ends)),
        }
        running = {}
        for name, (work, arguments) in works.items():
            here, there = spawn.Pipe()
            process = spawn.Process(target=work, args=(*arguments, there))
            process.start()
            running[name] = (process, here)
        time.sleep(10)
        begins.set()
        seconds, killed = rotate(made.environ, kills)
        ends.set()
        results = {name: here.recv() for name, (_, here) in running.items()}
        for process, _ in running.values():
            process.join()
        for when, waits in zip(("before", "meanwhile"), results.pop("prober"), strict=True):
            middle, tail = (sorted(waits)[int(len(waits) * part)] * 1000 for part in (0.5, 0.99))
            print(
                f"lock refused {when}: median {middle:.0f} ms, 99 % {tail:.0f} ms, longest {max(waits) * 1000:.0f} ms"
            )
        print(f"{tokens} tokens under a new master key in {seconds:.1f} s, killed {killed} times")
        for name, seen in results.items():
            longest = f"longest {seen['longest'] * 1000:.0f} ms"
            print(f"{name:8} {seen['asked']:>8} asked or done, {longest}, {seen['number']} wrong {seen['wrong']}")
        fine = all(not seen["number"] for seen in results.values())
        made.close()
        context = open_context(load(made.environ), environ=made.environ)
        findings = [finding for finding in check.check(context) if not finding.ok]
        tampering = check_audit(context).tampering
        last = Gate.from_context(context)
        keys = [*valid, *results["app"]["keys"].values()]
        refused = sum(not last.verify(f"ApiKey {key}").allowed for key in keys)
        print(f"afterwards: {len(keys)} valid keys, {refused} refused; {findings or 'db check passes'}; "
              f"{tampering or 'audit --check passes'}")  # fmt: skip
        context.close()
        return 0 if fine and not refused and not findings and not tampering else 1


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(sizes + [100_000, 5][len(sizes) :])))

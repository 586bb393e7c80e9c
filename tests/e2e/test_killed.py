"""What a program does that is killed at any point is whole or not there: a rotation, and an import."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import PROGRAM, Installed
from tokentui.gate import Gate

pytestmark = pytest.mark.e2e

KILLS = 20


def rotate(program: Installed, token_id: str, kill_after: float | None) -> str:
    """What it wrote until it was killed, so many seconds after its start, or until its end."""
    command = [str(PROGRAM), "rotate", token_id, "--overlap", "1h", "--json"]
    with subprocess.Popen(command, env=program.environment, stdout=subprocess.PIPE, text=True) as rotating:
        try:
            out, _ = rotating.communicate(timeout=60 if kill_after is None else kill_after)
        except subprocess.TimeoutExpired:
            rotating.send_signal(signal.SIGKILL)
            out, _ = rotating.communicate()
    return out


def test_a_rotation_that_is_killed(empty: Installed) -> None:
    """Whoever was told a new key has one that works; nobody's old key stops before its overlap ends."""
    tokens = [empty.json("create", "--name", f"Token {number}", "--all-modules") for number in range(KILLS)]
    begun = time.monotonic()
    assert rotate(empty, tokens[0]["id"], None)
    takes = time.monotonic() - begun
    gate = Gate(str(empty.database), empty.home / "master.key")

    def verified(key: str) -> str:
        return str(gate.verify(f"ApiKey {key}").reason)

    moments = random.Random(20)
    rotated = 0
    for number, token in enumerate(tokens[1:]):
        # Spread over the whole run, most of them where it reads and writes: in its second half.
        out = rotate(empty, token["id"], 0 if number == 0 else takes * (0.4 + 0.7 * moments.random()))
        assert verified(token["key"]) == "valid"
        current = empty.run("key", token["id"]).strip()
        assert verified(current) == "valid"
        entries = [entry["action"] for entry in empty.json("audit", token["id"])]
        assert entries.count("rotate") == (current != token["key"])
        rotated += current != token["key"]
        if number == 0:
            assert current == token["key"]
        if out.endswith("}\n"):
            assert json.loads(out)["key"] == current != token["key"]
    assert empty.json("db", "check")["ok"]
    assert rotated < len(tokens) - 1
    gate.close()
    gate.context.close()


def test_an_import_that_is_killed(empty: Installed, tmp_path: Path) -> None:
    """All of its tokens are there or none, each with its entry in the audit, which is whole."""
    file = tmp_path / "tokens.jsonl"
    keys = [f"old-key-number-{number}-of-theirs" for number in range(1_500)]
    lines = [{"name": key, "key": key, "permissions": "*"} for key in keys]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    command = [str(PROGRAM), "import", str(file), "--json"]
    begun = time.monotonic()
    subprocess.run([*command, "--dry-run"], env=empty.environment, check=True, capture_output=True, timeout=60)
    takes = 2 * (time.monotonic() - begun)
    moments = random.Random(21)
    killed = 0
    for _ in range(KILLS):
        with subprocess.Popen(command, env=empty.environment, stdout=subprocess.PIPE, text=True) as importing:
            try:
                out, _ = importing.communicate(timeout=takes * (0.3 + 0.7 * moments.random()))
            except subprocess.TimeoutExpired:
                importing.send_signal(signal.SIGKILL)
                out, _ = importing.communicate()
                killed += 1
        assert empty.json("db", "check")["ok"]
        assert empty.json("audit", "--check")["ok"]
        imported = empty.json("list")
        entries = [entry["action"] for entry in empty.json("audit")]
        assert (len(imported), entries.count("import")) in ((0, 0), (len(keys), len(keys)))
        if out.endswith("}\n"):
            assert len(json.loads(out)["done"]) == len(imported) == len(keys)
        if imported:
            gate = Gate(str(empty.database), empty.home / "master.key")
            assert gate.verify(f"Bearer {keys[-1]}").allowed
            gate.close()
            gate.context.close()
            break
    assert killed

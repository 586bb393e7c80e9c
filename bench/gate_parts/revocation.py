"""Another process revokes a token and gives it back, ten thousand times: is one request answered as before?"""

from __future__ import annotations

import subprocess
import sys

from gate_parts.measure import Table
from gate_parts.sample import Sample
from tokentui.gate import Gate

# Checkpoints, a WAL that begins anew, a connection that comes and goes: each of them once misled a way to see changes.
OTHER = """
import sqlite3, sys
path, number = sys.argv[1], int(sys.argv[2])
def opened():
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("PRAGMA synchronous=OFF")
    return connection
connection = opened()
for turn, line in enumerate(sys.stdin):
    connection.execute("UPDATE tokens SET disabled_at = ? WHERE id = ?", (int(line) or None, number))
    if turn % 97 == 0:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if turn % 131 == 0:
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
    if turn % 211 == 0:
        connection.close()
        connection = opened()
    print("done", flush=True)
"""


def measure(table: Table, sample: Sample, *, trials: int) -> None:
    """Each trial revokes, asks, gives back, asks: the first request after each commit has to know it."""
    gate = Gate.from_context(sample.context)
    key = sample.keys[0]
    header, number = f"ApiKey {key}", key[3:14].replace("-", "")
    gate.verify(header)
    late = 0
    command = [sys.executable, "-c", OTHER, sample.path, number]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for _ in range(trials):
            for disabled in (1, 0):
                other.stdin.write(f"{disabled}\n")
                other.stdin.flush()
                other.stdout.readline()
                late += gate.verify(header).allowed is bool(disabled)
        other.stdin.close()
    shown = f"{trials:,}".replace(",", " ")
    table.say(f"{f'revocation by another process: late ones of {shown}, and as many given back':<86} {late:9}  = 0")
    gate.close()

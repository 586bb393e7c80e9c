"""Other programs' verifications a second: each in a process of the bench's own virtual environment, taking turns."""

from __future__ import annotations

import json
import os
import random
import subprocess
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from gate_parts.measure import Table, interleaved, rate, ratio
from gate_parts.sample import Sample
from tokentui.gate import Gate

BENCH = Path(__file__).parent.parent
SITES = BENCH / "sites"
PLACE = BENCH / ".venv"
# With what they need to be measured as their own documents say. tokentui goes along for the servers: so that both
# sides of a comparison run under the same versions.
PEERS = (
    "django", "djangorestframework", "djangorestframework-api-key", "keyshield[core,fastapi]", "sqlalchemy[asyncio]",
    "fastapi", "gunicorn",
)  # fmt: skip
NEEDED = ["-c", str(BENCH.parent / "constraints.txt"), "-e", f"{BENCH.parent}[server]", *PEERS]


def python(table: Table) -> str | None:
    """The interpreter of bench/.venv, made and filled first; None, and a line that says why, where that fails."""
    interpreter = PLACE / "bin" / "python"
    ready = PLACE / ".ready"
    wanted = "\n".join(NEEDED)
    if ready.exists() and ready.read_text() == wanted:
        return str(interpreter)
    try:
        if not interpreter.exists():
            venv.create(PLACE, with_pip=True)
        command = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDED]
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        table.say(f"the peers can't be installed, so nothing is compared with them: {lines[-1] if lines else error}")
        return None
    ready.write_text(wanted)
    return str(interpreter)


class Worker:
    """A script in `sites/` that verifies as often as it is told to, and prints its rate as JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._answer()

    def rate(self, calls: int) -> float:
        """Calls a second."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{calls}\n")
        self._process.stdin.flush()
        return float(self._answer()["rate"])

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a peer ended")
        return dict(json.loads(line))


@contextmanager
def worker(interpreter: str, place: Path, script: str, *arguments: str) -> Iterator[Worker]:
    """Runs one, with its files in `place`."""
    command = [interpreter, str(SITES / script), *arguments]
    with subprocess.Popen(
        command, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "BENCH": "1"}
    ) as process:
        try:
            yield Worker(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def measure(table: Table, sample: Sample, place: Path, *, rounds: int, calls: int) -> None:
    """A known key again and again, as the others are measured."""
    interpreter = python(table)
    if interpreter is None:
        return
    gate = Gate.from_context(sample.context)
    headers = [f"ApiKey {key}" for key in random.choices(sample.keys[:1_000], k=calls)]
    decide = partial(gate.verify, path="/agreements/")
    with ExitStack() as stack:
        start = lambda *arguments: stack.enter_context(worker(interpreter, place, *arguments))  # noqa: E731
        drf = start("drf_rates.py")
        cached, default = start("keyshield_rates.py", "cached"), start("keyshield_rates.py", "default")
        rates = interleaved(
            {
                "tokentui": lambda: rate(decide, headers),
                "drf": lambda: drf.rate(calls // 40),
                "cached": lambda: cached.rate(calls // 4),
                "default": lambda: default.rate(10),
            },
            rounds,
        )
    for what, name, target in (
        ("djangorestframework-api-key is_valid (1 000 keys, SQLite)", "drf", "≥ 40"),
        ("keyshield, its in-memory cache and repository, its delay switched off", "cached", "≥ 4"),
        ("keyshield, default hasher, in-memory repository, delay switched off", "default", "≥ 10000"),
    ):
        table.add(f"known key, in process / {what}", ratio(rates, "tokentui", name), target)
    gate.close()

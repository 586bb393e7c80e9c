"""The installed program with a home of its own and a sample database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run_command
from tests.e2e.terminal import Terminal

PROGRAM = Path(sys.executable).parent / "tokentui"


class Installed:
    """The program, its home and its database."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.database = place / "sample.db"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "TOKENTUI_HOME": str(self.home),
            "TOKENTUI_DB": str(self.database),
            "TZ": "Europe/Berlin",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "TOKENTUI_DEBUG": "1",
            "SSH_CONNECTION": "10.0.0.5 50000 10.0.0.1 22",
        }
        self._terminals: list[Terminal] = []

    def run(self, *arguments: str, status: int = 0) -> str:
        """A command to its end, in this process, which is fast; its standard output."""
        done = run_command(self.environment, *arguments)
        assert done.status == status, done.err
        return done.out

    def spawn(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command to its end, in a process of its own, where it matters what that process has."""
        return subprocess.run(
            [PROGRAM, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *arguments: str) -> Any:
        """A command's JSON."""
        return json.loads(self.run(*arguments, "--json"))

    def open(
        self, *arguments: str, columns: int = 80, lines: int = 24, raw: bool = False, **environment: str
    ) -> Terminal:
        """The app in a terminal, which is found `raw` where a program was killed in it."""
        command = [str(PROGRAM), *arguments]
        terminal = Terminal(command, self.environment | environment, columns=columns, lines=lines, raw=raw)
        self._terminals.append(terminal)
        return terminal

    def close(self) -> None:
        """Ends what is still open."""
        for terminal in self._terminals:
            terminal.kill(signal.SIGKILL)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installed]:
    """With its master key and no token, as after the first one was made and purged."""
    program = Installed(tmp_path)
    program.database = program.home / "tokens.db"
    del program.environment["TOKENTUI_DB"]
    first = program.json("create", "--name", "First", "--all-modules")["id"]
    program.run("delete", first, "--yes")
    program.run("purge", "--yes")
    yield program
    program.close()


@pytest.fixture(scope="session")
def sample_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database of 40 sample tokens beside it, to be copied."""
    place = tmp_path_factory.mktemp("installed")
    program = Installed(place)
    del program.environment["TOKENTUI_DB"]
    program.run("demo", "--to", str(program.database))
    return place


@pytest.fixture
def installed(sample_place: Path, tmp_path: Path) -> Iterator[Installed]:
    """With 40 sample tokens."""
    shutil.copytree(sample_place, tmp_path, dirs_exist_ok=True)
    program = Installed(tmp_path)
    yield program
    program.close()


@pytest.fixture
def another(sample_place: Path, tmp_path: Path) -> Iterator[Installed]:
    """The same with a home of its own."""
    place = tmp_path / "another"
    shutil.copytree(sample_place, place)
    program = Installed(place)
    yield program
    program.close()

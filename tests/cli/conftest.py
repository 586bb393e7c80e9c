"""The command with a home of its own: in this process, which is fast, or in one of its own (`Tokentui.spawn`)."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from unittest import mock

import pytest

from tokentui.cli.main import main


@dataclass
class Done:
    """What a run of the command left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def key(self) -> str:
        """The key on the last line."""
        return self.out.splitlines()[-1]


def run_command(
    environment: Mapping[str, str],
    *arguments: str,
    stdin: str | bytes = "",
    stdout: TextIO | None = None,
    encoding: str = "utf-8",
) -> Done:
    """Runs `tokentui` to its end in this process, with this environment alone.

    Its streams are text over bytes, as those of a process are. Where `stdout` is given, it is written there, and `out`
    is empty.
    """
    data = stdin.encode() if isinstance(stdin, str) else stdin
    out, err, status = io.BytesIO(), io.BytesIO(), 0
    out_text = io.TextIOWrapper(out, encoding=encoding)
    err_text = io.TextIOWrapper(err, encoding=encoding, errors="backslashreplace")
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")),
        contextlib.redirect_stdout(stdout or out_text),
        contextlib.redirect_stderr(err_text),
    ):
        try:
            main(arguments)
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
    out_text.flush()
    err_text.flush()
    return Done(status, out.getvalue().decode(encoding), err.getvalue().decode(encoding))


def full() -> TextIO:
    """A standard output whose disk is full."""
    return open("/dev/full", "w", encoding="utf-8")


def no_output() -> TextIO:
    """A standard output that can't be written to: what the program opens in place of one that is closed."""
    return os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")


def left_pipe() -> TextIO:
    """A standard output that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w", encoding="utf-8")


class Tokentui:
    """Runs `tokentui` with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home.parent),
            "TOKENTUI_HOME": str(home),
            "TZ": "Europe/Berlin",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        """Runs it to its end, in this process."""
        return run_command(self.environment | environment, *arguments, stdin=stdin)

    def with_streams(
        self, *arguments: str, stdin: bytes = b"", stdout: TextIO | None = None, encoding: str = "utf-8"
    ) -> Done:
        """Runs it to its end, in this process, with streams that are not what it expects."""
        return run_command(self.environment, *arguments, stdin=stdin, stdout=stdout, encoding=encoding)

    def spawn(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        """Runs it to its end, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "tokentui", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment | environment,
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def in_terminal(
        self, *arguments: str, typed: str = "", columns: int = 80, environment: Mapping[str, str] = {}
    ) -> Done:
        """Runs it to its end in a process of its own, on a terminal; `out` is all that was shown, without `\\r`.

        `typed` is what the person types: it waits in the terminal until it is read.
        """
        controller, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, columns))
        with subprocess.Popen(
            [sys.executable, "-m", "tokentui", *arguments],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**self.environment, **environment},
            start_new_session=True,
        ) as process:
            os.close(terminal)
            os.write(controller, typed.encode())
            shown = b""
            with contextlib.suppress(OSError):  # EIO: the other end is closed
                while chunk := os.read(controller, 65_536):
                    shown += chunk
            status = process.wait(timeout=60)
        os.close(controller)
        return Done(status, shown.decode().replace("\r", ""), "")

    def make(self, *arguments: str, name: str = "Token") -> dict[str, Any]:
        """A new token as JSON, with its key."""
        given = {"--module", "--all-modules", "--extension"} & set(arguments)
        choice = () if given else ("--all-modules",)
        done = self("create", "--name", name, "--json", *choice, *arguments)
        assert done.status == 0, done.err
        made: dict[str, Any] = done.json
        return made


@pytest.fixture
def tokentui(tmp_path: Path, new_database: Path) -> Tokentui:
    """`tokentui("list", "--json")`, on a new database."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(new_database, home)
    return Tokentui(home)

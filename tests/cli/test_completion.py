"""Completion: what is offered for a line, and the scripts in real shells."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pyte
import pytest

from tests.cli.conftest import Tokentui
from tokentui.cli.completion import split_line


def offered(tokentui: Tokentui, line: str) -> dict[str, str]:
    """The values that a script is given, each with its meaning."""
    done = tokentui("completion", "offer", stdin=line)
    assert (done.status, done.err) == (0, "")
    rows = [row.split("\t") for row in done.out.splitlines()]
    return {value: meaning for _, value, meaning in rows}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tokentui ", ([], "")),
        ("tokentui li", ([], "li")),
        ("tokentui list  --sta", (["list"], "--sta")),
        ("sudo -u ops /usr/bin/tokentui show ", (["show"], "")),
        ("TOKENTUI_DB=x tokentui show SU", (["show"], "SU")),
        ('tokentui list --filter "status:a ext:', (["list", "--filter"], "status:a ext:")),
        ("tokentui list 'a b' c\\ d", (["list", "a b"], "c d")),
        ('tokentui list "a \\" b"', (["list"], 'a " b')),
        ("tokentui list a\\", (["list"], "a")),
        ("", ([], "")),
    ],
)
def test_a_line_is_read_as_the_shell_does(line: str, expected: tuple[list[str], str]) -> None:
    """Up to the cursor, with quotes that may still be open."""
    assert split_line(line) == expected


def test_commands_and_options(tokentui: Tokentui) -> None:
    """Those of the place, with what they mean; nothing that is hidden."""
    assert offered(tokentui, "tokentui ren") == {"renew": "A new expiry and a new secret."}
    assert set(offered(tokentui, "tokentui completion ")) == {"bash", "zsh", "fish"}
    assert set(offered(tokentui, "tokentui db res")) == {"restore"}
    assert "--filter" in offered(tokentui, "tokentui list --fi")
    assert set(offered(tokentui, "tokentui --re")) == {"--read-only"}
    assert set(offered(tokentui, "tokentui --color a")) == {"auto", "always"}
    assert set(offered(tokentui, "tokentui list --status=exp")) == {"expiring", "expired"}
    assert set(offered(tokentui, "tokentui help ver")) == {"verify", "version"}


def test_ids_come_with_names(tokentui: Tokentui) -> None:
    """Those that the command can do something to, from the database that the line names."""
    on, off = tokentui.make(name="Billing export")["id"], tokentui.make(name="Old\u00e9 bridge")["id"]
    tokentui("disable", off)
    assert offered(tokentui, "tokentui show ") == {on: "Billing export", off: "Old\u00e9 bridge"}
    assert offered(tokentui, f"tokentui show {on[:5].lower()}").keys() >= {on}
    assert offered(tokentui, f"tokentui show {on}") == {on: "Billing export"}
    assert offered(tokentui, "tokentui show XY") == {}
    assert offered(tokentui, "tokentui enable ").keys() == {off}
    assert offered(tokentui, "tokentui disable ").keys() == {on}
    assert offered(tokentui, f"tokentui delete {on} ").keys() == {off}
    assert offered(tokentui, "tokentui restore ") == {}
    assert offered(tokentui, "tokentui --db /nowhere/x.db show ") == {}


def test_modules_extensions_and_the_filter(tokentui: Tokentui) -> None:
    """By the catalogue; fields alone are followed by their value."""
    assert offered(tokentui, "tokentui create --module help") == {"helpdesk": "Helpdesk"}
    assert set(offered(tokentui, "tokentui create --extension z")) == {"zapier"}
    assert set(offered(tokentui, "tokentui list stat")) == {"status:"}
    assert set(offered(tokentui, "tokentui list -- -status:exp")) == {"-status:expiring", "-status:expired"}
    assert set(offered(tokentui, 'tokentui disable --filter "export ext:z')) == {"export ext:zapier"}
    assert set(offered(tokentui, "tokentui list --filter module:helpd")) == {"module:helpdesk"}
    assert set(offered(tokentui, "tokentui list --columns id,las")) == {"id,last-used"}
    assert set(offered(tokentui, "tokentui list --sort las")) == {"last-used"}


def test_files_are_the_shells_own(tokentui: Tokentui) -> None:
    """Where a file is meant."""
    for line in ("tokentui --db /tmp/x", "tokentui db backup x", "tokentui catalog import ", "tokentui demo --to y"):
        assert tokentui("completion", "offer", stdin=line).out.startswith("file\t")


def test_nothing_is_written_and_nothing_is_said(tokentui: Tokentui, tmp_path: Path) -> None:
    """Where there is no database, none is made; a configuration that is wrong and a damaged file offer nothing."""
    shutil.rmtree(tokentui.home)
    assert offered(tokentui, "tokentui show ") == {}
    assert not tokentui.home.exists()
    damaged = tmp_path / "x.db"
    damaged.write_text("x" * 5000)
    assert offered(tokentui, f"tokentui --db {damaged} show ") == {}
    assert offered(tokentui, f"tokentui --config {damaged} show ") == {}


def test_a_name_is_shown_as_text(tokentui: Tokentui) -> None:
    """It may hold what a shell would run, or what makes it wide."""
    name = "$(reboot) `id` " + "令" * 60
    token_id = tokentui.make(name=name)["id"]
    meaning = offered(tokentui, "tokentui show ")[token_id]
    assert meaning.startswith("$(reboot) `id` 令")
    assert meaning.endswith("…")


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(tokentui completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -D; source <(tokentui completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "tokentui completion fish | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(tokentui: Tokentui, tmp_path: Path, shell: str) -> None:
    """Tab writes the rest of an option, of a filter's value behind its colon, and of an ID; the command then runs."""
    command, source = SHELLS[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{shell} is not installed")
    token_id = tokentui.make("--expires", "3d", name="Soon")["id"]
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "tokentui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tokentui "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{programs}:{os.environ['PATH']}", "TERM": "xterm", "HISTFILE": "/dev/null"}
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (60, 160))
    with subprocess.Popen(
        ["setsid", "--ctty", *command],  # fish ends without a terminal that controls it
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=tokentui.environment | path,
    ) as process:
        os.close(terminal)
        typing = Typing(controller)
        typing.type(f"{source}; echo re''ady\r", until="ready")
        typing.type("tokentui list --colu\t", until="--columns")
        typing.type("id status:expiri\t", until="status:expiring")
        typing.type("; echo do''ne\r", until="done")
        assert token_id in typing.shown
        typing.type(f"tokentui show {token_id[:-2]}\t", until=f"tokentui show {token_id}")
        typing.type("; echo shut''down\r", until="shutdown")
        assert "Description" in typing.shown
        process.kill()
    os.close(controller)


class Typing:
    """Types into a terminal, and reads its screen: shells draw only what changes of a line."""

    def __init__(self, controller: int) -> None:
        self._controller = controller
        self._screen = pyte.Screen(160, 60)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def shown(self) -> str:
        """The whole screen."""
        return "\n".join(self._screen.display)

    def type(self, keys: str, *, until: str) -> None:
        """Types keys, and waits until the text is on the screen."""
        os.write(self._controller, keys.encode())
        while until not in self.shown:
            assert select.select([self._controller], [], [], 30)[0], f"{until!r} is not in:\n{self.shown}"
            self._stream.feed(os.read(self._controller, 65_536))

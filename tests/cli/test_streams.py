"""Standard streams that are closed, full, cut or of another encoding: one line, the right status, nothing lost."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Tokentui, full, no_output
from tokentui.cli import streams

PROGRAM = [sys.executable, "-m", "tokentui"]
COMMANDS = ("list", "list --json", "list --csv", "stats", "audit", "audit --json", "catalog show", "export", "db check")


def shell(
    tokentui: Tokentui, redirected: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs the command in a shell that redirects its streams."""
    return subprocess.run(
        ["bash", "-c", f'"$@" {redirected}', "bash", *PROGRAM, *arguments],
        env=tokentui.environment | environment,
        capture_output=True,
        timeout=60,
    )


def one_line(error: bytes) -> str:
    """Standard error, which must be one line of ours."""
    text = error.decode()
    assert text.startswith("tokentui: "), text
    assert text.count("\n") == 1, text
    return text


@pytest.mark.parametrize(
    ("redirected", "output"), [(">&-", no_output), ("> /dev/full", full), ("1< /dev/null", no_output)]
)
def test_what_can_not_be_printed_is_one_line_and_names_what_was_made(
    tokentui: Tokentui, redirected: str, output: Callable[[], TextIO]
) -> None:
    """The key is lost to the operator only until the next command."""
    made = shell(tokentui, redirected, "create", "--name", "x", "--all-modules")
    line = one_line(made.stderr)
    assert made.returncode == 1
    label = re.search(r"SU-\d{3}-\d{3}-\d{3}", line)
    assert label is not None
    assert f"tokentui key {label[0]}" in line
    assert tokentui("key", label[0]).status == 0
    failed = shell(tokentui, redirected, "list")
    assert "can't be written" in one_line(failed.stderr)
    assert failed.returncode == 1

    def run(*arguments: str) -> str:
        with output() as stdout:
            done = tokentui.with_streams(*arguments, stdout=stdout)
        assert done.status == 1
        return one_line(done.err.encode())

    for command in (("rotate", label[0]), ("renew", label[0], "--expires", "60d"), ("key", label[0])):
        assert label[0] in run(*command)
    assert f"{label[0]} was disabled" in run("disable", label[0])
    for words in ("list", "stats", "audit", "catalog show", "db check", "show " + label[0]):
        assert "can't be written" in run(*words.split())


def test_a_reader_that_leaves_before_the_key_comes(tokentui: Tokentui) -> None:
    """`tokentui create | true`: the line names the token."""
    for arguments in (("create", "--name", "x", "--all-modules"), ("create", "--name", "x", "--all-modules", "--json")):
        with subprocess.Popen(
            [*PROGRAM, *arguments], env=tokentui.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.close()
            line = one_line(running.stderr.read())
        assert running.returncode == 1
        assert re.search(r"tokentui key SU-\d{3}-\d{3}-\d{3}", line)


def test_every_stream_closed(tokentui: Tokentui) -> None:
    """No file of the program gets a stream's number, and the status still says that the result is lost."""
    token_id = tokentui.make()["id"]
    for command in ("list", f"key {token_id}", f"rotate {token_id}", "verify"):
        done = shell(tokentui, ">&- 2>&- <&-", *command.split())
        assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    assert shell(tokentui, "2>&-", "show", "SU-000-000-000").returncode == 1
    assert shell(tokentui, "2> /dev/full", "list").returncode == 0
    assert tokentui("db", "check").status == 0


@pytest.fixture(scope="module")
def latin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a terminal in ISO 8859-1."""
    path = tmp_path_factory.mktemp("locales")
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(path / "de_DE.ISO-8859-1")], capture_output=True
    )
    if made.returncode not in (0, 1):  # 1: made, with warnings
        return {"PYTHONIOENCODING": "iso-8859-1"}
    return {"LOCPATH": str(path), "LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_what_a_terminal_lacks_is_replaced(tokentui: Tokentui, latin: dict[str, str], encoding: str) -> None:
    """Every command prints, and a key comes whole: some in a process that chooses the encoding itself."""
    environment = latin if encoding == "latin-1" else {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    token_id = tokentui.make(name="Zürich 請求書 😀")["id"]
    made = shell(tokentui, "", "rotate", token_id, **environment)
    assert made.returncode == 0, made.stderr
    key = made.stdout.splitlines()[-1].decode("ascii")
    for command in (f"show {key[:14]}", "list"):
        done = shell(tokentui, "", *command.split(), **environment)
        assert b"Traceback" not in done.stderr, command
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout, command
    for command in (f"show {key[:14]}", f"key {key[:14]}", *COMMANDS, "--help"):
        printed = tokentui.with_streams(*command.split(), encoding=encoding)
        assert printed.status in (0, 1), (command, printed.err)
        assert printed.out, command
    shown = shell(tokentui, "", "list", "--json", **environment).stdout
    assert shown.isascii()
    assert tokentui("list", "--json").json == json.loads(shown)


def test_columns_stay_in_line_where_signs_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding, shown in (("ascii", "Zo?-??-???? * - > ...."), ("latin-1", "Zoë-??-???? * - > ....")):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        streams.prepare()
        print("Zoë-😀-漢字 ● — → …▁▂░", end="", flush=True)
        assert raw.getvalue().decode(encoding) == shown
        assert cell_len(shown) == cell_len("Zoë-😀-漢字 ● — → …▁▂░")


def test_a_catalogue_comes_back_whole_from_any_locale(tokentui: Tokentui, latin: dict[str, str]) -> None:
    """TOML is UTF-8, whatever the terminal is."""
    text = tokentui("catalog", "show").out
    (tokentui.home / "catalog.toml").write_text(text.replace("Helpdesk", "Hilfe für 請求書 😀"), encoding="utf-8")
    assert tokentui("catalog", "import", str(tokentui.home / "catalog.toml")).status == 0
    shown = shell(tokentui, "", "catalog", "show", **latin).stdout
    assert shown.isascii()
    assert tokentui("catalog", "import", "-", stdin=shown.decode()).status == 0
    assert "Hilfe für 請求書 😀" in tokentui("catalog", "show").out


def test_bytes_that_are_no_text(tokentui: Tokentui, tmp_path: Path) -> None:
    """On standard input, in arguments and in names of files."""
    tokentui.make()
    home = os.fsencode(str(tmp_path))
    cases: tuple[tuple[bytes, ...], ...] = (
        (b"catalog", b"import", b"-"),
        (b"show", b"\xff\x1b[31m"),
        (b"create", b"--all-modules", b"--name", b"\xff"),
        (b"--db", home + b"/\xff/\x9b.db", b"list"),
        (b"--config", home + b"/\xff\x9b", b"list"),
        (b"list", b"--filter", b"name:\xff\x9b status:\xff"),
        (b"db", b"backup", home + b"/\xff/x"),
        (b"no\xffsuch",),
    )
    for case in cases:
        done = tokentui.with_streams(*map(os.fsdecode, case), stdin=b"\xff\xfe")
        line = one_line(done.err.encode())
        assert done.status in (2, 3), line
        assert line.rstrip("\n").isprintable()
    for case in cases[:2]:
        own = subprocess.run(
            [*map(os.fsencode, PROGRAM), *case], env=tokentui.environment, input=b"\xff\xfe", capture_output=True
        )
        assert own.returncode in (2, 3)
        assert one_line(own.stderr).rstrip("\n").isprintable()
    verified = tokentui.with_streams("verify", "--json", stdin=b"ApiKey \xff\xfe")
    assert verified.status == 1
    assert "malformed" in verified.out

"""`tokentui audit` as a table."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import Tokentui
from tokentui.ui.text import cell_width


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_terminal(tokentui: Tokentui, width: int) -> None:
    """When, what and which token stand at every width; what was changed has the room that is left, if there is any."""
    token = tokentui.make(name="A name " + "x" * 120)["id"]
    tokentui("rotate", token, "--overlap", "1h")
    tokentui("edit", token, "--name", "Short", SUDO_USER="a-name-of-an-operator-that-is-long")
    lines = tokentui.in_terminal("audit", columns=width).out.splitlines()
    plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
    assert len(plain) == 4
    assert max(map(cell_width, plain)) <= width
    assert all(token in line for line in plain[1:])
    assert ("CHANGES" in plain[0]) is (width >= 80)
    assert ("A name xxx" in plain[1]) is (width >= 80)


def test_a_pipe_gets_straight_columns_and_all_of_them(tokentui: Tokentui) -> None:
    """Whatever is the longest actor and action."""
    token = tokentui.make(name="Nightly")["id"]
    tokentui("disable", token)
    lines = tokentui("audit").out.splitlines()
    places = [line.index(token) for line in lines[1:]]
    assert set(places) == {lines[0].index("TOKEN")}


def test_nothing_is_recorded(tokentui: Tokentui) -> None:
    """Said on standard error, as a program reads the other."""
    done = tokentui("audit")
    assert (done.status, done.out, done.err) == (0, "", "Nothing is recorded\n")


def test_the_filter_narrows_it_down(tokentui: Tokentui) -> None:
    made = tokentui.make()
    tokentui("rotate", made["id"])
    actor = tokentui("audit", "--json").json[0]["actor"]
    assert [entry["action"] for entry in tokentui("audit", "--filter", "action:rotate since:1h", "--json").json] == [
        "rotate"
    ]
    assert len(tokentui("audit", made["id"], "--filter", f"actor:{actor}", "--json").json) == 2
    lines = tokentui("audit", "--filter", "action:create", "--csv").out.splitlines()
    assert lines[0] == "at,actor,origin,action,token,changes"
    assert len(lines) == 2
    done = tokentui("audit", "--filter", "actor:nobody")
    assert (done.status, done.out, done.err) == (0, "", "No entry matches\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--filter", "sinse:7d"], "did you mean since?"),
        (["--check", "--csv"], "--check reads the whole audit"),
        (["--json", "--csv"], "choose one of --json and --csv"),
        (["SU-631-646-036", "--filter", "token:SU-631-646-036"], "name a token each"),
    ],
)
def test_what_does_not_go_together(tokentui: Tokentui, arguments: list[str], said: str) -> None:
    done = tokentui("audit", *arguments)
    assert done.status == 2
    assert said in done.err + done.out  # with --json the error is JSON


def test_following(tokentui: Tokentui) -> None:
    """The newest first entries, then those that other processes write, as lines or as objects; it ends when told to."""
    tokentui.make(name="Old")
    command = [sys.executable, "-m", "tokentui", "audit", "--follow", "--filter", "action:create", "--json"]
    with subprocess.Popen(command, env=tokentui.environment, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["changes"]["name"] == [None, "Old"]
        token_id = tokentui.make(name="New")["id"]
        tokentui("disable", token_id)
        tokentui.make(name="Newer")
        assert [json.loads(following.stdout.readline())["changes"]["name"][1] for _ in range(2)] == ["New", "Newer"]
        following.send_signal(signal.SIGTERM)
        assert following.stdout.read() == ""
    assert following.returncode == 0
    for arguments in (("--follow", "--csv"), ("--follow", "--check")):
        assert tokentui("audit", *arguments).status == 2


def test_the_audit_goes_to_a_log_too(tokentui: Tokentui) -> None:
    """Which doctor looks at; one that can't be written is a warning, and the token is made."""
    config, file = tokentui.home / "config.toml", tokentui.home / "audit.log"
    config.write_text(f'audit_log = "{file}"\n', encoding="utf-8")
    named = ("--config", str(config))
    assert tokentui(*named, "create", "--name", "A", "--all-modules").status == 0
    assert json.loads(file.read_text(encoding="ascii"))["action"] == "create"
    assert "audit log" in tokentui(*named, "doctor").out
    config.write_text(f'audit_log = "{tokentui.home}"\n', encoding="utf-8")
    done = tokentui.spawn(*named, "create", "--name", "B", "--all-modules")
    assert (done.status, "can't be written (Is a directory)" in done.err) == (0, True)
    config.write_text('audit_log = "relative.log"\n', encoding="utf-8")
    refused = tokentui(*named, "list")
    assert (refused.status, "write it like journal" in refused.err) == (2, True)

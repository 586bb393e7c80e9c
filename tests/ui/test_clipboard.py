"""Which route a text takes to the clipboard, and that it is never an argument on that route."""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tokentui.ui.clipboard import Copied, Kind, Route, choose, copy, osc52, screen_sequence

SECRET = "SU-631-646-036:" + "f" * 40


def with_programs(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in names else None


ALL = with_programs("tmux", "wl-copy", "xclip", "xsel", "pbcopy")


def labels(routes: tuple[Route, ...]) -> list[str]:
    return [route.label for route in routes]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ["pbcopy", "OSC 52"]),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ["wl-copy", "xclip", "xsel", "pbcopy", "OSC 52"]),
        ({"DISPLAY": ":0"}, ["xclip", "xsel", "pbcopy", "OSC 52"]),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.5 1 10.0.0.1 22"}, ["OSC 52"]),
        ({"SSH_TTY": "/dev/pts/1"}, ["OSC 52"]),
        ({"TMUX": "/tmp/tmux-0/default,1,0", "DISPLAY": ":0"}, ["tmux", "tmux", "OSC 52"]),
        ({"STY": "1.pts-0.host"}, ["GNU screen"]),
        ({"TERM": "linux", "SSH_TTY": "/dev/pts/1"}, []),
    ],
)
def test_the_environment_decides(environ: dict[str, str], expected: list[str]) -> None:
    """A multiplexer swallows what the terminal would read; over SSH this machine's clipboard is not the operator's."""
    assert labels(choose(environ, "auto", ALL)) == expected


def test_tmux_without_its_program_leaves_the_terminal() -> None:
    """As in a container that was entered from tmux."""
    assert labels(choose({"TMUX": "x"}, "auto", with_programs())) == ["OSC 52"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("none", []),
        ("osc52", ["OSC 52"]),
        ("tmux", ["tmux", "tmux"]),
        ("screen", ["GNU screen"]),
        ("system", ["xclip"]),
    ],
)
def test_the_setting_decides_over_the_environment(setting: str, expected: list[str]) -> None:
    """The configuration's word is the only route tried."""
    assert labels(choose({"DISPLAY": ":0", "STY": "x"}, setting, with_programs("tmux", "xclip"))) == expected


def test_only_the_desktop_is_certain() -> None:
    """Neither a terminal nor tmux, which hands on to one, answers."""
    assert [kind for kind in Kind if Route(kind).certain] == [Kind.SYSTEM]


def test_a_copy_that_stays_with_tmux_says_so() -> None:
    """Whoever attaches to the session can paste it."""
    assert [kind for kind in Kind if Route(kind).left_behind] == [Kind.TMUX]
    assert "tmux delete-buffer" in Route(Kind.TMUX).left_behind


def test_osc52_holds_the_text() -> None:
    """The control sequence as terminals read it."""
    assert osc52("héllo") == "\x1b]52;c;" + base64.b64encode("héllo".encode()).decode() + "\x07"


def test_screen_gets_pieces_that_join_to_the_sequence() -> None:
    """No piece is longer than old versions of GNU screen take."""
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", screen_sequence(SECRET * 20), re.DOTALL)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 76
    assert "".join(pieces) == osc52(SECRET * 20)


def program(directory: Path, name: str, script: str) -> str:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_program_reads_the_text_from_its_input(tmp_path: Path) -> None:
    """And sees nothing of it among its arguments."""
    path = program(tmp_path, "xclip", f'cat > {tmp_path}/input; echo "$@" > {tmp_path}/arguments')
    route = Route(Kind.SYSTEM, (path, "-selection", "clipboard"))
    assert copy((route,), SECRET, lambda text: pytest.fail("written to the terminal")) == Copied(route)
    assert (tmp_path / "input").read_text() == SECRET
    assert (tmp_path / "arguments").read_text() == "-selection clipboard\n"


def test_a_program_that_stays_behind_does_not_hold_the_app(tmp_path: Path) -> None:
    """wl-copy and xclip go on in the background with the output they were given."""
    path = program(tmp_path, "wl-copy", f"cat > /dev/null; sleep 30 & echo $! > {tmp_path}/pid")
    assert copy((Route(Kind.SYSTEM, (path,)),), SECRET, lambda text: None).route is not None
    os.kill(int((tmp_path / "pid").read_text()), 15)


def test_a_failure_goes_on_to_the_next_way(tmp_path: Path) -> None:
    """An old tmux that knows no -w, a program that is gone; then the terminal."""
    old = Route(Kind.TMUX, (program(tmp_path, "tmux", "cat > /dev/null; exit 1"), "load-buffer", "-w", "-"))
    gone = Route(Kind.SYSTEM, (str(tmp_path / "xsel"),))
    written: list[str] = []
    copied = copy((old, gone, Route(Kind.OSC52)), SECRET, written.append)
    assert copied.route == Route(Kind.OSC52)
    assert copied.failures == ("tmux failed with status 1", "xsel: No such file or directory")
    assert written == [osc52(SECRET)]


def test_a_program_that_reads_nothing_is_a_failure_not_a_crash(tmp_path: Path) -> None:
    """It ends before the text was written: a broken pipe."""
    path = program(tmp_path, "xclip", "exit 3")
    copied = copy((Route(Kind.SYSTEM, (path,)),), SECRET * 10_000, lambda text: None)
    assert copied == Copied(None, ("xclip failed with status 3",))


def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """xclip waits for ever on a display that does not answer."""
    monkeypatch.setattr("tokentui.ui.clipboard.TIMEOUT_S", 0.05)
    path = program(tmp_path, "xclip", "exec sleep 30")
    copied = copy((Route(Kind.SYSTEM, (path,)),), SECRET, lambda text: None)
    assert copied == Copied(None, ("xclip did not answer",))


def test_no_way_is_no_failure() -> None:
    """`clipboard = "none"`: nothing was tried."""
    assert copy((), SECRET, lambda text: pytest.fail("written")) == Copied(None)


def test_nothing_keeps_the_text() -> None:
    """What came of it can be logged."""
    assert SECRET not in repr(copy((Route(Kind.OSC52),), SECRET, lambda text: None))

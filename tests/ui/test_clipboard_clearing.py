"""Taking a copied key away again: only where it still is there, and nothing else with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.test_clipboard import program
from tokentui.ui.clipboard import Kind, Route, copy
from tokentui.ui.clipboard_clearing import can_clear, clear, digest

SECRET = "SU-631-646-036:" + "f" * 40


def desktop(directory: Path) -> Route:
    """An xclip that keeps the clipboard in a file."""
    held = directory / "held"
    path = program(directory, "xclip", f'case "$*" in *-out) cat {held} ;; *) cat > {held} ;; esac')
    return Route(Kind.SYSTEM, (path, "-selection", "clipboard", "-in"))


def test_the_desktop_s_clipboard_is_emptied(tmp_path: Path) -> None:
    """While it holds the key."""
    route = desktop(tmp_path)
    assert copy((route,), SECRET, lambda text: None).route == route
    assert clear(route, digest(SECRET))
    assert (tmp_path / "held").read_text() == ""
    assert not clear(route, digest(SECRET))


def test_what_was_copied_since_stays(tmp_path: Path) -> None:
    """It is not ours to take."""
    route = desktop(tmp_path)
    copy((route,), SECRET, lambda text: None)
    (tmp_path / "held").write_text("a shopping list")
    assert not clear(route, digest(SECRET))
    assert (tmp_path / "held").read_text() == "a shopping list"


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 30"])
def test_a_program_that_fails_or_hangs_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """And is no error: the key has been told to be in the clipboard."""
    monkeypatch.setattr("tokentui.ui.clipboard_clearing.TIMEOUT_S", 0.2)
    assert not clear(Route(Kind.SYSTEM, (program(tmp_path, "xsel", script),)), digest(SECRET))
    assert not clear(Route(Kind.SYSTEM, (str(tmp_path / "gone/wl-copy"),)), digest(SECRET))


def test_a_terminal_is_left_alone() -> None:
    """Nobody can look what its clipboard holds."""
    assert [kind for kind in Kind if can_clear(Route(kind, ("/usr/bin/xclip",)))] == [Kind.TMUX, Kind.SYSTEM]
    assert not can_clear(Route(Kind.SYSTEM, ("/usr/bin/other",)))


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Route]:
    """A tmux server of its own."""
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    subprocess.run([tmux, "-f", os.devnull, "new-session", "-d"], check=True, timeout=20)
    yield Route(Kind.TMUX, (tmux, "load-buffer", "-"))
    subprocess.run([tmux, "kill-server"], check=False, timeout=20)


def test_tmux_forgets_the_key_alone(tmux: Route) -> None:
    """Also below a buffer that was made since."""
    assert copy((tmux,), SECRET, lambda text: None).route == tmux
    assert copy((tmux,), "something else", lambda text: None).route == tmux
    assert clear(tmux, digest(SECRET))
    shown = subprocess.run([tmux.command[0], "list-buffers"], capture_output=True, text=True, timeout=20, check=True)
    assert "something else" in shown.stdout
    assert "SU-631" not in shown.stdout
    assert not clear(tmux, digest(SECRET))

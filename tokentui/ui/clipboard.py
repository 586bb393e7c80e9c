"""The operator's clipboard: through tmux, GNU screen, the desktop's own program, or the terminal itself (OSC 52).

The text goes to a program's standard input or to the terminal, never into an argument, which other users could read.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

TIMEOUT_S = 3.0
"""Seconds for a clipboard program; `xclip` waits for ever on a display that does not answer."""

_SCREEN_CHUNK = 76
"""Bytes in one control string of GNU screen: older ones drop a string longer than 256."""

_NO_OSC52 = ("linux", "dumb")
"""Values of TERM without a clipboard: the console prints the sequence's end on the screen."""

Which = Callable[[str], str | None]
Write = Callable[[str], object]


class Kind(StrEnum):
    """The routes to a clipboard; the value is the word in a message."""

    TMUX = "tmux"
    SCREEN = "GNU screen"
    SYSTEM = "the system's clipboard"
    OSC52 = "OSC 52"


@dataclass(frozen=True, slots=True)
class Route:
    """One route to the clipboard. `command` is the program that reads the text, empty where the terminal does."""

    kind: Kind
    command: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether success is known. A terminal never answers, and tmux hands on to one."""
        return self.kind is Kind.SYSTEM

    @property
    def left_behind(self) -> str:
        """What to know of a copy that stays where others may find it; empty where none does."""
        if self.kind is not Kind.TMUX:
            return ""
        return "It stays in tmux's buffer for whoever attaches: `tmux delete-buffer` takes it away"

    @property
    def label(self) -> str:
        """What it is called in a message: `tmux`, `OSC 52`, `wl-copy`."""
        return self.command[0].rpartition("/")[2] if self.kind is Kind.SYSTEM else self.kind.value


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of it: the route that took the text (None: none did), and what went wrong with those before it."""

    route: Route | None
    failures: tuple[str, ...] = ()


def choose(environ: Mapping[str, str], setting: str, which: Which) -> tuple[Route, ...]:
    """The routes to try, the best first; empty where there is none. `which` finds a program, as `shutil.which` does.

    `setting` is the configuration's `clipboard`: `auto`, or the one route that is wanted.
    """
    match setting:
        case "none":
            return ()
        case "tmux":
            return _tmux(which)
        case "screen":
            return (Route(Kind.SCREEN),)
        case "system":
            return _system(environ, which)
        case "osc52":
            return (Route(Kind.OSC52),)
    return _automatic(environ, which)


def copy(routes: Sequence[Route], text: str, write: Write) -> Copied:
    """Hands `text` to the first route that takes it; `write` writes to the terminal.

    Blocks, for `TIMEOUT_S` a route at most.
    """
    failures: list[str] = []
    for route in routes:
        if route.command:
            failure = _feed(route.command, text)
        else:
            write(screen_sequence(text) if route.kind is Kind.SCREEN else osc52(text))
            failure = ""
        if not failure:
            return Copied(route, tuple(failures))
        failures.append(failure)
    return Copied(None, tuple(failures))


def osc52(text: str) -> str:
    """The control sequence that asks a terminal to put `text` into its clipboard."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


def screen_sequence(text: str) -> str:
    """OSC 52 in GNU screen's wrapping, in pieces: screen hands each to the terminal, which sees one sequence."""
    whole = osc52(text)
    pieces = (whole[start : start + _SCREEN_CHUNK] for start in range(0, len(whole), _SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def _automatic(environ: Mapping[str, str], which: Which) -> tuple[Route, ...]:
    if environ.get("TMUX"):
        # tmux swallows OSC 52 of programs in it unless it was told otherwise; its own buffer always works.
        return (*_tmux(which), Route(Kind.OSC52))
    if environ.get("STY"):
        return (Route(Kind.SCREEN),)
    terminal = () if environ.get("TERM") in _NO_OSC52 else (Route(Kind.OSC52),)
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return terminal  # the clipboard of this machine is not the operator's
    return (*_system(environ, which), *terminal)


def _tmux(which: Which) -> tuple[Route, ...]:
    program = which("tmux")
    if program is None:
        return ()
    # -w, which passes the buffer on to the terminal, came with tmux 3.2; without it the buffer is tmux's alone.
    return (
        Route(Kind.TMUX, (program, "load-buffer", "-w", "-")),
        Route(Kind.TMUX, (program, "load-buffer", "-")),
    )


def _system(environ: Mapping[str, str], which: Which) -> tuple[Route, ...]:
    programs: list[tuple[str, ...]] = []
    if environ.get("WAYLAND_DISPLAY"):
        programs.append(("wl-copy", "--type", "text/plain"))
    if environ.get("DISPLAY"):
        programs += [("xclip", "-selection", "clipboard", "-in"), ("xsel", "--clipboard", "--input")]
    programs.append(("pbcopy",))
    return tuple(
        Route(Kind.SYSTEM, (path, *arguments)) for name, *arguments in programs if (path := which(name)) is not None
    )


def _feed(command: Sequence[str], text: str) -> str:
    """Gives a program the text on its standard input; what went wrong, or nothing."""
    name = command[0].rpartition("/")[2]
    try:
        # No pipe for its output: wl-copy and xclip stay behind to serve the text and would hold it open.
        done = subprocess.run(  # noqa: S603
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{name} did not answer"
    except OSError as error:
        return f"{name}: {error.strerror or error}"
    return f"{name} failed with status {done.returncode}" if done.returncode else ""

"""Takes a copied text out of the clipboard again, where a program can look whether it still is there.

That is tmux and the desktop. A terminal (OSC 52, GNU screen) is not asked what its clipboard holds, and to empty it
unseen could take away what was copied since.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Sequence

from tokentui.ui.clipboard import TIMEOUT_S, Kind, Route


def digest(text: str) -> bytes:
    """What `clear` knows a text by, so that nobody keeps the text itself meanwhile."""
    return hashlib.sha256(text.encode()).digest()


def can_clear(route: Route) -> bool:
    """Whether a text that went this route can be taken away again."""
    return route.kind is Kind.TMUX or (route.kind is Kind.SYSTEM and route.label in _DESKTOP)


def clear(route: Route, text_digest: bytes) -> bool:
    """Takes the text away if it is still there; returns whether it was. Anything else is left as it is.

    Blocks, for `TIMEOUT_S` a program at most.
    """
    if route.kind is Kind.TMUX:
        return _clear_tmux(route.command[0], text_digest)
    read, empty = _DESKTOP[route.label]
    directory = route.command[0].rpartition("/")[0]
    at = f"{directory}/" if directory else ""
    held = _output([f"{at}{read[0]}", *read[1:]])
    if held is None or hashlib.sha256(held).digest() != text_digest:
        return False
    return _runs([f"{at}{empty[0]}", *empty[1:]])


_DESKTOP = {
    "wl-copy": (("wl-paste", "--no-newline"), ("wl-copy", "--clear")),
    "xclip": (("xclip", "-selection", "clipboard", "-out"), ("xclip", "-selection", "clipboard", "-in")),
    "xsel": (("xsel", "--clipboard", "--output"), ("xsel", "--clipboard", "--clear")),
    "pbcopy": (("pbpaste",), ("pbcopy",)),
}
"""By the program that copies: the command that prints what the clipboard holds, and the one that empties it."""


def _clear_tmux(program: str, text_digest: bytes) -> bool:
    """Deletes each of tmux's buffers that holds the text; the newest need not be the one."""
    holding = [name for name, held in _tmux_buffers(program) if hashlib.sha256(held).digest() == text_digest]
    return bool([name for name in holding if _runs([program, "delete-buffer", "-b", name])])


def _tmux_buffers(program: str) -> Iterator[tuple[str, bytes]]:
    listed = _output([program, "list-buffers", "-F", "#{buffer_name}"]) or b""
    for name in listed.decode(errors="replace").splitlines():
        held = _output([program, "show-buffer", "-b", name])
        if held is not None:
            yield name, held


def _output(command: Sequence[str]) -> bytes | None:
    """What a program prints, given nothing to read; None where it fails."""
    done = _run(command, subprocess.PIPE)
    return done.stdout if done is not None and done.returncode == 0 else None


def _runs(command: Sequence[str]) -> bool:
    """Runs a program without a pipe: xclip stays behind to serve even an empty clipboard, and would hold it open."""
    done = _run(command, subprocess.DEVNULL)
    return done is not None and done.returncode == 0


def _run(command: Sequence[str], output: int) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None

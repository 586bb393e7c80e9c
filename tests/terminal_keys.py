"""What a terminal sends for a key."""

from __future__ import annotations

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
    "shift+tab": "\x1b[Z", "f5": "\x1b[15~",
}  # fmt: skip
KEYS |= {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


def typed(key: str) -> bytes:
    """The bytes of a named key, or of a text as it is."""
    return KEYS.get(key, key).encode()

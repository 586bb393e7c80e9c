"""The operator's keys: the table of commands with the `[keys]` of the settings applied, and what may stand there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.binding import Binding
from textual.keys import Keys

from tokentui.errors import SettingsError
from tokentui.screens.command import Command, Place
from tokentui.screens.commands import BY_ID, COMMANDS

_READABLE = {
    "question_mark": "?", "slash": "/", "escape": "Esc", "enter": "⏎", "space": "Space", "pagedown": "PgDn",
    "pageup": "PgUp", "left_square_bracket": "[", "right_square_bracket": "]", "left": "←", "right": "→", "up": "↑",
    "down": "↓", "plus": "+", "minus": "-", "home": "Home", "end": "End", "tab": "Tab", "delete": "Del",
    "backspace": "Backspace", "insert": "Ins",
}  # fmt: skip
_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMED = frozenset(str(key.value) for key in Keys if "+" not in key.value and not key.value.startswith("<"))
_CHARACTERS = {
    "comma" if (char := chr(code)) == "," else next(iter(Binding.make_bindings([Binding(char, "")]))).key: char
    for code in range(33, 127)
}
_NAMES = {char: name for name, char in _CHARACTERS.items()}


class KeyTable:
    """Which keys each command has. `rebound` are the settings' keys, by command ID, comma separated."""

    def __init__(self, rebound: Mapping[str, str]) -> None:
        self._rebound = {command_id: ",".join(_split(keys)) for command_id, keys in rebound.items()}

    @property
    def keymap(self) -> dict[str, str]:
        """What Textual is told, by its names of keys."""
        return {command_id: keys for command_id, keys in self._rebound.items() if keys}

    def keys(self, command_id: str) -> tuple[str, ...]:
        """Textual's names of the command's keys."""
        return tuple(self._rebound.get(command_id, BY_ID[command_id].keys).split(","))

    def shown(self, command_id: str) -> str:
        """The command's keys as a person reads them."""
        command = BY_ID[command_id]
        if command_id not in self._rebound and command.shown:
            return command.shown
        return " ".join(readable(key) for key in self.keys(command_id))

    def first(self, command_id: str) -> str:
        """The command's first key as a person reads it."""
        return readable(self.keys(command_id)[0])


def readable(key: str) -> str:
    """`^d` for `ctrl+d`, `?` for `question_mark`."""
    *modifiers, name = key.split("+")
    if name in _READABLE:
        name = _READABLE[name]
    elif name[:1] == "f" and name[1:].isdigit():
        name = name.upper()
    else:
        name = _CHARACTERS.get(name, name)
    return "".join("^" if modifier == "ctrl" else f"{modifier}+" for modifier in modifiers) + name


def check_keys(rebound: Mapping[str, str], file: Path) -> None:
    """Raises SettingsError, naming the nearest, where a command or a key is unknown or a key has two commands."""
    table = KeyTable(rebound)
    for command_id in rebound:
        if command_id not in BY_ID:
            raise SettingsError(f"no command {command_id!r} for [keys] in {file}", _nearest(command_id, BY_ID))
        for key in table.keys(command_id):
            if not _is_key(key):
                all_keys = sorted(_NAMED | set(_CHARACTERS))
                raise SettingsError(f"no key {key!r} for {command_id!r} in {file}", _nearest(key, all_keys))
    for place in Place:
        taken: dict[str, Command] = {}
        for command in COMMANDS:
            if not _works_in(command, place):
                continue
            for key in table.keys(command.id):
                other = taken.setdefault(key, command)
                if other is not command and {other.id, command.id} & set(rebound):
                    hint = f"{other.id!r} and {command.id!r} both work in {place.value}: give one another key"
                    raise SettingsError(f"two commands have the key {readable(key)!r} in {file}", hint)


def check_theme(theme: str, themes: Iterable[str], file: Path) -> None:
    """Raises SettingsError, naming the nearest, for a theme that is not known."""
    names = sorted(themes)
    if theme and theme not in names:
        raise SettingsError(f"no theme {theme!r} for 'theme' in {file}", _nearest(theme, names))


def _works_in(command: Command, place: Place) -> bool:
    places = {*command.places, *command.moves_in}
    # A tab of the details is inside the details: what either has works in it.
    within = {place, Place.EVERYWHERE, *((Place.DETAILS,) if place is Place.STATISTICS else ())}
    return bool(places & within)


def _split(keys: str) -> list[str]:
    """The keys of a setting by Textual's names: `?` is `question_mark`. A comma alone is the key."""
    parts = [","] if keys.strip() == "," else [part.strip() for part in keys.split(",")]
    return [_name(part) for part in parts]


def _name(key: str) -> str:
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    return "+".join([*modifiers, _NAMES.get(last, last)])


def _is_key(key: str) -> bool:
    *modifiers, name = key.split("+")
    is_key = name in _NAMED or name in _CHARACTERS or (len(name) == 1 and name.isprintable() and not name.isspace())
    return is_key and all(modifier in _MODIFIERS for modifier in modifiers)


def _nearest(name: str, words: Iterable[str]) -> str:
    names = list(words)
    lower = {word.lower(): word for word in names}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.0)
    return f"did you mean {lower[near[0]]!r}?" if near else "see the help (?)"

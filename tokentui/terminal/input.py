"""From the bytes of a terminal to Textual's events. No bytes end it, and none stop the keys for over a second."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from textual import events
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from tokentui.terminal.sequences import ESC, SequenceState, ends_string, state_of

PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
LONGEST_PAUSE_S = 1.0
"""A paste or a sequence that does not go on for so long is over, with or without its end."""

_TYPED_CHARACTERS = 64
"""More at once than fingers type: it goes on. Keys that are pressed in a paste do not keep it open."""

_LONGEST_PASTE = 1 << 20
"""Characters of a paste that are kept; no field takes as many."""

_LONGEST_KEY = 32
"""Characters after which Textual's parser takes a sequence for keys that were pressed one by one."""

_MOST_KEYS = 256
"""So many sequences are remembered with their keys: Textual's parser takes a fifth of a millisecond for an arrow."""

_WIDEST = 4096
"""Columns or lines beyond which a terminal's report of its size is no size."""


class Parser(Protocol):
    """Textual's parser of escape sequences."""

    def feed(self, data: str) -> Iterable[Message]:
        """The events of a text."""


class InputDecoder:
    """Bytes in, events out. Bytes that are no UTF-8 become U+FFFD.

    Textual's parser gets characters and whole sequences alone. It would wait for ever for the end of a paste, and it
    takes for keys what it does not know: an escape sequence inside a paste, a terminal's answer.
    """

    def __init__(self, new_parser: Callable[[], Parser], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._new_parser = new_parser
        self._parser = new_parser()
        self._keys: dict[str, tuple[tuple[str, str | None], ...]] = {}
        self._clock = clock
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""  # the beginning of a sequence
        self._string: str | None = None  # the last character of a control string that has not ended
        self._paste: str | None = None
        self._ends_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether something has begun and not ended: `tick` may have something soon."""
        return bool(self._held) or self._string is not None or self._paste is not None

    def feed(self, data: bytes) -> list[Message]:
        """The events of what was read."""
        text = self._decode(data)
        goes_on = len(text) >= _TYPED_CHARACTERS
        messages: list[Message] = []
        index = 0
        while index < len(text):
            if self._paste is not None:
                new, length = self._add_to_paste(self._paste, text[index:])
                index += length
            else:
                new = self._add(text[index])
                index += 1
            messages += new
        if goes_on and (self._paste is not None or self._string is not None):
            self._ends_at = self._clock() + LONGEST_PAUSE_S
        return messages

    def tick(self) -> list[Message]:
        """What is due without another byte: an escape that stands alone, a paste that is over. Call it often."""
        if not self.is_waiting or self._clock() < self._ends_at:
            return []
        if self._paste is not None:
            return self._end_paste(self._paste)
        return self._give_up()

    def _add(self, character: str) -> list[Message]:
        if self._string is not None:
            return self._add_to_string(self._string, character)
        if character == ESC:
            messages = self._give_up()
            self._hold(ESC, ESCAPE_DELAY)
            return messages
        if not self._held:
            return self._parse(character)
        return self._add_to_sequence(character)

    def _add_to_sequence(self, character: str) -> list[Message]:
        before, sequence = self._held, self._held + character
        self._held = ""
        if sequence == PASTE_START:
            self._paste = ""
            self._ends_at = self._clock() + LONGEST_PAUSE_S
            return []
        match state_of(sequence):
            case SequenceState.COMPLETE:
                return self._parse_sequence(sequence)
            case SequenceState.STRING:
                self._string = character
                self._hold(sequence, ESCAPE_DELAY)  # or it was Alt and a key
            case SequenceState.INCOMPLETE:
                self._hold(sequence, ESCAPE_DELAY if len(sequence) == 2 else LONGEST_PAUSE_S)
            case SequenceState.NONE if before == ESC:
                return self._with_alt(character)
            case SequenceState.NONE:
                return self._add(character)  # what was cut off is left out
        return []

    def _hold(self, sequence: str, seconds: float) -> None:
        if len(sequence) <= 3:  # what comes later does not keep it open
            self._ends_at = self._clock() + seconds
        self._held = sequence

    def _give_up(self) -> list[Message]:
        """Makes keys of what is held where a finger may have pressed them."""
        held, self._held, self._string = self._held, "", None
        if held == ESC:
            return [events.Key("escape", ESC)]
        return self._with_alt(held[1]) if len(held) == 2 else []

    def _with_alt(self, character: str) -> list[Message]:
        """The keys of Alt and a key: some terminals have a meaning of their own for a few."""
        by_itself = self._parse_sequence(ESC + character)
        return by_itself or [
            _alt(event) if isinstance(event, events.Key) else event for event in self._parse(character)
        ]

    def _add_to_string(self, before: str, character: str) -> list[Message]:
        if self._held:
            self._held = ""
            self._ends_at = self._clock() + LONGEST_PAUSE_S
        self._string = None if ends_string(before, character) else character
        if before == ESC and self._string is not None:  # it was cut off: this is another sequence
            self._string = None
            self._hold(ESC, ESCAPE_DELAY)
            return self._add_to_sequence(character)
        return []

    def _add_to_paste(self, before: str, text: str) -> tuple[list[Message], int]:
        """The events of what follows in a paste, and how many characters of it belong to the paste."""
        paste = before + text
        end = paste.find(PASTE_END, max(0, len(before) - len(PASTE_END)))
        if end >= 0:
            return self._end_paste(paste[:end]), end + len(PASTE_END) - len(before)
        # The end of a paste may be cut in two by the reads: its first half is kept however long the paste is.
        self._paste = paste[:_LONGEST_PASTE] + paste[_LONGEST_PASTE:][1 - len(PASTE_END) :]
        return [], len(text)

    def _end_paste(self, text: str) -> list[Message]:
        self._paste = None
        text = text.replace("\x00", "")
        return [events.Paste(text)] if text else []

    def _parse_sequence(self, sequence: str) -> list[Message]:
        messages = self._parse(sequence) if len(sequence) <= _LONGEST_KEY else []
        if not messages:
            # One that it does not know: it waits for more. This end of a paste ends its waiting.
            self._feed(PASTE_END)
        return messages

    def _parse(self, text: str) -> list[Message]:
        """What a character or a whole sequence means. The parser waits for nothing when it is called."""
        keys = self._keys.get(text)
        if keys is not None:
            return [events.Key(key, character) for key, character in keys]
        messages = self._feed(text)
        if messages and all(type(message) is events.Key for message in messages) and len(self._keys) < _MOST_KEYS:
            pressed = (message for message in messages if isinstance(message, events.Key))
            self._keys[text] = tuple((key.key, key.character) for key in pressed)
        return messages

    def _feed(self, text: str) -> list[Message]:
        try:
            return [message for message in self._parser.feed(text) if _is_sound(message)]
        except Exception:  # a character beyond Unicode, for one
            self._parser = self._new_parser()
            return []


def _alt(key: events.Key) -> events.Key:
    name = f"shift+{key.key.lower()}" if len(key.key) == 1 and key.key.isupper() else key.key
    return events.Key(f"alt+{name}", key.character)


def _is_sound(message: Message) -> bool:
    """Whether the rest of the program can work with it: no half characters, no terminal of no size."""
    if isinstance(message, events.Key):
        character = message.character or ""
        return not any(0xD800 <= ord(unit) < 0xE000 for unit in character)
    if isinstance(message, events.Resize):
        return 0 < message.size.width <= _WIDEST and 0 < message.size.height <= _WIDEST
    return True

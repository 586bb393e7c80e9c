"""From the bytes of a terminal to Textual's events. No bytes end it, and none stop the keys for over a second."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from textual import events
from textual.message import Message

PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
PASTE_TIMEOUT_S = 1.0
"""A paste that does not go on for so long is over, with or without its end."""

_TYPED_CHARACTERS = 64
"""More at once than fingers type: the paste goes on. Keys that are pressed in it do not keep it open."""

_LONGEST_PASTE = 1 << 20
"""Characters of a paste that are kept; no field takes as many."""

_WIDEST = 4096
"""Columns or lines beyond which a terminal's report of its size is no size."""


class Parser(Protocol):
    """Textual's parser of escape sequences."""

    def feed(self, data: str) -> Iterable[Message]:
        """The events of a text."""

    def tick(self) -> Iterable[Message]:
        """The events of a sequence that has not gone on for a while."""


class InputDecoder:
    """Bytes in, events out. Bytes that are no UTF-8 become U+FFFD.

    Pastes are put together here, not by the parser, which waits for ever for an end and takes an escape sequence
    inside a paste for keys that were pressed.
    """

    def __init__(self, new_parser: Callable[[], Parser], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._new_parser = new_parser
        self._parser = new_parser()
        self._clock = clock
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tail = ""
        self._paste: str | None = None
        self._paste_ends_at = 0.0

    def feed(self, data: bytes) -> list[Message]:
        """The events of what was read."""
        text = self._decode(data)
        messages: list[Message] = []
        while text:
            if self._paste is None:
                found, text = self._outside_paste(text)
            else:
                found, text = self._inside_paste(self._paste, text)
            messages += found
        return messages

    def tick(self) -> list[Message]:
        """What is due without another byte: an escape that stands alone, a paste that is over. Call it often."""
        if self._paste is None:
            return self._parse(self._parser.tick)
        if self._clock() < self._paste_ends_at:
            return []
        return self._end_paste(self._paste)

    def _outside_paste(self, text: str) -> tuple[list[Message], str]:
        """The events up to the start of a paste, and what follows it."""
        at = (self._tail + text).find(PASTE_START)
        if at < 0:
            self._tail = (self._tail + text)[1 - len(PASTE_START) :]
            return self._parse_text(text), ""
        end = at - len(self._tail) + len(PASTE_START)
        self._tail = ""
        self._paste = ""
        self._paste_ends_at = self._clock() + PASTE_TIMEOUT_S
        return self._parse_text(text[:end]), text[end:]

    def _inside_paste(self, before: str, text: str) -> tuple[list[Message], str]:
        whole = before + text
        at = whole.find(PASTE_END, max(0, len(before) - len(PASTE_END)))
        if at >= 0:
            return self._end_paste(whole[:at]), whole[at + len(PASTE_END) :]
        # The end of a paste may be cut in two by the reads: its first half is kept however long the paste is.
        self._paste = whole[:_LONGEST_PASTE] + whole[_LONGEST_PASTE:][1 - len(PASTE_END) :]
        if len(text) >= _TYPED_CHARACTERS:
            self._paste_ends_at = self._clock() + PASTE_TIMEOUT_S
        return [], ""

    def _end_paste(self, text: str) -> list[Message]:
        self._paste = None
        # The parser has seen the start alone; it sees the end too, and what it makes of nothing between is dropped.
        rest = [each for each in self._parse_text(PASTE_END) if not _is_paste(each)]
        text = text.replace("\x00", "")
        return [*rest, events.Paste(text)] if text else rest

    def _parse_text(self, text: str) -> list[Message]:
        # One by one: of a sequence that the parser fails of, nothing else is lost.
        return [message for character in text for message in self._parse(partial(self._parser.feed, character))]

    def _parse(self, step: Callable[[], Iterable[Message]]) -> list[Message]:
        try:
            return [message for message in step() if _is_sound(message)]
        except Exception:  # a character beyond Unicode, for one
            self._parser = self._new_parser()
            return []


def _is_paste(message: Message) -> bool:
    return isinstance(message, events.Paste)


def _is_sound(message: Message) -> bool:
    """Whether the rest of the program can work with it: no half characters, no terminal of no size."""
    if isinstance(message, events.Key):
        character = message.character or ""
        return not any(0xD800 <= ord(each) < 0xE000 for each in character)
    if isinstance(message, events.Resize):
        return 0 < message.size.width <= _WIDEST and 0 < message.size.height <= _WIDEST
    return True

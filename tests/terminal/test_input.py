"""What comes in from a terminal: bytes of every kind, pastes with and without an end."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from tokentui.terminal.input import LONGEST_PAUSE_S, InputDecoder
from tokentui.terminal.textual_internals import new_parser


class Clock:
    """Seconds that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A decoder, and what came out of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._decoder = InputDecoder(new_parser, clock=self.clock)

    def send(self, *reads: bytes) -> list[Message]:
        """The events of bytes that were read one after the other."""
        return [message for data in reads for message in self._decoder.feed(data)]

    def wait(self, seconds: float) -> list[Message]:
        """The events of a while in which nothing comes."""
        self.clock.now += seconds
        return self._decoder.tick()


def said(messages: list[Message]) -> list[str]:
    """Keys by their names, pastes by their texts."""
    return [
        event.key if isinstance(event, events.Key) else f"paste {event.text}"
        for event in messages
        if isinstance(event, events.Key | events.Paste)
    ]


@pytest.mark.parametrize(
    ("reads", "characters"),
    [
        pytest.param((b"\xe9", b"j"), ["\ufffd", "j"], id="latin-1"),
        pytest.param((b"\xff\xfe", b"j"), ["\ufffd", "\ufffd", "j"], id="never UTF-8"),
        pytest.param((b"\xc3", b"\xa9"), ["é"], id="a character in two reads"),
        pytest.param((b"\xed\xa0\x80j",), ["\ufffd", "\ufffd", "\ufffd", "j"], id="half a surrogate pair"),
        pytest.param((b"\x1b[55296;1;55296uj",), ["j"], id="half a pair as a key of kitty"),
        pytest.param((b"\x1b[1114112uj",), ["j"], id="a key beyond Unicode"),
    ],
)
def test_bytes_that_are_no_text_are_replaced_or_left_out(reads: tuple[bytes, ...], characters: list[str]) -> None:
    """The keys around them arrive."""
    keys = [message for message in Line().send(*reads) if isinstance(message, events.Key)]
    assert [key.character for key in keys] == characters


ANSWERS = {
    "a colour": b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    "a colour, the end of ECMA-48": b"\x1b]4;1;rgb:cccc/0000/0000\x1b\\",
    "a clipboard": b"\x1b]52;c;" + b"cXFxcQ==" * 20 + b"\x1b\\",
    "a title": b"\x1b]lquit? qqq\x1b\\",
    "a name and version": b"\x1bP>|XTerm(379)\x1b\\",
    "a setting": "\x1bP1$r0;1m\u009c".encode(),
    "a picture": b"\x1b_Gi=31;OK\x1b\\",
    "privacy": b"\x1b^qqq\x1b\\",
    "cut off by a cancel": b"\x1b]11;rgb:\x18",
    "what it is": b"\x1b[?62;22c",
    "what it is, at length": b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    "what it is, once more": b"\x1b[>41;354;0c",
    "that it is well": b"\x1b[0n",
    "its size in pixels": b"\x1b[4;600;800t",
    "flags of kitty's keys": b"\x1b[?1u",
    "a mode that nobody asked for": b"\x1b[?9001;4$y",
    "a mouse outside of the window": b"\x1b[<0;-4;5M",
    "a mouse of X10": b"\x1b[M qq",
    "an unknown function key": b"\x1bO\x7f",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_terminals_answer_is_no_key(answer: bytes) -> None:
    """However the reads cut it, and the keys around it work at once."""
    assert said(Line().send(b"a" + answer + b"j\x1b[A")) == ["a", "j", "up"]
    for cut in range(3, len(answer)):
        line = Line()
        assert said(line.send(b"a", answer[:cut]) + line.wait(0.9) + line.send(answer[cut:], b"j")) == ["a", "j"]


@pytest.mark.parametrize(
    ("reads", "keys"),
    [
        pytest.param((b"\x1b", b""), ["escape"], id="Escape"),
        pytest.param((b"\x1b\x1b", b""), ["escape", "escape"], id="Escape twice"),
        pytest.param((b"\x1b\x1b[A",), ["escape", "up"], id="Escape and an arrow"),
        pytest.param((b"\x1b", b"]", b"j"), ["escape", "right_square_bracket", "j"], id="Escape, then a bracket"),
        pytest.param((b"\x1b]", b"j"), ["alt+right_square_bracket", "j"], id="Alt and what starts an answer"),
        pytest.param((b"\x1b[", b"j"), ["alt+left_square_bracket", "j"], id="Alt and what starts a sequence"),
        pytest.param((b"\x1bx\x1b[B",), ["alt+x", "down"], id="Alt and a letter"),
        pytest.param((b"\x1bX", b"j"), ["alt+shift+x", "j"], id="Alt, Shift and a letter"),
        pytest.param((b"\x1bf",), ["ctrl+right"], id="Alt and a letter that means something"),
        pytest.param((b"\x1b[15~\x1bOP\x1b[[A\x1b[3$j",), ["f5", "f1", "f1", "shift+delete", "j"], id="function keys"),
        pytest.param((b"\x1b[12\x11",), ["ctrl+q"], id="a sequence that is cut off"),
        pytest.param((b"\x1b]11;rgb\x1b[A",), ["up"], id="an answer that is cut off by a key"),
    ],
)
def test_keys_that_begin_like_an_answer_are_keys(reads: tuple[bytes, ...], keys: list[str]) -> None:
    """With the pauses that fingers make."""
    line = Line()
    assert [name for data in reads for name in said(line.send(data) + line.wait(0.11))] == keys


@pytest.mark.parametrize("data", [b"\x1b[B", b"j", b"\r", b"\x1bj", b"\x1b[1;5C", b"\x1b[106;5u"])
def test_a_key_is_the_same_at_any_time(data: bytes) -> None:
    """By an event of its own, which the app may stop or forward."""
    line = Line()
    (first,), (second,) = line.send(data), line.send(data)
    assert isinstance(first, events.Key)
    assert isinstance(second, events.Key)
    assert (first.key, first.character) == (second.key, second.character)
    assert first is not second


def test_keys_do_not_keep_an_answer_open() -> None:
    """One without an end is over after a second, whatever is pressed."""
    line = Line()
    line.send(b"\x1b]11;rgb")
    assert [said(line.send(b"j") + line.wait(0.4)) for _ in range(5)] == [[], [], [], ["j"], ["j"]]


def test_a_terminal_of_no_size_is_not_believed() -> None:
    """A report of zero columns would divide by zero."""
    assert not [event for event in Line().send(b"\x1b[48;0;0;0;0t") if isinstance(event, events.Resize)]


def test_a_paste_arrives_whole() -> None:
    """Also where the reads cut its marks in two, and with keys before and after it."""
    expected = ["a", "paste hé\nllo", "b"]
    data = "a\x1b[200~hé\nllo\x1b[201~b".encode()
    for cut in range(1, len(data)):
        assert said(Line().send(data[:cut], data[cut:])) == expected
    assert said(Line().send(*(data[at : at + 1] for at in range(len(data))))) == expected


def test_a_paste_without_an_end_is_over_after_a_second() -> None:
    """What came of it is delivered; keys work again."""
    line = Line()
    assert said(line.send(b"\x1b[200~hello")) == []
    assert said(line.wait(LONGEST_PAUSE_S / 2)) == []
    assert said(line.wait(LONGEST_PAUSE_S / 2)) == ["paste hello"]
    assert said(line.send(b"\x11")) == ["ctrl+q"]
    assert said(line.send(b"\x1b[200~again\x1b[201~")) == ["paste again"]


def test_keys_do_not_keep_a_paste_open() -> None:
    """Somebody presses ctrl+q again and again, faster than once a second."""
    line = Line()
    line.send(b"\x1b[200~hello")
    came = [said(line.send(b"\x11") + line.wait(0.4)) for _ in range(4)]
    assert came[-1] == ["ctrl+q"]


def test_a_long_paste_over_a_slow_line_stays_a_paste() -> None:
    """It may take longer than a second, as long as it goes on: its text must never be taken for keys."""
    line = Line()
    line.send(b"\x1b[200~")
    for _ in range(10):
        assert said(line.send(b"text of a paste " * 20) + line.wait(0.8)) == []
    assert said(line.send(b"\x1b[201~")) == ["paste " + "text of a paste " * 200]


def test_an_escape_sequence_in_a_paste_is_no_key() -> None:
    """Pasted text could otherwise press keys."""
    assert said(Line().send(b"\x1b[200~one\x1b[Atwo three four five six seven eight\x1b[201~j")) == [
        "paste one\x1b[Atwo three four five six seven eight",
        "j",
    ]


@example([b"\x1b", b" ", b"\x1b", b"\x00"])
@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\x1b", b"\x1b[200~", b"\x1b[201~", b"\x1b[<0;5;", b"M"])))
def test_no_bytes_hold_up_the_keys_for_longer_than_a_second(reads: list[bytes]) -> None:
    """Whatever came before, ctrl+q is understood."""
    line = Line()
    line.send(*(data for data in reads if data))
    line.wait(LONGEST_PAUSE_S)
    line.send(b" " * 40)  # the longest sequence that the parser waits for
    assert "ctrl+q" in said(line.send(b"\x11"))

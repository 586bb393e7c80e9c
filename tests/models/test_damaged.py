"""A value that can't be read is told from a good one, and safe to show."""

from __future__ import annotations

import pytest

from tokentui.models.damaged import Damaged, DamagedText, decode_text


@pytest.mark.parametrize(("raw", "shown"), [(b"a\xff", "a\ufffd"), (7, "7"), (None, "")])
def test_what_can_be_read_of_a_text(raw: object, shown: str) -> None:
    text = DamagedText.decoded(raw)
    assert (text, text.raw) == (shown, raw)


def test_a_text_that_is_utf_8_is_whole() -> None:
    assert decode_text("Ärger".encode()) == "Ärger"
    assert not isinstance(decode_text(b"plain"), Damaged)


def test_a_text_that_is_none_keeps_its_bytes() -> None:
    text = decode_text(b"a\xff")
    assert isinstance(text, DamagedText)
    assert text == "a\ufffd"
    assert str(text.raw).encode(errors="surrogateescape") == b"a\xff"

"""The key format: every key reads back, every slip is noticed, and nothing repeats what was typed."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokentui.crypto import key_format
from tokentui.crypto.key_format import ChecksumMismatch, Key, MalformedKey

ANYTHING = st.text(st.characters(codec=None) | st.characters(categories=["Cc", "Cs"]), max_size=100)
IDS = st.integers(0, key_format.ID_SPACE - 1)
# The one of INTERFACES' examples, with a secret that is nobody's.
TEXT = "SU-631-646-036:" + "00112233445566778899aabbccddeeff" + "3f1bdb0a"


@st.composite
def made(draw: st.DrawFn) -> Key:
    """A key as `new_key` makes them, of random bits that Hypothesis can shrink."""
    token_id = draw(IDS)
    random = draw(st.binary(min_size=16, max_size=16)).hex()
    return Key(token_id, random + key_format.checksum(token_id, random))


def refused(text: str, *, header: bool = False) -> MalformedKey | None:
    """What reading the text raises, if it does; anything but the two errors is a fault."""
    try:
        key_format.parse_authorization(text) if header else key_format.parse_key(text)
    except MalformedKey as error:
        return error
    return None


def test_the_checksum_is_the_one_that_is_documented() -> None:
    """INTERFACES: CRC-32 of the ASCII text before it, ID and colon included; scanners elsewhere compute it too."""
    assert f"{zlib.crc32(TEXT[:-8].encode()):08x}" == TEXT[-8:] == key_format.checksum(631646036, TEXT[15:-8])
    assert key_format.parse_key(TEXT) == Key(631646036, TEXT[15:])


def test_a_new_key_is_of_its_token_and_never_twice_the_same() -> None:
    some = [key_format.new_key(7) for _ in range(200)]
    assert len({key.secret[:32] for key in some}) == 200
    assert all(key.text.startswith("SU-000-000-007:") and key_format.parse_key(key.text) == key for key in some)
    # Each of the 32 digits is random: none keeps one value in 200 keys.
    assert all(len({key.secret[place] for key in some}) > 4 for place in range(32))


def test_new_ids_fill_their_space() -> None:
    some = [key_format.new_id() for _ in range(2000)]
    assert all(0 <= number < key_format.ID_SPACE for number in some)
    assert min(some) < key_format.ID_SPACE // 10 < key_format.ID_SPACE * 9 // 10 < max(some)


@given(made())
def test_a_key_reads_back_from_its_text_and_its_header(key: Key) -> None:
    assert key_format.parse_key(key.text) == key
    name, _, value = key.header.partition(": ")
    assert name == "Authorization"
    assert key_format.parse_authorization(value) == key


@given(IDS)
@example(0)
@example(key_format.ID_SPACE - 1)
def test_an_id_reads_back(number: int) -> None:
    text = key_format.format_id(number)
    assert re.fullmatch(r"SU(-[0-9]{3}){3}", text)
    assert key_format.parse_id(text) == number


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_every_change_of_one_character_is_noticed(place: int) -> None:
    """One that keeps the shape by the checksum, any other by the shape."""
    for typed in map(chr, [*range(0x20, 0x7F), 0, 0x0A, 0xA0, 0x0660, 0xFF11, 0x2010]):
        if typed == TEXT[place]:
            continue
        error = refused(TEXT[:place] + typed + TEXT[place + 1 :])
        assert error is not None
        keeps = "0123456789" if place < 14 else "0123456789abcdef"
        shaped = place not in (0, 1, 2, 6, 10, 14) and typed in keeps
        assert isinstance(error, ChecksumMismatch) is shaped, (place, typed)


@given(made(), st.integers(0, 54), st.integers(0, 54))
def test_characters_lost_doubled_or_swapped_are_noticed(key: Key, one: int, other: int) -> None:
    text = key.text
    assert refused(text[:one] + text[one + 1 :])
    assert refused(text[:one] + text[one] + text[one:])
    letters = list(text)
    letters[one], letters[other] = letters[other], letters[one]
    assert bool(refused("".join(letters))) is ("".join(letters) != text)


@given(made(), IDS)
def test_a_secret_under_another_id_is_noticed(key: Key, other: int) -> None:
    error = refused(f"{key_format.format_id(other)}:{key.secret}")
    assert error is None if other == key.token_id else isinstance(error, ChecksumMismatch)


@given(made())
def test_upper_case_and_space_around_are_no_key(key: Key) -> None:
    for text in (f" {key.text}", f"{key.text} ", f"{key.text}\n", key.text.lower(), f"{key.text}\x00", key.text * 2):
        assert refused(text)
    upper = key.text.upper()
    assert upper == key.text or refused(upper)


@given(ANYTHING)
def test_any_other_text_gets_one_of_two_errors_that_repeat_nothing(text: str) -> None:
    for error in (refused(text), refused(text, header=True), refused(f"ApiKey {text}", header=True)):
        assert error is not None
        assert str(error) in (
            "a key looks like SU-631-646-036:<40 hex digits>",
            "the key's checksum does not match: it was mistyped or cut",
            "the header's scheme is not ApiKey",
        )
    with pytest.raises(MalformedKey, match=r"^an ID looks like SU-631-646-036$"):
        key_format.parse_id(text)


def test_a_secret_is_shown_by_its_text_alone() -> None:
    key = key_format.parse_key(TEXT)
    for shown in (repr(key), str(key), f"{key}", f"{key!r}", key_format.masked(key.token_id)):
        assert key.secret not in shown
        assert key.secret[:8] not in shown
    assert str(key) == "SU-631-646-036:" + "•" * 40
    assert len(str(key)) == len(key.text)


def test_long_nonsense_is_refused_at_once() -> None:
    """A pattern that tries again and again would take minutes for these, and a client may send them."""
    for text in ("ApiKey" + " " * 100_000, " " * 100_000 + "x", "ApiKey " + "SU-631-646-036:" * 10_000, "\t " * 50_000):
        assert refused(text, header=True)
    assert refused("SU-" + "0" * 100_000)

"""The `Authorization` header, read at once, against the same read piece by piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.crypto import key_format

KEY = key_format.new_key(631646036).text
SPACE = st.text(" \t\n", max_size=3)
CHARACTER = st.sampled_from(["", *"0aASU-: \t\n١K"])


def piece_by_piece(value: str) -> key_format.Key | None:
    """RFC 9110: a scheme without case, spaces, the key."""
    scheme, _, rest = value.strip(" \t").partition(" ")
    if scheme.lower() != "apikey" or not scheme.isascii():
        return None
    try:
        return key_format.parse_key(rest.lstrip(" "))
    except key_format.MalformedKey:
        return None


@given(SPACE, st.sampled_from(["ApiKey", "apikey", "APIKEY", "Bearer", "", "api\u212aey"]), SPACE, SPACE)
def test_spaces_and_scheme(before: str, scheme: str, between: str, after: str) -> None:
    """Wherever space stands, and however the scheme is written."""
    same(f"{before}{scheme}{between}{KEY}{after}")


@given(st.integers(0, len(KEY)), CHARACTER)
def test_other_characters(place: int, character: str) -> None:
    """One put in, or left out."""
    same(f"ApiKey {KEY[:place]}{character}{KEY[place:]}")
    same(f"ApiKey {KEY[:place]}{character}{KEY[place + 1 :]}")


def same(value: str) -> None:
    """Both ways agree."""
    expected = piece_by_piece(value)
    if expected is None:
        with pytest.raises(key_format.MalformedKey):
            key_format.parse_authorization(value)
    else:
        assert key_format.read_authorization(value.encode()) == (expected.token_id, expected.text.encode())
        assert key_format.parse_authorization(value) == expected

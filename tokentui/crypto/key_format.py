"""The key format: what a client sends, how it is made, checked and masked. No I/O.

    SU-631-646-036:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8
    └── token ID ──┘ └── 32 random hex ─────────────┘└ CRC ─┘

The last 8 hex digits are the CRC-32 (`zlib.crc32`, big-endian) of the ASCII text before them, ID and colon included, so
a mistyped key is told from a wrong one without a look at the database, and a scanner can find leaked keys in text.

A key that was brought in from another system has that system's format: any text of printable characters.
"""

from __future__ import annotations

import re
import secrets
import zlib
from dataclasses import dataclass, field

PREFIX = "SU"
ID_SPACE = 1_000_000_000
MASK = "•"
LONGEST_IMPORTED = 512
"""Characters of the longest key of another system."""

_ID = re.compile(r"SU-([0-9]{3})-([0-9]{3})-([0-9]{3})", re.ASCII)
_KEY = re.compile(r"(SU-[0-9]{3}-[0-9]{3}-[0-9]{3}):([0-9a-f]{40})", re.ASCII)
# The scheme without case, then one or more spaces (RFC 9110, 11.1 and 11.4); space around is no part of the value.
_HEADER = re.compile(
    rb"[ \t]*[Aa][Pp][Ii][Kk][Ee][Yy] +(SU-([0-9]{3})-([0-9]{3})-([0-9]{3}):[0-9a-f]{32})([0-9a-f]{8})[ \t]*"
)


# RFC 9110, 11.1: the scheme is a token, then one or more spaces.
_ANY_SCHEME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ +")
_LONGEST_IMPORTED_BYTES = 4 * LONGEST_IMPORTED


class MalformedKey(ValueError):
    """The text is not shaped like an ID, a key or a header. Its message never repeats the text."""


class ChecksumMismatch(MalformedKey):
    """Shaped like a key, but the checksum does not match: mistyped or cut."""


@dataclass(frozen=True, slots=True)
class Key:
    """A whole key. Its `repr` and `str` hide the secret; `text` is the one way to it."""

    token_id: int
    secret: str = field(repr=False)
    is_imported: bool = False
    """Whether `secret` is the whole key, in the format of another system."""

    @property
    def text(self) -> str:
        """`SU-631-646-036:<40 hex>`, in clear."""
        return self.secret if self.is_imported else f"{format_id(self.token_id)}:{self.secret}"

    @property
    def header(self) -> str:
        """The header line a client sends, in clear."""
        return f"Authorization: ApiKey {self.text}"

    def __str__(self) -> str:
        return masked(self.token_id, is_imported=self.is_imported)


def format_id(number: int) -> str:
    """`631646036` → `SU-631-646-036`; a number that is none of a token, as a damaged row may have, as it is."""
    if not 0 <= number < ID_SPACE:
        return f"{PREFIX}-{number}"
    digits = f"{number:09d}"
    return f"{PREFIX}-{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def parse_id(text: str) -> int:
    """`SU-631-646-036` → `631646036`; raises MalformedKey."""
    match = _ID.fullmatch(text)
    if match is None:
        raise MalformedKey("an ID looks like SU-631-646-036")
    return int("".join(match.groups()))


def new_id() -> int:
    """A random token number; the caller checks that it is free."""
    return secrets.randbelow(ID_SPACE)


def checksum(token_id: int, random: str) -> str:
    """The 8 hex digits that end a secret."""
    return f"{zlib.crc32(f'{format_id(token_id)}:{random}'.encode('ascii')):08x}"


def new_key(token_id: int) -> Key:
    """A fresh key with 128 random bits from the operating system."""
    random = secrets.token_hex(16)
    return Key(token_id, random + checksum(token_id, random))


def parse_key(text: str) -> Key:
    """`ID:secret` → Key; raises MalformedKey, or ChecksumMismatch where only the checksum is wrong."""
    match = _KEY.fullmatch(text)
    if match is None:
        raise MalformedKey("a key looks like SU-631-646-036:<40 hex digits>")
    head, tail = text[:-8], text[-8:]
    if f"{zlib.crc32(head.encode('ascii')):08x}" != tail:
        raise ChecksumMismatch("the key's checksum does not match: it was mistyped or cut")
    return Key(int(text[3:6] + text[7:10] + text[11:14]), match[2])


def read_authorization(value: bytes) -> tuple[int, bytes]:
    """The value of an `Authorization` header → the token's number and the key's text; raises as `parse_key`.

    For who reads millions: one match, and nothing is made that holds the two.
    """
    match = _HEADER.fullmatch(value)
    if match is None:
        if value.strip(b" \t").partition(b" ")[0].lower() != b"apikey":
            raise MalformedKey("the header's scheme is not ApiKey")
        raise MalformedKey("a key looks like SU-631-646-036:<40 hex digits>")
    head, first, second, third, tail = match.groups()
    if zlib.crc32(head) != int(tail, 16):
        raise ChecksumMismatch("the key's checksum does not match: it was mistyped or cut")
    return int(first + second + third), head + tail


def parse_authorization(value: str) -> Key:
    """The value of an `Authorization` header → Key; raises as `parse_key`."""
    number, text = read_authorization(value.encode("utf-8", "surrogatepass"))
    return Key(number, text[len("SU-631-646-036:") :].decode("ascii"))


def imported_text(text: str) -> str:
    """A key of another system as it is kept; raises MalformedKey, whose message never repeats the text."""
    if not 0 < len(text) <= LONGEST_IMPORTED:
        raise MalformedKey(f"a key has 1 to {LONGEST_IMPORTED} characters, this one has {len(text)}")
    if not text.isprintable():
        raise MalformedKey("the key holds a character that can't be shown")
    if text != text.strip():
        raise MalformedKey("the key begins or ends with a space")
    return text


def imported_keys(value: bytes) -> tuple[bytes, ...]:
    """What may be a key of another system in the value of an `Authorization` header; empty where nothing may.

    First the text behind the scheme, whatever that is; then the value itself, which may have no scheme.
    """
    value = value.strip(b" \t")
    if not 0 < len(value) <= _LONGEST_IMPORTED_BYTES + 100 or min(value) < 0x20 or 0x7F in value:
        return ()
    scheme = _ANY_SCHEME.match(value)
    return (value,) if scheme is None else (value[scheme.end() :], value)


def masked(token_id: int, *, is_imported: bool = False) -> str:
    """The key with its secret covered, as wide as the real one; of a key of another system nothing is told."""
    return MASK * 40 if is_imported else f"{format_id(token_id)}:{MASK * 40}"

"""Finds the module that covers a request's target. A target that could be read in two ways is refused, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from urllib.parse import unquote_to_bytes, urlsplit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SLASH = re.compile("/")
_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
# An encoded slash or backslash is one segment to some servers and two to others; an encoded percent may be decoded
# once more behind the gate.
_AMBIGUOUS = re.compile(r"%(?:2f|5c|25|00)", re.IGNORECASE)


LONGEST_TARGET = 8_192
"""Characters of a target that is looked at, query and all; nginx refuses longer ones with 414."""


def of_bytes(target: bytes) -> str:
    """A request target as it came over the wire; bytes that are no UTF-8 are refused when it is taken apart."""
    return target.decode("utf-8", "surrogateescape")


class AmbiguousPath(ValueError):
    """The target could mean different paths to the gate and to the application."""


def normalise(target: str) -> str:
    """A request target (RFC 9112, 3.2) → its path: decoded once, without dot segments, parameters, query or end slash.

    Raises AmbiguousPath for an encoded slash, backslash, percent or NUL, bad encoding, a path that climbs over its
    root, a fragment, a target that is too long, and dot segments that servers resolve differently (with parameters, or
    next to empty segments).
    """
    return "/" + "/".join(_segments(_decoded(target)))


def literal(target: str) -> str:
    """The path as a router by text alone would see it: decoded once, dot segments and all; raises AmbiguousPath."""
    return _decoded(target).rstrip("/") or "/"


def without_base(path: str, base: str) -> str | None:
    """The path behind a base path such as `/public/v1`; None where it is not below it."""
    base = base.rstrip("/")
    if not base:
        return path
    if path == base:
        return "/"
    return path[len(base) :] if path.startswith(base + "/") else None


def module_of(path: str, prefixes: Mapping[str, str]) -> str | None:
    """The module of the longest prefix that matches whole segments of a normalised path; None for no module."""
    # No longer ones than there are prefixes: a path of nothing but slashes would take time by their square.
    deepest = max((prefix.count("/") for prefix in prefixes), default=0)
    ends = list(islice((match.start() for match in _SLASH.finditer(path, 1)), deepest))
    for end in (len(path), *reversed(ends)):
        if path[:end] in prefixes:
            return prefixes[path[:end]]
    return prefixes.get("/")


def _decoded(target: str) -> str:
    if len(target) > LONGEST_TARGET:
        raise AmbiguousPath("the target is too long")
    path = _path(target)
    if not path.startswith("/"):
        raise AmbiguousPath("the path does not begin with a slash")
    if "#" in path:  # no request has one (RFC 9112, 3.2): some servers end the path there, others go on
        raise AmbiguousPath("the path holds a fragment")
    if _ENCODED.search(path) or _AMBIGUOUS.search(path) or "\\" in path:
        raise AmbiguousPath("the path is encoded in a way that can be read twice")
    try:
        decoded = unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeError:
        raise AmbiguousPath("the path is not UTF-8") from None
    if not decoded.isprintable():
        raise AmbiguousPath("the path holds controls")
    return decoded


def _path(target: str) -> str:
    if not _ABSOLUTE.match(target):
        return target.partition("?")[0]
    try:
        return urlsplit(target, allow_fragments=False).path or "/"
    except ValueError:
        raise AmbiguousPath("the target is not a URL") from None


def _segments(path: str) -> Iterable[str]:
    segments: list[str] = []
    climbs = "//" in path
    for segment in path.split("/"):
        name = segment.split(";", 1)[0]
        if name in (".", "..") and name != segment:
            raise AmbiguousPath("a dot segment has parameters")
        if name in ("", "."):
            continue
        if name == "..":
            if not segments or climbs:
                raise AmbiguousPath("the path climbs over its root, or over an empty segment")
            segments.pop()
        else:
            segments.append(name)
    return segments

"""The values of a filter's fields: times, numbers and known words, and what is said where one can't be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, and_, not_

from tokentui import validation
from tokentui.errors import QueryError
from tokentui.listing.fields import BY_NAME
from tokentui.listing.filter_language import Term

_COMPARED = re.compile(r"(?P<sign>[<>]=?|=|)(?P<value>[^<>=]*)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
_BEGUN_TIME = re.compile(r"[<>]?=?(?:[0-9]{0,9}|[0-9]{4}-[0-9]{0,2}|[0-9]{4}-[0-9]{2}-[0-9]{0,2})", re.ASCII)
_BEGUN_NUMBER = re.compile(r"[<>]?=?", re.ASCII)


def refusal(term: Term, message: str, hint: str, *, begun: bool = False) -> QueryError:
    """The error at the value of a term; `begun`: with more typed at its end it could become right."""
    return QueryError(message, hint, position=term.position, incomplete=begun and term.is_last)


def written_word(term: Term, words: Iterable[str], what: str) -> str:
    """The word that is meant, without case; raises QueryError, which names the nearest."""
    by_folded = {word.lower(): word for word in words}
    typed = term.value.lower()
    if typed in by_folded:
        return by_folded[typed]
    nearest = get_close_matches(typed, by_folded, 1)
    meant = f"did you mean {by_folded[nearest[0]]}? " if nearest else ""
    hint = f"{meant}choose {', '.join(by_folded.values())}"
    begun = any(word.startswith(typed) for word in by_folded)
    raise refusal(term, f"there is no such {what}", hint, begun=begun)


def comparison(term: Term) -> tuple[str, str]:
    """The sign and what is compared with; a bare duration is `>` (as long or longer), or `<` where that is meant."""
    match = _COMPARED.fullmatch(term.value)
    if match is None:
        return "", ""
    sign, value = match["sign"], match["value"]
    if not sign and is_duration(value):
        sign = "<" if term.field == "expires" else ">"
    return sign, value


def compare_number(number: ColumnElement[int], term: Term) -> tuple[ColumnElement[bool], bool]:
    """The number compared as the term says, and whether zero is such a number; raises QueryError."""
    sign, value = comparison(term)
    if not _NUMBER.fullmatch(value):
        begun = _BEGUN_NUMBER.fullmatch(term.value) is not None
        raise refusal(
            term, f"{term.field}: can't read the number", f"write {BY_NAME[term.field].example} or {term.field}:0",
            begun=begun,
        )  # fmt: skip
    wanted = int(value)
    comparisons: dict[str, tuple[ColumnElement[bool], bool]] = {
        ">": (number > wanted, wanted < 0),
        ">=": (number >= wanted, wanted <= 0),
        "<": (number < wanted, wanted > 0),
        "<=": (number <= wanted, wanted >= 0),
    }
    return comparisons.get(sign, (number == wanted, wanted == 0))


def compare_time(moment: ColumnElement[Any], term: Term, now: datetime, zone: tzinfo) -> ColumnElement[bool]:
    """`>30d` and `<30d` by distance from now, backwards but for `expires`; a date by its local day.

    Raises QueryError where the time can't be read.
    """
    sign, value = comparison(term)
    past = term.field != "expires"
    try:
        if is_duration(value):
            distance = validation.duration(value)
            edge = now - distance if past else now + distance
            farther = moment < edge if past else moment > edge
            return farther if sign.startswith(">") else not_(farther)
        first, after = _day(value, zone)
    except (ValueError, OverflowError):
        hint = f"write {BY_NAME[term.field].example} or {term.field}:>2026-12-31"
        begun = _BEGUN_TIME.fullmatch(term.value) is not None or (not past and "never".startswith(term.value.lower()))
        raise refusal(term, f"{term.field}: can't read the time", hint, begun=begun) from None
    if sign.startswith(">"):
        return moment >= (first if sign == ">=" else after)
    if sign.startswith("<"):
        return moment < (after if sign == "<=" else first)
    return and_(moment >= first, moment < after)


def is_duration(value: str) -> bool:
    """Whether it ends like `30d`; what is before the unit may still be wrong."""
    return value[-1:] in ("s", "m", "h", "d", "w", "y")


def _day(value: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a local day begins, and when the next one does; raises ValueError, OverflowError."""
    day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - only the date is used
    first, after = (datetime.combine(start, time(), zone) for start in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), after.astimezone(UTC)

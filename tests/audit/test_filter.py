"""What is typed to narrow the audit down, and what is said where it can't be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.audit import AuditFilter, parse_filter
from tokentui.errors import QueryError

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", AuditFilter()),
        ("actor:Alice,bob", AuditFilter(actors=("alice", "bob"))),
        ("ACTION:rotate,Renew", AuditFilter(actions=("rotate", "renew"))),
        ("token:SU-631-646-036", AuditFilter(token_id=631646036)),
        ("token:631646036", AuditFilter(token_id=631646036)),
        ("since:7d", AuditFilter(since=NOW - timedelta(days=7))),
        ("until:2h", AuditFilter(until=NOW - timedelta(hours=2))),
        ('billing "old name"', AuditFilter(words=("billing", "old name"))),
        ('"a:b"', AuditFilter(words=("a:b",))),
        (
            "since:2026-11-01 until:2026-11-02",
            AuditFilter(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 3, tzinfo=UTC)),
        ),
    ],
)
def test_what_is_typed(text: str, wanted: AuditFilter) -> None:
    assert parse_filter(text, NOW, UTC) == wanted


def test_a_day_is_the_operators() -> None:
    wanted = parse_filter("since:2026-11-01 until:2026-11-01", NOW, ZoneInfo("Asia/Kolkata"))
    assert wanted.since == datetime(2026, 10, 31, 18, 30, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 1, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("actr:alice", "there is no field 'actr'", 0),
        ("alice since:yesterday", "since: can't read the time", 12),
        ("since:2026-02-30", "since: can't read the time", 6),
        ("since:999999999999d", "since: can't read the time", 6),
        ("token:12", "an ID looks like SU-631-646-036", 6),
        ("actor:", "a value is missing", 6),
        ('action:"', "a quote is not closed", 7),
        ("actor:a actor:b", "actor: stands there twice", 14),
        ("a b c d e f", "too many words", 10),
        ("x" * 501, "the filter is too long", 500),
        ("a\0b", "the filter holds a character that no entry can have", 1),
        ("SU-631-646-036:" + 40 * "a", "a key is not looked for here", 0),
        ('"SU-631-646-036:' + 40 * "a" + '"', "a key is not looked for here", 0),
    ],
)
def test_what_is_refused(text: str, message: str, position: int) -> None:
    with pytest.raises(QueryError) as raised:
        parse_filter(text, NOW, UTC)
    assert (raised.value.message, raised.value.position) == (message, position)


@given(
    text=st.text(max_size=60) | st.from_regex(r"(actor|since|token|until|x|SU-1):[\w\"<>-]{0,12} .*", fullmatch=True)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    place = 0
    try:
        parse_filter(text, NOW, UTC)
    except QueryError as error:
        place = error.position
    assert 0 <= place <= len(text)

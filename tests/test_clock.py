"""The operator's time zone, from whatever `TZ` says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.clock import local_zone

JANUARY, JULY = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)


def _hours(moment: datetime) -> float:
    offset = moment.astimezone(local_zone()).utcoffset()
    assert offset is not None
    return offset / timedelta(hours=1)


@pytest.mark.parametrize(
    ("tz", "january", "july"),
    [
        ("Europe/Paris", 1, 2),
        (":Europe/Paris", 1, 2),
        ("/usr/share/zoneinfo/Europe/Paris", 1, 2),
        ("Asia/Kathmandu", 5.75, 5.75),
        ("America/St_Johns", -3.5, -2.5),
        ("Antarctica/Troll", 0, 2),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1, 2),
        ("CET-1CEST", 1, 2),
        ("EST5EDT", -5, -4),
        ("EST5EDT,M3.2.0,M11.1.0", -5, -4),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 11, 10),
        ("<+0545>-5:45", 5.75, 5.75),
        ("UTC0", 0, 0),
        ("UTC+3", -3, -3),
        ("", 0, 0),
    ],
)
def test_what_tz_may_say(monkeypatch: pytest.MonkeyPatch, tz: str, january: float, july: float) -> None:
    monkeypatch.setenv("TZ", tz)
    assert (_hours(JANUARY), _hours(JULY)) == (january, july)


@pytest.mark.parametrize(
    "tz",
    [
        "Foo/Bar",
        "\x1b[31m",
        "[red]x[/]",
        "Europe/Zürich",
        "\udce9",
        "CET-1CEST,",
        "CET-1CEST,M13.9.9,J0",
        "\n",
        ",",
        "/etc/passwd",
        "/nowhere",
        "../../etc/passwd",
        "Europe",
        "XXX-25",
        "-05:00",
        "a",
        "a" * 5_000,
    ],
)
def test_a_tz_that_says_nothing_is_no_fault(monkeypatch: pytest.MonkeyPatch, tz: str) -> None:
    monkeypatch.setenv("TZ", tz)
    assert abs(_hours(JULY)) < 24


@given(tz=st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30))
def test_any_text_in_tz_gives_a_zone(tz: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", tz)
        assert abs(_hours(JANUARY)) < 24


@pytest.mark.parametrize("tz", ["CET-1CEST", "EST5EDT,M3.2.0,M11.1.0", "<+0545>-5:45", "Asia/Kolkata", "NZST-12NZDT"])
def test_a_rule_means_what_the_c_library_means_by_it(monkeypatch: pytest.MonkeyPatch, tz: str) -> None:
    monkeypatch.setenv("TZ", tz)
    time.tzset()
    try:
        for day in range(0, 365, 5):
            moment = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
            assert moment.astimezone(local_zone()).utcoffset() == moment.astimezone().utcoffset()
    finally:
        monkeypatch.undo()
        time.tzset()

"""What the types of columns make of a value, on its way in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from tokentui.models import EPOCH, LATEST, Bytes, Damaged, DamagedMoment, Flag, UtcDateTime, from_micros, to_micros

DIALECT = sqlite.dialect()


def test_a_moment_is_microseconds_in_utc() -> None:
    local = datetime(2026, 11, 24, 10, 30, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    assert from_micros(to_micros(local)) == local
    assert from_micros(to_micros(local)).tzinfo is UTC
    assert to_micros(EPOCH + timedelta(microseconds=1)) == 1
    with pytest.raises(ValueError, match="time zone"):
        to_micros(datetime(2026, 11, 24))  # noqa: DTZ001


@pytest.mark.parametrize("never", [EPOCH, LATEST])
def test_never_is_a_moment_in_the_table(never: datetime) -> None:
    column = UtcDateTime(never=never)
    assert column.process_bind_param(None, DIALECT) == to_micros(never)
    assert column.result_processor(DIALECT, None)(to_micros(never)) is None
    assert UtcDateTime().process_bind_param(None, DIALECT) is None
    assert UtcDateTime().result_processor(DIALECT, None)(None) is None


@pytest.mark.parametrize(
    ("held", "sorted_as"), [(-1, EPOCH), (2**62, LATEST), ("soon", LATEST), (b"x", LATEST), (1.5, from_micros(1))]
)
def test_a_value_that_is_no_moment_is_damaged(held: object, sorted_as: datetime) -> None:
    """It stands where SQLite sorts it, and keeps what the column holds."""
    moment = UtcDateTime().result_processor(DIALECT, None)(held)
    assert isinstance(moment, DamagedMoment)
    assert (moment, moment.raw) == (sorted_as, held)


def test_what_is_no_flag_and_no_bytes_opens_nothing() -> None:
    read_flag = Flag().result_processor(DIALECT, None)
    assert [read_flag(value) for value in (1, 0, "yes", 2, None, b"\x01")] == [True, *[False] * 5]
    read = Bytes().process_result_value("text", DIALECT)
    assert read == b""
    assert isinstance(read, Damaged)

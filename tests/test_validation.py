"""What a valid value is: whatever is typed, it is stored as it reads, or refused in one harmless line."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import START
from tokentui import validation
from tokentui.validation import ValidationError

BERLIN = ZoneInfo("Europe/Berlin")
ODD = st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Zs", "Zl", "Zp"])
ANYTHING = st.text(st.characters(codec=None) | ODD, max_size=300)
MODULES = ("agreements", "helpdesk", "usage")

CONTROLS = ["\x00", "\x07", "\x1b[31m", "\x7f", "\x9b31m", "a\tb", "a\rb", "\x1b]52;c;eA==\x07"]
TURNED = [f"a{mark}b" for mark in "\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff"]
TEXTS = ["[red]x[/]", "[/]", "令牌 名前", "e\u0301tude", "👩\u200d💻", "किताब", "a'b\"c;--", "$(reboot)", "\\x1b[31m"]


def refusal(check: Callable[[], object]) -> ValidationError:
    """What the check raises: one printable line of a bearable length that names a field."""
    with pytest.raises(ValidationError) as raised:
        check()
    error = raised.value
    assert error.field
    assert error.message == str(error)
    assert error.message.isprintable()
    assert len(error.message) < 600
    return error


def accepted(check: Callable[[], object]) -> object:
    """What the check gives; None where it refuses as it should; anything else that it raises is a fault."""
    try:
        return check()
    except ValidationError:
        refusal(check)
        return None


def moment(text: str, *, zone: tzinfo = BERLIN, now: datetime = START) -> datetime | None:
    """`when`, in Berlin on 2026-11-24."""
    return validation.when(text, now=now, zone=zone)


# Names, external IDs, descriptions


@pytest.mark.parametrize("text", [*CONTROLS, *TURNED, "a\nb", "half \ud83d"])
def test_text_that_would_move_a_terminal_or_deceive_is_refused_everywhere(text: str) -> None:
    assert refusal(lambda: validation.name(text)).field == "name"
    assert refusal(lambda: validation.external_id(text)).field == "external_id"
    if text != "a\nb":
        assert refusal(lambda: validation.description(text)).field == "description"


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_only_looks_dangerous_is_kept_as_it_is(text: str) -> None:
    assert validation.external_id(text) == validation.description(text) == text
    assert validation.name(text) == unicodedata.normalize("NFC", text)


def test_a_name_is_trimmed_needed_and_not_too_long() -> None:
    assert validation.name("  Billing export  ") == "Billing export"
    assert validation.name("x" * 128) == "x" * 128
    assert validation.name(" " + "請" * 128 + " ") == "請" * 128
    for text in ("", "   ", "\u3000\xa0"):
        assert "needed" in refusal(lambda text=text: validation.name(text)).message  # type: ignore[misc]
    assert "129 characters, 128" in refusal(lambda: validation.name("x" * 129)).message
    assert "10000 characters" in refusal(lambda: validation.name("x" * 10_000)).message


@pytest.mark.parametrize("text", ["\u200b", "\u200d\u2060", " \u00ad ", "\U000e0041", "\u180e"])
def test_a_name_of_nothing_that_is_seen_is_none(text: str) -> None:
    assert "needed" in refusal(lambda: validation.name(text)).message


def test_nothing_is_no_external_id_and_no_description() -> None:
    assert validation.external_id(None) is validation.external_id("") is validation.external_id("  ") is None
    assert validation.description(None) == validation.description(" \n ") == ""
    assert validation.external_id(" E-1 ") == "E-1"
    assert "128" in refusal(lambda: validation.external_id("x" * 129)).message


def test_a_description_has_lines_of_one_kind() -> None:
    assert validation.description("one\r\ntwo\n\n") == "one\ntwo"
    assert validation.description("  indented") == "  indented"
    assert validation.description("x" * 255 + "  \n") == "x" * 255
    assert "256 characters, 255" in refusal(lambda: validation.description("x" * 256)).message


def composed(text: str) -> str:
    """In NFC (Unicode, annex 15)."""
    return unicodedata.normalize("NFC", text)


@given(ANYTHING)
@example("\U0002f800")
def test_what_passes_is_plain_and_passes_again(text: str) -> None:
    for check in (validation.name, validation.external_id, validation.description):
        kept = accepted(lambda check=check: check(text))  # type: ignore[misc]
        if isinstance(kept, str):
            assert check(kept) == (kept or None if check is validation.external_id else kept)
            # Names are kept in NFC, in which some characters are other ones.
            assert composed(kept.strip()) in composed(text.replace("\r\n", "\n"))
            assert not {unicodedata.category(c) for c in kept.replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}
            kept.encode()  # what can't be encoded can't be stored


# IDs


@pytest.mark.parametrize("text", ["SU-631-646-036", "su-631-646-036", " Su-631-646-036\n"])
def test_an_id_in_any_case(text: str) -> None:
    assert validation.token_id(text) == 631646036


@pytest.mark.parametrize(
    "text",
    [
        "", "SU-1", "SU-631-646-03", "SU-631-646-0366", "SU-631-646-036:", "SU631646036", "631646036", "XX-631-646-036",
        "SU-६३१-646-036", "SU-631-646-03６", "ſU-631-646-036", "SU-631-646-036\x00", "SU\u2010631\u2010646\u2010036",
        "\x1b[31m", "x" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_id(text: str) -> None:
    assert refusal(lambda: validation.token_id(text)).field == "id"


# Permissions, extensions, networks


def test_a_permission_is_all_or_some_known_modules() -> None:
    def check(*chosen: str, every: bool = False) -> tuple[str, ...]:
        return validation.modules(chosen, known=MODULES, all_modules=every)

    assert check("usage", "helpdesk", "usage") == ("helpdesk", "usage")
    assert check(every=True) == ()
    assert "at least one" in refusal(check).message
    assert "not both" in refusal(lambda: check("usage", every=True)).message
    assert "'nosuch'" in refusal(lambda: check("usage", "nosuch")).message
    assert "'Usage'" in refusal(lambda: check("Usage")).message
    for text in (*CONTROLS, *TURNED, "x" * 10_000):
        assert refusal(lambda text=text: check(text)).field == "modules"  # type: ignore[misc]


def test_an_extension_is_a_known_one() -> None:
    assert validation.extension("zapier", known=["zapier", "custom"]) == "zapier"
    error = refusal(lambda: validation.extension("\x1b[31m", known=["zapier", "custom"]))
    assert error.field == "extension"
    assert "custom, zapier" in error.message


def test_networks_are_canonical_and_once_each() -> None:
    given_ = (" 203.0.113.9/24 ", "203.0.113.0/24", "10.0.0.5", "2001:DB8::1/64", "::1")
    assert validation.networks(given_) == ("203.0.113.0/24", "10.0.0.5/32", "2001:db8::/64", "::1/128")
    assert validation.networks(()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.300",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "010.0.0.1",
        "10.0.0",
        "::/129",
        "localhost",
        "१.0.0.0",
        *CONTROLS,
    ],
)
def test_what_is_no_network(text: str) -> None:
    assert refusal(lambda: validation.networks(["10.0.0.0/8", text])).field == "networks"


@given(st.one_of(ANYTHING, st.ip_addresses().map(str), st.from_regex(r"[0-9a-f.:%/]{1,20}", fullmatch=True)))
def test_a_network_that_passes_is_one_for_the_standard_library_too(text: str) -> None:
    networks = accepted(lambda: validation.networks([text]))
    if networks:
        assert isinstance(networks, tuple)
        assert [str(ipaddress.ip_network(network)) for network in networks] == list(networks)


# Durations and moments


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90s", timedelta(seconds=90)), ("15m", timedelta(minutes=15)), ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)), (" +6w ", timedelta(weeks=6)), ("0", timedelta(0)), ("0d", timedelta(0)),
        ("007d", timedelta(days=7)),
    ],
)  # fmt: skip
def test_durations(text: str, time: timedelta) -> None:
    assert validation.duration(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "d",
        "7 d",
        "-7d",
        "7D",
        "1.5h",
        "7d12h",
        "٧d",
        "7d\x00",
        "1e9s",
        "never",
        "7yr",
        "9" * 10 + "d",
        "999999999w",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    assert refusal(lambda: validation.duration(text, field="overlap")).field == "overlap"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("90s", "2026-11-24T09:31:30"), ("+45d", "2027-01-08T09:30:00"), ("6w", "2027-01-05T09:30:00"),
        ("2026-12-31", "2026-12-31T22:59:59"), ("2026-11-24", "2026-11-24T22:59:59"),
        ("2027-07-01", "2027-07-01T21:59:59"), ("2028-02-29", "2028-02-29T22:59:59"),
        ("2026-12-31T12:00", "2026-12-31T11:00:00"), ("2026-12-31 12:00:30", "2026-12-31T11:00:30"),
        ("2026-12-31T12:00Z", "2026-12-31T12:00:00"), ("2026-12-31T12:00:00-05:30", "2026-12-31T17:30:00"),
        ("2027-10-31T02:30", "2027-10-31T00:30:00"), ("2027-10-31T02:30+01:00", "2027-10-31T01:30:00"),
        (" 2026-12-31 ", "2026-12-31T22:59:59"),
    ],
)  # fmt: skip
def test_moments(text: str, utc: str) -> None:
    assert moment(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["never", "NEVER", " Never "])
def test_never(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-02-30", "not a date that exists"), ("2027-02-29", "not a date that exists"), ("2027-13-01", "exists"),
        ("2027-00-10", "exists"), ("0000-01-01", "exists"), ("2027-01-01T25:00", "exists"),
        ("2027-01-01T12:60", "exists"), ("2027-01-01T12:00+99:00", "exists"), ("2027-03-28T02:30", "put forward"),
        ("2020-01-01", "past"), ("2026-11-23", "past"), ("2026-11-24T10:30", "past"), ("0d", "past"), ("0s", "past"),
        ("0", "not a time"), ("", "not a time"), ("tomorrow", "not a time"), ("12", "not a time"),
        ("31.12.2026", "not a time"), ("2026-12-31T", "not a time"), ("26-12-31", "not a time"),
        ("2026-1-1", "not a time"), ("2026-12-31T12:00z", "not a time"), ("2026-12-31t12:00", "not a time"),
        ("2026-12-31T12", "not a time"), ("２０２７-01-01", "not a time"), ("nevér", "not a time"),
        ("9999-12-31", "far away"), ("99999999w", "far away"), ("999999999d", "far away"), ("0001-01-01", ""),
        ("2027-01-01\x00", "not a time"), ("\x1b[31m", "not a time"), ("x" * 10_000, "not a time"),
        ("2027-01-01\n2028-01-01", "not a time"),
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str, said: str) -> None:
    error = refusal(lambda: moment(text))
    assert error.field == "expires"
    assert said in error.message


WHENISH = st.one_of(
    ANYTHING,
    st.from_regex(r"\+?[0-9]{1,10}[smhdwy]", fullmatch=True),
    st.from_regex(r"[0-9]{4}(-[0-9]{2}){2}([T ][0-9]{2}(:[0-9]{2}){1,2}(Z|[+-][0-9]{2}:[0-9]{2})?)?", fullmatch=True),
    st.datetimes(datetime(2026, 11, 1), datetime(9999, 12, 31)).map(lambda local: local.isoformat(" ", "seconds")),  # noqa: DTZ001
)  # fmt: skip


@pytest.mark.parametrize(("text", "days"), [("1y", 365), ("+2y", 730), ("6w", 42)])
def test_weeks_and_years_are_durations_and_moments(text: str, days: int) -> None:
    """A year has 365 days."""
    assert validation.duration(text) == timedelta(days=days)
    assert moment(text) == START + timedelta(days=days)


@given(WHENISH, st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Apia", "UTC"]))
def test_whatever_is_typed_is_a_future_moment_in_utc_or_refused(text: str, zone: str) -> None:
    parsed = accepted(lambda: moment(text, zone=ZoneInfo(zone)))
    if parsed is not None:
        assert isinstance(parsed, datetime)
        assert parsed.tzinfo is UTC
        assert START < parsed < datetime(9001, 1, 1, tzinfo=UTC)


@given(st.dates(datetime(2026, 11, 25).date(), datetime(2099, 12, 31).date()))  # noqa: DTZ001
def test_a_date_is_the_end_of_that_day_where_it_was_typed(day: object) -> None:
    parsed = moment(str(day))
    assert parsed is not None
    assert parsed.astimezone(BERLIN).date() == day
    assert (parsed + timedelta(seconds=1)).astimezone(BERLIN).date() != day


@given(st.datetimes(datetime(2026, 11, 25), datetime(2099, 12, 31)).map(lambda local: local.replace(microsecond=0)))  # noqa: DTZ001
def test_a_local_time_reads_back_as_it_was_typed(typed: datetime) -> None:
    parsed = accepted(lambda: moment(typed.isoformat()))
    if isinstance(parsed, datetime):
        assert parsed.astimezone(BERLIN).replace(tzinfo=None) == typed
    else:  # an hour that is skipped, on a Sunday in March
        assert (typed.month, typed.hour, typed.isoweekday()) == (3, 2, 7)


def test_the_longest_lifetime() -> None:
    ninety = timedelta(days=90)
    validation.lifetime(START + ninety, now=START, longest=ninety)
    validation.lifetime(None, now=START, longest=None)
    for expires in (START + ninety + timedelta(seconds=1), None):
        message = refusal(lambda: validation.lifetime(expires, now=START, longest=ninety)).message  # noqa: B023
        assert "at most 90 days (max_lifetime)" in message
    half = refusal(lambda: validation.lifetime(None, now=START, longest=timedelta(hours=36)))
    assert "1.5 days" in half.message


@given(ANYTHING)
def test_what_was_typed_is_quoted_short_and_harmless(text: str) -> None:
    message = refusal(lambda: validation.extension(text + "?", known=["custom"])).message
    assert message.isprintable()

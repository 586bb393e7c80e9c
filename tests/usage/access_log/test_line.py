"""One line of an access log: what is read of it, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.models import to_micros
from tokentui.usage.access_log.line import DIGEST_BYTES, BadLine, of_syslog, parse

GOOD = {
    "time": "1795512600.125",
    "request": "00000000000000010000000000000002",
    "token": "SU-631-646-036",
    "status": "200",
    "client": "203.0.113.9",
}


def line(**changes: Any) -> str:
    return json.dumps({**GOOD, **changes})


def test_a_line() -> None:
    response = parse(line())
    assert response is not None
    at = to_micros(datetime(2026, 11, 24, 9, 30, 0, 125_000, tzinfo=UTC))
    assert (response.token, response.at, response.status, response.client) == (631646036, at, 200, "203.0.113.9")
    assert len(response.digest) == DIGEST_BYTES


def test_other_keys_may_stand_beside() -> None:
    """And the time may be $time_iso8601, the status a number."""
    response = parse(line(time="2026-11-24T10:30:00+01:00", status=404, agent="[red]x[/] \x1b[31m"))
    assert response is not None
    assert response[1] == to_micros(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    assert response[3] == 404


@pytest.mark.parametrize("token", ["", "-"])
def test_a_request_without_a_token(token: str) -> None:
    assert parse(line(token=token)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("203.0.113.9 - - [24/Nov/2026:09:30:00 +0000] \"GET / HTTP/1.1\" 200 5", "not JSON"),
        (line()[:-5], "not JSON"),
        ("[" * 10_000, "not JSON"),
        ("7", "not a JSON object"),
        ("{}", 'no "token"'),
        (line(token="SU-1"), '"token" is not'),
        (line(token=631646036), '"token" is not'),
        (line(token=["SU-631-646-036"]), '"token" is not'),
        (line(status="20"), '"status"'),
        (line(status="000"), '"status"'),
        (line(status="2OO"), '"status"'),
        (line(status=True), '"status"'),
        (line(status="２００"), '"status"'),
        (line(request=""), 'no "request"'),
        (line(request="-"), 'no "request"'),
        (line(request=None), 'no "request"'),
        (line(request=["1"]), 'no "request"'),
        (line(request=True), 'no "request"'),
        (line(request="g" * 257), "longer than 256"),
        (line(time="yesterday"), '"time"'),
        (line(time="2026-11-24T10:30:00"), "no time zone"),
        (line(time="2026-02-30T10:30:00Z"), '"time"'),
        (line(time="0001-01-01T00:00:00Z"), "this century"),
        (line(time="99999999999"), "this century"),
        (line(time="1795512600e5"), '"time"'),
        (line(agent="x" * 20_000), "too long"),
    ],
)  # fmt: skip
def test_an_unreadable_line_says_why(text: str, said: str) -> None:
    """The reason never repeats the line: it may hold anything."""
    with pytest.raises(BadLine, match=said):
        parse(text)


@pytest.mark.parametrize("client", ["", "unix:", "203.0.113.9; rm", None, 5])
def test_an_invalid_address_is_left_out(client: object) -> None:
    response = parse(line(client=client))
    assert response is not None
    assert response.client == ""


def digest(**changes: Any) -> bytes:
    response = parse(line(**changes))
    assert response is not None
    return response.digest


@pytest.mark.parametrize(
    "ids",
    [
        [f"018f3c6e-7b00-7000-8000-00000000000{n}" for n in range(4)],  # UUIDv7 of one millisecond
        [f"01J9ZK3V5T000000000000000{n}" for n in range(4)],  # ULID
        ["1", "2", "3", 4],
        [f"Root=1-67891233-abcdef01234567891234567{n}" for n in range(4)],  # an AWS balancer's
        [f"4bf92f3577b34da6a3ce929d0e0e473{n}" for n in range(4)],
        ["x" * 255 + str(n) for n in range(4)],
        [f"\ud800{n} é" for n in range(4)],
    ],
)
def test_the_whole_request_id_tells_lines_apart(ids: list[str | int]) -> None:
    """Whatever its form: many are alike but for their end."""
    assert len({digest(request=value) for value in ids}) == 4
    assert digest(request=ids[3]) == digest(request=ids[3], client="", agent="x")


def test_so_do_moment_token_and_status() -> None:
    """A counter may begin again; a client may send its own ID twice."""
    others: list[dict[str, Any]] = [{}, {"time": "1795512600.126"}, {"token": "SU-631-646-037"}, {"status": 500}]
    assert len({digest(**other) for other in others}) == 4


def test_syslog_as_nginx_sends_it() -> None:
    assert of_syslog(b"<190>Nov 24 10:30:00 tokentui: " + line().encode()) == line()
    assert of_syslog(line().encode() + b"\n\0") == line()
    assert of_syslog(b"\xff\xfe") == "��"


@given(st.one_of(st.text(), st.dictionaries(st.sampled_from([*GOOD, "x"]), st.text() | st.integers()).map(json.dumps)))
def test_any_text(text: str) -> None:
    """Only ever a response of this format, nothing, or BadLine."""
    try:
        response = parse(text)
    except BadLine:
        return
    assert response is None or (0 < response.token < 10**9 and 100 <= response.status <= 999)

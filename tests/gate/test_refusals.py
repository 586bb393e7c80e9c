"""What a refused request is answered."""

from __future__ import annotations

import json
import logging

import pytest

from tokentui.errors import DatabaseError
from tokentui.gate import refusals
from tokentui.gate.decision import Decision, Reason

UNAUTHORIZED = {reason for reason in Reason if Decision(reason).status == 401}


def test_every_401_is_the_same_bytes() -> None:
    """Nothing tells a caller whether a key is wrong, unknown, disabled, expired or deleted."""
    assert {refusals.refusal(Decision(reason)) for reason in UNAUTHORIZED} == {refusals.UNAUTHORIZED}
    assert set(Reason) - UNAUTHORIZED == {Reason.VALID, Reason.NETWORK, Reason.MODULE}
    assert ("www-authenticate", 'ApiKey realm="tokentui"') in refusals.UNAUTHORIZED.headers


@pytest.mark.parametrize(
    ("decision", "error"),
    [
        (Decision(Reason.NETWORK), "may not be used from this address"),
        (Decision(Reason.MODULE, module="Helpdesk"), "no permission for Helpdesk."),
        (Decision(Reason.MODULE), "no permission for this path"),
    ],
)
def test_a_403_says_what_is_lacking(decision: Decision, error: str) -> None:
    """In its JSON body, whose length the headers tell."""
    answer = refusals.refusal(decision)
    assert answer.status == 403
    assert json.loads(answer.body)["error_code"] == "AUTH_003"
    assert error in json.loads(answer.body)["errors"][0]
    assert ("content-length", str(len(answer.body))) in answer.headers


def test_a_reason_that_stays_is_logged_once_in_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every request is answered all the same."""
    seconds = [100.0]
    monkeypatch.setattr("tokentui.gate.refusals.time.monotonic", lambda: seconds[0])
    monkeypatch.setattr(refusals, "_last_logged", {})
    error = DatabaseError("the disk is gone", "look at it")
    with caplog.at_level(logging.ERROR):
        for now, lines in ((100.0, 1), (109.9, 1), (110.0, 2)):
            seconds[0] = now
            assert refusals.unavailable(error) is refusals.UNAVAILABLE
            assert len(caplog.records) == lines

"""A caller learns the status of a decision alone."""

from __future__ import annotations

import pytest

from tokentui.gate.decision import Decision, Reason


@pytest.mark.parametrize("reason", Reason)
def test_the_status_of_each_reason(reason: Reason) -> None:
    """200 lets in; 403 tells whoever has a valid key that it is not for this; all else looks the same."""
    decision = Decision(reason)
    assert decision.allowed == (reason is Reason.VALID) == (decision.status == 200)
    assert (decision.status == 403) == (reason in (Reason.NETWORK, Reason.MODULE))
    assert decision.status in (200, 401, 403)

"""Stopping a service: in time it does nothing, too late it goes on."""

from __future__ import annotations

import pytest

from tokentui.errors import Stopped
from tokentui.tokens.progress import Progress


def test_it_is_stopped_before_the_commit() -> None:
    progress = Progress(3)
    progress.advance(2)
    assert progress.stop()
    assert (progress.is_stopped, progress.done) == (True, 2)
    for step in (progress.advance, progress.finish):
        with pytest.raises(Stopped):
            step()


def test_a_commit_is_not_stopped() -> None:
    progress = Progress(1)
    progress.advance(1)
    progress.finish()
    assert not progress.stop()
    assert not progress.is_stopped
    progress.advance()

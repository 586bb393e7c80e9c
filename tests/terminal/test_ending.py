"""The app ends for a signal or a terminal that is gone, by itself or by force."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tokentui.terminal import ending
from tokentui.terminal.ending import Ending


class Ended(Exception):
    """In place of the end of the process."""


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(ending, "GRACE_S", 0)


@pytest.mark.usefixtures("exits")
async def test_a_terminal_that_is_gone_ends_the_app() -> None:
    """The app is asked first; then its output is silenced and the process ends, with the status of SIGHUP."""
    done: list[str] = []
    end = Ending(lambda: done.append("asked"), lambda: done.append("silenced"))
    assert end.status == 0
    end.terminal_lost()
    with pytest.raises(Ended) as ended:
        end._wait(asyncio.get_running_loop())
    assert ended.value.args == (end.status,) == (128 + signal.SIGHUP,)
    assert done == ["silenced"]
    await asyncio.sleep(0)
    assert done == ["silenced", "asked"]


@pytest.mark.usefixtures("exits")
async def test_an_app_that_has_ended_is_left_alone() -> None:
    done: list[str] = []
    end = Ending(lambda: done.append("asked"), lambda: done.append("silenced"))
    end.stop()
    end._wait(asyncio.get_running_loop())
    await asyncio.sleep(0)
    assert (done, end.status) == ([], 0)

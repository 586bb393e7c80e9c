"""Lists of options that have no room, or none yet."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.widgets import OptionList

from tokentui.terminal.textual_internals import TerminalApp


class _List(TerminalApp):
    """Six options."""

    def compose(self) -> ComposeResult:
        yield OptionList(*map(str, range(6)))


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
@pytest.mark.parametrize(("height", "moves"), [(0, False), (3, True)])
async def test_a_page_of_a_list_without_room(key: str, height: int, moves: bool) -> None:
    """In a terminal of few lines, or before the list is shown: the key does nothing."""
    app = _List()
    async with app.run_test(size=(20, 6)) as pilot:
        options = app.query_one(OptionList)
        options.styles.border = None
        options.styles.height = height
        options.highlighted = 3
        options.focus()
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.fault is None
        assert (options.highlighted != 3) == moves

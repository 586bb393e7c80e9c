"""The menu of a row, and of the marked rows."""

from __future__ import annotations

from tests.factories import make_token
from tests.screens.actions.driving import closed, opened, said, start, words
from tests.screens.conftest import settle, wait_until
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Status
from tokentui.screens.actions.bulk import BulkPreview
from tokentui.screens.actions.row_menu import RowMenu
from tokentui.screens.dialogs import Confirm
from tokentui.tokens.reads import get_token


async def test_the_menu_is_about_the_marked_tokens(app: TokentuiApp, context: Context) -> None:
    """It says how many; the right button on a row without a mark is about that row alone."""
    ids = [make_token(context, name).token.id for name in ("One", "Two", "Three")]
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 3)
        await pilot.press("space", "space")
        await settle(pilot)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert [offer.label for offer in app.screen.menu] == [  # type: ignore[attr-defined]
            "Disable 2", "Rotate 2", "Renew 2", "Delete 2",
        ]  # fmt: skip
        await pilot.press("t")
        preview = await opened(pilot, BulkPreview)
        assert "Disable 2 tokens?" in words(preview)
        await pilot.press("escape")
        await closed(pilot)
        table = app.screen.table  # type: ignore[attr-defined]
        await pilot.click(table, button=3, offset=(30, 2))
        await wait_until(pilot, lambda: isinstance(app.screen, RowMenu))
        assert "Disable" in [offer.label for offer in app.screen.menu]  # type: ignore[attr-defined]
        await pilot.press("t")
        await opened(pilot, Confirm)
        await pilot.press("right", "enter")
        await closed(pilot)
        await wait_until(pilot, lambda: "disabled, u undoes" in said(app))
        last = table.pages.row(2).id
    assert {token_id for token_id in ids if get_token(context, token_id).status is Status.DISABLED} == {last}

"""What the open list says by itself: as time passes, as it is scrolled, and when its database is away."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import rows_with
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.models import Token
from tokentui.records import Status
from tokentui.screens.tokens.status_line import StatusCount
from tokentui.screens.widgets.notice import Notice
from tokentui.tokens.reads import count_by_status


def count_of(app: TokentuiApp, status: Status) -> int:
    return next(count.number for count in table_of(app).query(StatusCount) if count.status is status)


async def test_a_token_expires_while_the_list_is_open(app: TokentuiApp, context: Context, clock: FrozenClock) -> None:
    """Its row and the counts change without a key; so does how far away a date is."""
    make_token(context, "Soon", expires_at=context.now() + timedelta(hours=2))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(app).table
        assert count_of(app, Status.EXPIRING) == 1
        assert rows_with(app, "in 2 h")
        clock.move(hours=1)
        await wait_until(pilot, lambda: bool(rows_with(app, " 60 min ago  in 60 min ")))
        clock.move(hours=1, seconds=1)
        await wait_until(pilot, lambda: count_of(app, Status.EXPIRED) == 1)
        await wait_until(pilot, lambda: table.visible_rows()[0].status is Status.EXPIRED)
        clock.move(hours=-1, seconds=-1)  # somebody sets it right
        await wait_until(pilot, lambda: count_of(app, Status.EXPIRED) == 0)
        await wait_until(pilot, lambda: table.visible_rows()[0].status is Status.EXPIRING)


async def test_a_token_expires_while_the_list_is_read(
    app: TokentuiApp, context: Context, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind its back: it is read again."""
    make_token(context, "Soon", expires_at=context.now() + timedelta(hours=2))

    def counted(context: Context) -> dict[Status, int]:
        counts = count_by_status(context)
        if counts[Status.EXPIRING]:
            clock.move(hours=3)
        return counts

    monkeypatch.setattr("tokentui.tokens.reads.count_by_status", counted)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await wait_until(pilot, lambda: count_of(app, Status.EXPIRED) == 1)
        assert table_of(app).table.visible_rows()[0].status is Status.EXPIRED


async def test_a_filter_by_time_shows_what_it_would_show_now(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """A token comes into it, and one leaves it, though neither changes its status nor is changed."""
    for name, hours in (("Later", 50), ("Sooner", 49)):
        make_token(context, name, expires_at=context.now() + timedelta(hours=hours))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(app).table
        await pilot.press("slash", *"expires:<2d", "enter")
        await wait_until(pilot, lambda: table.pages.total == 0)
        clock.move(hours=1, minutes=1)
        await wait_until(pilot, lambda: [row.name for row in table.visible_rows()] == ["Sooner"])
        await pilot.press("slash", *["backspace"] * 11, *"created:<2h", "enter")
        await wait_until(pilot, lambda: table_of(app).spec.query == "created:<2h" and table.pages.total == 2)
        clock.move(hours=1)
        await wait_until(pilot, lambda: table.pages.total == 0)


async def test_times_that_have_grown_have_room_wherever_one_scrolls(
    long_list_app: TokentuiApp, long_list: Context, clock: FrozenClock
) -> None:
    """Nobody has changed anything, so that no page is read again."""
    now = long_list.now()
    with long_list.database.write() as session:
        session.execute(update(Token).values(last_used_at=now, expires_at=now + timedelta(hours=30)))
        session.commit()
    async with long_list_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert rows_with(long_list_app, " now ")
        clock.move(minutes=59)
        await pilot.press("pagedown", "pagedown")
        await settle(pilot)
        table = table_of(long_list_app).table
        assert table.scroll_offset.y > 0
        assert len(rows_with(long_list_app, " 59 min ago ")) == table.height
        clock.move(hours=20)
        await wait_until(pilot, lambda: len(rows_with(long_list_app, " 21 h ago ")) == table.height)


async def test_every_visible_row_has_its_use_after_a_jump(long_list_app: TokentuiApp) -> None:
    """G, page up, the wheel, another size."""
    async with long_list_app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        table = table_of(long_list_app).table

        def all_known() -> bool:
            rows = table.visible_rows()
            return len(rows) == table.height and {row.id for row in rows} <= set(table.use)

        for move in ("G", "pageup", "g", "pagedown"):
            await pilot.press(move)
            await wait_until(pilot, all_known)
        table.scroll_to(y=140, animate=False)
        await wait_until(pilot, lambda: table.scroll_offset.y == 140 and all_known())
        await pilot.resize_terminal(160, 60)
        await wait_until(pilot, all_known)


async def test_a_database_that_is_away_is_told_until_it_is_back(app: TokentuiApp, context: Context) -> None:
    """What is shown was known last, and why; when it is back nothing is said."""
    make_token(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = table_of(app)
        path = context.database.path
        assert path is not None
        away = path.with_name("away.db")
        context.database.close()
        path.rename(away)
        notice = screen.query_one(Notice)
        await wait_until(pilot, lambda: bool(app.problem) and "known last" in str(notice.content), seconds=5)
        assert "is not there any more" in app.problem
        await pilot.press("f5")
        away.rename(path)
        await wait_until(pilot, lambda: not app.problem and not notice.display, seconds=8)


async def test_a_truncated_database_is_told(app: TokentuiApp, context: Context) -> None:
    """Though SQLite goes on answering from its cache."""
    make_token(context)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert context.database.path is not None
        os.truncate(context.database.path, 0)
        notice = table_of(app).query_one(Notice)
        await wait_until(pilot, lambda: "truncated" in str(notice.content) and notice.display, seconds=5)

"""The Statistics tab: what is drawn, and what its keys do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.usage_rows import count
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing.spec import ListSpec
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.details.statistics import DayTable, StatisticsTab
from tokentui.screens.details.usage_chart import UsageChart
from tokentui.screens.dialogs import Prompt
from tokentui.screens.messages import OpenToken
from tokentui.screens.widgets.flow import Flow


@pytest.fixture
def token_id(context: Context, clock: FrozenClock) -> int:
    """Made 40 days ago, with traffic on three days."""
    clock.move(days=-40)
    token_id = make_token(context, days=400).token.id
    clock.move(days=40)
    count(context, token_id, 0, (100, 0, 0, 0))
    count(context, token_id, 1, (500, 2, 40, 3))
    count(context, token_id, 8, (900, 0, 0, 0))
    return token_id


async def open_statistics(pilot: Pilot[None], token_id: int) -> StatisticsTab:
    """The tab with its series."""
    pilot.app.post_message(OpenToken(token_id, ListSpec()))
    await wait_until(
        pilot, lambda: isinstance(pilot.app.screen, DetailsScreen) and pilot.app.screen.details is not None
    )
    await pilot.press("right_square_bracket")
    tab = pilot.app.screen.query_one(StatisticsTab)
    await wait_until(pilot, lambda: tab.series is not None)
    await settle(pilot)
    return tab


def text_of(tab: StatisticsTab, selector: str) -> str:
    return str(tab.query_one(selector, Static).content).replace("\u202f", " ")


def legend(tab: StatisticsTab) -> str:
    return str(tab.query_one("#stats-legend", Flow).render()).replace("\u202f", " ")


def plot(tab: StatisticsTab) -> list[str]:
    chart = tab.query_one(UsageChart)
    return [chart.render_line(y).text for y in range(chart.size.height)]


async def test_totals_rates_and_the_day(app: TokentuiApp, context: Context, token_id: int) -> None:
    """The legend counts the classes, the line under the chart the day: today at first."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert text_of(tab, "#stats-title") == "Responses, last 30 days"
        assert text_of(tab, "#stats-rates") == "2.8 % errors · 52 a day"
        for words in ("2xx Success 1 500", "3xx Redirection 2", "4xx Client error 40", "5xx Server error 3"):
            assert words in legend(tab)
        assert text_of(tab, "#stats-readout").startswith("Tue 24 Nov 2026 (today)   2xx 100   3xx 0")
        assert "Counting since 15 Oct 2026" in str(tab.query_one("#stats-keys", Flow).render())


async def test_the_cursor_walks_by_days(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Arrows, Home and End; it does not pass the ends."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("left")
        assert text_of(tab, "#stats-readout") == ("Mon 23 Nov 2026   2xx 500   3xx 2   4xx 40   5xx 3   total 545")
        await pilot.press("home")
        assert text_of(tab, "#stats-readout").startswith("Mon 26 Oct 2026   2xx 0")
        await pilot.press("left")
        assert tab.cursor == 0
        await pilot.press("right", "end", "right")
        assert tab.cursor == 29


@contextmanager
def counted_drawings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    drawings: list[int] = []
    draw = UsageChart._draw

    def counting(chart: UsageChart) -> list[Strip]:
        drawings.append(1)
        return draw(chart)

    with monkeypatch.context() as patch:
        patch.setattr(UsageChart, "_draw", counting)
        yield drawings


async def test_a_move_of_the_cursor_draws_no_plot(
    app: TokentuiApp, context: Context, token_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the axis is painted over: the mark goes from one day to the next, and nothing else changes."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        before = plot(tab)
        with counted_drawings(monkeypatch) as drawings:
            await pilot.press("left", "left")
            await settle(pilot)
            after = plot(tab)
            assert not drawings
        changed = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        assert changed == [len(before) - 2]
        assert before[-2].index("▲") - after[-2].index("▲") == 6


async def test_a_cursor_outside_the_window_moves_it(app: TokentuiApp, context: Context, token_id: int) -> None:
    """90 days do not fit into 80 columns: the axis says that there are more, Home goes there."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("plus")
        await wait_until(pilot, lambda: tab.series is not None and len(tab.series.days) == 90)
        await settle(pilot)
        assert "◂" in plot(tab)[-2]
        await pilot.press("home")
        await settle(pilot)
        assert "◂" not in plot(tab)[-2]
        assert "▸" in plot(tab)[-2]
        assert "▲" in plot(tab)[-2]


async def test_days_before_the_count_are_marked(app: TokentuiApp, context: Context, token_id: int) -> None:
    """A zero is a zero; a day before the token was made is none."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert "·" not in plot(tab)[-3]
        await pilot.press("plus", "home")
        await wait_until(pilot, lambda: tab.series is not None and len(tab.series.days) == 90)
        await settle(pilot)
        await pilot.press("home")
        assert "not counted" in text_of(tab, "#stats-readout")
        assert "·" in plot(tab)[-3]


async def test_ranges_keep_the_day(app: TokentuiApp, context: Context, token_id: int) -> None:
    """+ and - between 7, 14, 30 and 90 days; the cursor stays on its date where it can."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("left")
        for key, days in (
            ("minus", 14),
            ("minus", 7),
            ("minus", 7),
            ("plus", 14),
            ("plus", 30),
            ("plus", 90),
            ("plus", 90),
        ):
            await pilot.press(key)
            await wait_until(pilot, lambda days=days: tab.series is not None and len(tab.series.days) == days)
            await settle(pilot)
            assert text_of(tab, "#stats-readout").startswith("Mon 23 Nov 2026")


async def test_classes_are_hidden_and_shown(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Without the 2xx the scale fits the errors; the legend says what is hidden."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert "█" in "".join(plot(tab))
        await pilot.press("2")
        assert "2xx Success hidden" in legend(tab)
        assert "█" not in "".join(plot(tab))
        assert "▒" in "".join(plot(tab))
        await pilot.press("2", "3", "4", "5")
        assert legend(tab).count("hidden") == 3
        assert "█" in "".join(plot(tab))


async def test_all_classes_hidden_is_an_empty_chart(app: TokentuiApp, context: Context, token_id: int) -> None:
    """The axes stay, and nothing breaks."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("2", "3", "4", "5", "b", "b")
        assert "0┼" in plot(tab)[-2]


async def test_lines_have_a_point_for_each_class(app: TokentuiApp, context: Context, token_id: int) -> None:
    """b turns bars into lines and back; a class without responses has no line."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        bars = plot(tab)
        await pilot.press("b")
        lines = "".join(plot(tab))
        assert all(point in lines for point in "●×▲")
        assert "█" not in lines
        assert "● 2xx" in legend(tab)
        await pilot.press("b")
        assert plot(tab) == bars


async def test_the_table_has_the_same_days(app: TokentuiApp, context: Context, token_id: int) -> None:
    """T shows the numbers; its cursor is the day's, in both directions."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("left", "T")
        table = tab.query_one(DayTable)
        assert table.has_focus
        assert table.cursor_row == 28
        assert [str(cell) for cell in table.get_row_at(28)] == ["Mon 23 Nov 2026", "500", "2", "40", "3", "545"]
        await pilot.press("down")
        await settle(pilot)
        assert tab.cursor == 29
        await pilot.press("left", "left")
        assert table.cursor_row == 27
        await pilot.press("T")
        assert tab.query_one(UsageChart).has_focus
        assert tab.cursor == 27


def written(directory: Path) -> list[str]:
    return [file.read_text() for file in directory.glob("*.csv")]


async def test_csv_is_written_where_it_is_named(
    app: TokentuiApp, context: Context, token_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ctrl+s asks for a file; every day is a line."""
    monkeypatch.chdir(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_statistics(pilot, token_id)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press("enter")
        await wait_until(pilot, lambda: any("written" in note.message for note in app._notifications))
        (file,) = written(tmp_path)
        lines = file.splitlines()
        assert lines[0] == "date,2xx,3xx,4xx,5xx,total"
        assert lines[-2:] == ["2026-11-23,500,2,40,3,545", "2026-11-24,100,0,0,0,100"]
        assert len(lines) == 31


async def test_no_response_yet_says_how_they_get_here(app: TokentuiApp, context: Context) -> None:
    """And the first one shows without a key pressed."""
    token_id = make_token(context).token.id
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        empty = tab.query_one("#stats-empty", Static)
        assert empty.display
        assert not tab.query_one("#stats-plot").display
        assert "middleware" in str(empty.content)
        count(context, token_id, 0, (1, 0, 0, 0))
        await wait_until(pilot, lambda: not empty.display)
        await settle(pilot)
        assert tab.query_one(UsageChart).has_focus
        assert "2xx 1" in text_of(tab, "#stats-readout")


async def test_responses_only_before_the_range_are_zeros(
    app: TokentuiApp, context: Context, clock: FrozenClock
) -> None:
    """There were some, so the chart is there, and says zero."""
    token_id = make_token(context, days=400).token.id
    count(context, token_id, 0, (5, 0, 0, 0))
    clock.move(days=60)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert not tab.query_one("#stats-empty").display
        assert text_of(tab, "#stats-rates") == "0.0 % errors · 0 a day"


async def test_a_click_chooses_the_day_and_the_class(app: TokentuiApp, context: Context, token_id: int) -> None:
    """It works with a mouse, too."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart = tab.query_one(UsageChart)
        await pilot.click(chart, offset=(chart.render_line(0).text.index("┤") + 1, 5))
        await settle(pilot)
        assert tab.cursor == 0
        await pilot.click("#stats-legend", offset=(1, 0))
        assert "2xx Success hidden" in legend(tab)


@pytest.mark.parametrize(
    ("width", "words", "lines"), [(80, "2xx 1 500", 1), (120, "2xx Success 1 500", 1), (150, "Total 1 545", 6)]
)
async def test_the_legend_fits_the_width(
    app: TokentuiApp, context: Context, token_id: int, width: int, words: str, lines: int
) -> None:
    """Short at 80 columns, in words at 120, beside the chart with more in it from 140."""
    async with app.run_test(size=(width, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert words in legend(tab)
        assert tab.query_one("#stats-legend").size.height >= lines
        assert legend(tab).count("\n") == lines - 1
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "2xx 1 500" in legend(tab)


async def test_another_token_keeps_range_and_classes(
    app: TokentuiApp, context: Context, clock: FrozenClock, token_id: int
) -> None:
    """n goes to the next token of the list; the tab stays as it was set."""
    other = make_token(context, "Other", days=500).token.id
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("minus", "4", "n")
        await wait_until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.token_id == other)
        await settle(pilot)
        count(context, other, 0, (7, 0, 0, 0))
        await wait_until(pilot, lambda: tab.series is not None and tab.series.total == 7)
        assert len(tab.series.days) == 14  # type: ignore[union-attr]
        assert tab.hidden == {2}


async def test_a_theme_changes_the_colours_of_the_plot(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Colours come from the theme, and from the one that is on."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart = tab.query_one(UsageChart)

        def colours() -> set[object]:
            return {
                segment.style.color
                for y in range(chart.size.height)
                for segment in chart.render_line(y)
                if segment.style
            }

        before = colours()
        app.theme = "textual-light"
        await settle(pilot)
        assert colours() != before


async def test_a_tiny_terminal_does_not_crash(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Below 80x24 it is hard to read, but stays up."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        for width, height in ((30, 10), (10, 5), (3, 2), (200, 60)):
            await pilot.resize_terminal(width, height)
            await pilot.press("b", "left")
            await settle(pilot)
        assert tab.series is not None

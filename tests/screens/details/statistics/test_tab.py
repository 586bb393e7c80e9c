"""The Statistics tab: what is drawn, and what its keys do."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import FrozenClock, make_token
from tests.screens.conftest import settle, wait_until
from tests.screens.drawn import toasts
from tests.screens.usage_rows import count
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.listing.spec import ListSpec
from tokentui.screens.details.screen import DetailsScreen
from tokentui.screens.details.statistics import StatisticsTab
from tokentui.screens.details.statistics.chart import UsageChart
from tokentui.screens.details.statistics.table import DayTable
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


def figures(tab: StatisticsTab) -> str:
    return str(tab.query_one("#stats-figures", Flow).render()).replace("\u202f", " ")


def lit_columns(chart: UsageChart, y: int) -> list[int]:
    """The columns of a line that stand on another background than the one beside the axis."""
    cells = [s.style.bgcolor if s.style else None for s in chart.render_line(y) for _ in s.text]
    return [x for x, background in enumerate(cells) if background != cells[0]]


def plot(tab: StatisticsTab) -> list[str]:
    chart = tab.query_one(UsageChart)
    return [chart.render_line(y).text for y in range(chart.size.height)]


def shows_days(tab: StatisticsTab, days: int) -> bool:
    """Whether the tab shows so many days."""
    return tab.series is not None and len(tab.series.days) == days


async def test_totals_rates_and_the_day(app: TokentuiApp, context: Context, token_id: int) -> None:
    """The heading sums, the figures count the classes, the line under the chart the day: today at first."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert text_of(tab, "#stats-heading") == "Responses, 30 days   1 545 · 52 a day · 2.8 % errors"
        for words in ("2xx Success       1 500", "3xx Redirection       2", "5xx Server error      3    0.2 %"):
            assert words in figures(tab)
        assert "worst   23 Nov  3 × 5xx" in figures(tab)
        assert text_of(tab, "#stats-readout").startswith("Tue 24 Nov 2026 (today)  2xx 100  3xx 0")
        assert text_of(tab, "#stats-since") == "counting since 15 Oct 2026"


async def test_the_cursor_walks_by_days(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Arrows, Home and End; it does not pass the ends."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("left")
        assert text_of(tab, "#stats-readout") == (
            "Mon 23 Nov 2026  2xx 500  3xx 2  4xx 40  5xx 3  total 545  7.9 % errors"
        )
        await pilot.press("home")
        assert text_of(tab, "#stats-readout").startswith("Mon 26 Oct 2026  2xx 0")
        await pilot.press("left")
        assert tab.cursor == 0
        await pilot.press("right", "end", "right")
        assert tab.cursor == 29


async def test_a_move_of_the_cursor_repaints_two_bars(
    app: TokentuiApp, context: Context, token_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day left and the day reached, from top to bottom; nothing is drawn anew, no character changes."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart = tab.query_one(UsageChart)
        drawn, before = chart._drawn, plot(tab)
        assert drawn is not None
        regions: list[Region] = []
        module = "tokentui.screens.details.statistics.chart"
        monkeypatch.setattr(f"{module}.draw_at_once", lambda _, *changed: regions.extend(changed))
        await pilot.press("left")
        await settle(pilot)
        assert chart._drawn is drawn
        assert plot(tab) == before
        assert [range(region.x, region.right) for region in regions] == [drawn.columns(29), drawn.columns(28)]
        lit = lit_columns(chart, 3)
        assert lit == list(drawn.columns(28))
        assert not lit_columns(chart, chart.size.height - 1)


async def test_the_cursor_is_seen_without_colours(
    app: TokentuiApp, context: Context, token_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bar stays a bar, and what is over it is filled, where a background may not be told from another."""
    monkeypatch.setattr(app, "no_color", True)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart = tab.query_one(UsageChart)
        assert chart._drawn is not None
        columns = chart._drawn.columns(tab.cursor)
        for y in range(chart._drawn.bars_height):
            drawn, lit = chart._drawn.line(y), chart.render_line(y).text
            text = "".join(span.text for span in drawn)
            assert lit[columns.start : columns.stop] == text[columns.start : columns.stop].replace(" ", "░")
            assert lit[: columns.start] + lit[columns.stop :] == text[: columns.start] + text[columns.stop :]
        assert "░" in chart.render_line(2).text


async def test_a_cursor_outside_the_window_moves_it(app: TokentuiApp, context: Context, token_id: int) -> None:
    """90 days do not fit into 80 columns: the dates say that there are more, Home goes there."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("plus")
        await wait_until(pilot, lambda: tab.series is not None and len(tab.series.days) == 90)
        await settle(pilot)
        assert "◂" in plot(tab)[-1]
        await pilot.press("home")
        await settle(pilot)
        assert "◂" not in plot(tab)[-1]
        assert "▸" in plot(tab)[-1]
        assert lit_columns(tab.query_one(UsageChart), 2)


async def test_days_before_the_count_are_marked(app: TokentuiApp, context: Context, token_id: int) -> None:
    """A zero is a zero; a day before the token was made is none."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert not any("·" in line for line in plot(tab))
        await pilot.press("plus", "home")
        await wait_until(pilot, lambda: tab.series is not None and len(tab.series.days) == 90)
        await settle(pilot)
        await pilot.press("home")
        assert "not counted" in text_of(tab, "#stats-readout")
        assert sum("·" in line for line in plot(tab)) == 4


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
            await wait_until(pilot, partial(shows_days, tab, days))
            await settle(pilot)
            assert text_of(tab, "#stats-readout").startswith("Mon 23 Nov 2026")


def lanes(tab: StatisticsTab) -> list[str]:
    labels = [line.partition("│")[0].strip() for line in plot(tab) if "│" in line]
    return [label for label in labels if label.endswith("xx")]


async def test_classes_are_hidden_and_shown(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Without the 2xx the errors have the room; the figures say what is hidden, and how to show it."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert lanes(tab) == ["2xx", "3xx", "4xx", "5xx"]
        await pilot.press("2")
        assert "hidden  2 shows it" in figures(tab)
        assert lanes(tab) == ["3xx", "4xx", "5xx"]
        assert sum("0┼" in line for line in plot(tab)) == 3
        await pilot.press("2", "3", "4", "5")
        assert figures(tab).count("hidden") == 3
        assert lanes(tab) == ["2xx"]


async def test_all_classes_hidden_is_an_empty_chart(app: TokentuiApp, context: Context, token_id: int) -> None:
    """Nothing breaks, and the keys that show them again are said."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("2", "3", "4", "5", "b", "b")
        assert lanes(tab) == []
        assert figures(tab).count("hidden") == 4


async def test_bars_turn_into_a_line(app: TokentuiApp, context: Context, token_id: int) -> None:
    """b turns them, and back; lanes of a cell or two stay bars, as a line needs height."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        bars = plot(tab)
        await pilot.press("b")
        lines = plot(tab)
        assert any("\u2800" < cell <= "\u28ff" for line in lines for cell in line)
        assert "█" not in "".join(lines)
        assert lines[-4:] == bars[-4:]
        await pilot.press("b")
        assert plot(tab) == bars


async def test_the_table_has_the_same_days(app: TokentuiApp, context: Context, token_id: int) -> None:
    """T shows the numbers, errors in per cent and a bar; its cursor is the day's, in both directions."""
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_statistics(pilot, token_id)
        await pilot.press("left", "T")
        await settle(pilot)
        table = tab.query_one(DayTable)
        assert table.has_focus
        assert table.cursor_row == 28
        cells = [str(cell).replace("\u202f", " ") for cell in table.get_row_at(28)]
        assert cells[:-1] == ["Mon 23 Nov 2026", "500", "2", "40", "3", "545", "7.9 %"]
        busiest = str(table.get_row_at(21)[-1])
        assert len(busiest) >= 6
        assert abs(len(cells[-1]) - len(busiest) * 545 / 900) <= 1
        assert str(table.get_row_at(0)[-2]) == "—"
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
        await wait_until(pilot, lambda: any("written" in note.message for note in toasts(app)))
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
        assert text_of(tab, "#stats-heading") == "Responses, 30 days   0 · 0 a day"


async def test_a_click_chooses_the_day_and_the_class(app: TokentuiApp, context: Context, token_id: int) -> None:
    """It works with a mouse, too."""
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart = tab.query_one(UsageChart)
        assert chart._drawn is not None
        await pilot.click(chart, offset=(chart._drawn.columns(0).start, 5))
        await settle(pilot)
        assert tab.cursor == 0
        await pilot.click("#stats-figures", offset=(3, 0))
        assert "hidden" in figures(tab)
        await pilot.click("#stats-ranges", offset=(1, 0))
        await wait_until(pilot, lambda: tab.series is not None and len(tab.series.days) == 7)


@pytest.mark.parametrize(("width", "beside"), [(60, False), (80, False), (120, True), (180, True)])
async def test_the_figures_fit_the_width(
    app: TokentuiApp, context: Context, token_id: int, width: int, beside: bool
) -> None:
    """Short and above the chart at 80 columns; in words, and beside it, from 100."""
    async with app.run_test(size=(width, 40)) as pilot:
        tab = await open_statistics(pilot, token_id)
        chart, box = tab.query_one(UsageChart).region, tab.query_one("#stats-figures").region
        assert (box.x >= chart.right) is beside
        assert ("received, and worked" in figures(tab)) is beside
        assert chart.width >= (60 if width >= 80 else 50)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "2xx 1 500" in figures(tab)


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


async def test_a_small_terminal_shows_errors_first(app: TokentuiApp, context: Context, token_id: int) -> None:
    """At 40x12 figures and keys give their lines to the chart."""
    async with app.run_test(size=(40, 12)) as pilot:
        tab = await open_statistics(pilot, token_id)
        assert lanes(tab)[-2:] == ["4xx", "5xx"]
        await pilot.press("left")
        assert text_of(tab, "#stats-readout").startswith("23 Nov  2xx 500")

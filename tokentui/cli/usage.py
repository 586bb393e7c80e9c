"""`tokentui stats`: responses by day, as a chart, JSON or CSV."""

from __future__ import annotations

import shutil

import click

from tokentui import validation
from tokentui.cli.colour import Ink
from tokentui.cli.completing import complete_ids
from tokentui.cli.output import json_option, print_json, print_line, print_spans
from tokentui.cli.state import State
from tokentui.clock import utc_text
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.ui.chart import text
from tokentui.ui.chart.chart import Chart
from tokentui.ui.chart.styled import Span, Style
from tokentui.usage import reports, series

_INK = {
    Style.SUCCESS: Ink.GREEN,
    Style.REDIRECTION: Ink.CYAN,
    Style.CLIENT_ERROR: Ink.YELLOW,
    Style.SERVER_ERROR: Ink.RED,
    Style.AXIS: Ink.DIM,
    Style.MUTED: Ink.DIM,
    Style.STRONG: Ink.BOLD,
}
_HEIGHT = 16
"""Lines of the chart with its dates."""


@click.command()
@click.argument("token_id", metavar="[ID]", required=False, shell_complete=complete_ids())
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How many days, today last.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_obj
def stats_command(state: State, token_id: str | None, days: int, as_json: bool, as_csv: bool) -> None:
    """Responses by day and class, of one token or of all together.

    \b
    tokentui stats SU-631-646-036 --days 7
    """
    if as_json and as_csv:
        raise UsageError("choose --json or --csv")
    number = None if token_id is None else validation.token_id(token_id)
    counted = reports.daily(state.context, number, days=days)
    if as_json:
        print_json(_json(counted, number))
    elif as_csv:
        print_line(series.csv_text(counted).rstrip("\n"))
    else:
        name = "All tokens" if number is None else format_id(number)
        _print_chart(counted, name)


def _json(counted: series.Series, number: int | None) -> dict[str, object]:
    return {
        "id": None if number is None else format_id(number),
        "counting_since": utc_text(counted.counting_since),
        "days": [
            {"date": day.date.isoformat(), **dict(zip(series.CLASSES, day.counts, strict=True))} for day in counted.days
        ],
        "totals": dict(zip(series.CLASSES, counted.totals, strict=True)),
    }


def _print_chart(counted: series.Series, name: str) -> None:
    """Heading, chart and figures; the chart alone is drawn by plotext, which is slow to import."""

    _print(Span(name, Style.STRONG))
    _print(*text.heading(counted))
    if not counted.total:
        print_line("No response was recorded.")
        return
    import plotext

    width = shutil.get_terminal_size().columns
    box = text.figures_box(counted, (), _HEIGHT)
    beside = text.box_width(box) if text.is_beside(counted, box, width) else 0
    chart = Chart(counted, width=width - beside, height=_HEIGHT, plotter=plotext)
    for y, line in enumerate(chart.lines()):
        figure = box[y].line if beside and y < len(box) else ()
        _print(*line, Span("  "), *figure)
    if not beside:
        for row in text.figures_rows(counted, (), width):
            _print(*row)
    if len(chart.days.shown) < len(counted.days):
        print_line(f"The last {len(chart.days.shown)} days are drawn; a wider terminal shows more, --csv all of them.")


def _print(*line: Span) -> None:
    print_spans((span.text, _INK.get(span.style)) for span in line)

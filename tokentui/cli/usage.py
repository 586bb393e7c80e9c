"""stats."""

from __future__ import annotations

import os
import shutil
import sys

import click

from tokentui import validation
from tokentui.cli.output import json_option, print_json
from tokentui.cli.state import State
from tokentui.clock import utc_text
from tokentui.crypto.key_format import format_id
from tokentui.errors import UsageError
from tokentui.ui import wording
from tokentui.usage import reports, series

_MARKS = 5
_COLOURS = ("green", "cyan", "orange", "red")


@click.command()
@click.argument("token_id", metavar="[ID]", required=False)
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
        click.echo(series.csv_text(counted), nl=False)
    else:
        _chart(counted, "all tokens" if number is None else format_id(number))


def _json(counted: series.Series, number: int | None) -> dict[str, object]:
    return {
        "id": None if number is None else format_id(number),
        "counting_since": utc_text(counted.counting_since),
        "days": [
            {"date": day.date.isoformat(), **dict(zip(series.CLASSES, day.counts, strict=True))} for day in counted.days
        ],
        "totals": dict(zip(series.CLASSES, counted.totals, strict=True)),
    }


def _chart(counted: series.Series, name: str) -> None:
    totals = "   ".join(
        f"{label} {wording.thousands(number)}" for label, number in zip(series.CLASSES, counted.totals, strict=True)
    )
    click.echo(f"Responses of {name}, last {len(counted.days)} days")
    click.echo(totals)
    if not counted.total:
        click.echo("No response was recorded.")
        return
    click.echo(_drawn(counted))
    click.echo(f"{wording.percent(counted.error_rate)} errors, {wording.thousands(round(counted.a_day))} a day")


def _drawn(counted: series.Series) -> str:
    import plotext  # slow to import, and only a drawn chart needs it

    plotext.clear_figure()
    width = shutil.get_terminal_size().columns
    plotext.plot_size(min(width, 120), 16)
    labels = [f"{day.date:%d %b}" for day in counted.days]
    counts = [[day.counts[index] for day in counted.days] for index in range(4)]
    plotext.stacked_bar(labels, counts, color=list(_COLOURS), width=0.8)
    step = max(1, len(labels) // 8)
    plotext.xticks(list(range(1, len(labels) + 1, step)), labels[::step])
    highest = max(day.total for day in counted.days)
    ticks = list(range(0, highest + 1, series.axis_step(highest, _MARKS)))
    plotext.yticks(ticks, [wording.thousands(tick) for tick in ticks])
    plotext.theme("clear")
    text = str(plotext.build())
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text if coloured else str(plotext.uncolorize(text))

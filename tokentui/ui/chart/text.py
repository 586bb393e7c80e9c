"""The words around the chart: heading, figures, and the day under the cursor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokentui.ui import wording
from tokentui.ui.chart.chart import CLASSES
from tokentui.ui.chart.styled import CLASS_STYLES, Line, Span, Style, width_of

if TYPE_CHECKING:
    from tokentui.usage.series import Day, Series

NAMES = ("Success", "Redirection", "Client error", "Server error")
MEANINGS = ("received, and worked", "needs another step", "asked for what is not right", "the API failed to answer")
_GAP = Span("  ")
_LEAST_WIDTH_BESIDE = 100
_LABELS = 16
"""About what the labels of a chart take of its width."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Some words about the series; `index` is the class (0 to 3) that they are about, if they are about one."""

    line: Line
    index: int | None = None


def heading(series: Series) -> Line:
    """What is shown and its sums: `Responses, 30 days   14 305 · 477 a day · 2.6 % errors`."""
    sums = [wording.thousands(series.total), f"{_mean(series.mean_per_day)} a day"]
    if series.total:
        sums.append(f"{wording.percent(series.error_rate)} errors")
    days = len(series.days)
    return (
        Span(f"Responses, {days} day{'' if days == 1 else 's'}", Style.STRONG),
        Span("   " + " · ".join(sums)),
    )


def class_figures(series: Series, hidden: Collection[int], *, named: bool) -> list[Figure]:
    """How many responses of each class, and how many per cent: aligned and with the class's name, or short."""
    totals, total = series.totals, series.total
    numbers = [wording.thousands(number) for number in totals]
    width = max(len(number) for number in numbers)
    figures = []
    for index, (name, number) in enumerate(zip(NAMES, numbers, strict=True)):
        label = Span(f"{CLASSES[index]}{f' {name:<12}' if named else ''}", CLASS_STYLES[index])
        share = wording.percent(totals[index] / total) if total else "—"
        if index in hidden:
            label = Span(label.text, Style.MUTED)
            words = "hidden" if not named else f"hidden  {CLASSES[index][0]} shows it"
            figures.append(Figure((label, Span(f" {words}" if not named else f"  {words}", Style.MUTED)), index))
        elif named:
            figures.append(Figure((label, Span(f"  {number:>{width}}"), Span(f"  {share:>7}", Style.MUTED)), index))
        else:
            figures.append(Figure((label, Span(f" {number}"), Span(f" {share}", Style.MUTED)), index))
    return figures


def day_figures(series: Series) -> list[Figure]:
    """The busiest day, and the one with the most 5xx, or 4xx where there was no 5xx."""
    figures = []
    if series.total:
        busiest = max(series.days, key=lambda day: day.total)
        figures.append(_day_figure("busiest", busiest, f"{wording.thousands(busiest.total)}"))
    index = 3 if series.totals[3] else 2
    if series.totals[index]:
        worst = max(series.days, key=lambda day: (day.counts[index], day.counts[2]))
        figures.append(_day_figure("worst  ", worst, f"{wording.thousands(worst.counts[index])} × {CLASSES[index]}"))
    return figures


def figures_box(series: Series, hidden: Collection[int], height: int) -> list[Figure]:
    """The figures one below the other in at most `height` lines, with what each class means where there is room."""
    classes, days = class_figures(series, hidden, named=True), day_figures(series)
    if height >= 2 * len(classes) + 1 + len(days):
        with_meaning = []
        for figure, meaning in zip(classes, MEANINGS, strict=True):
            with_meaning += [figure, Figure((Span(f"    {meaning}", Style.MUTED),), figure.index)]
        classes = with_meaning
    if height > len(classes) + len(days):
        classes.append(Figure((Span(""),)))
    return [*classes, *days][: max(0, height)]


def box_width(box: Sequence[Figure]) -> int:
    """The columns of a box of figures with the gap before it."""
    return max((width_of(figure.line) for figure in box), default=0) + 2


def is_beside(series: Series, box: Sequence[Figure], width: int) -> bool:
    """Whether the box goes beside the chart: where that is wide, and hides no day that is shown without it."""
    room = width - _LABELS
    return width >= _LEAST_WIDTH_BESIDE and room - box_width(box) >= min(len(series.days), room)


def figures_rows(series: Series, hidden: Collection[int], width: int) -> list[Line]:
    """The figures side by side, in as many lines of `width` cells as they need."""
    rows: list[list[Span]] = []
    for figures in (class_figures(series, hidden, named=False), day_figures(series)):
        row: list[Span] = []
        for figure in figures:
            if row and width_of(row) + 3 + width_of(figure.line) > width:
                rows.append(row)
                row = []
            row += [Span("   "), *figure.line] if row else figure.line
        if row:
            rows.append(row)
    return [tuple(row) for row in rows]


def readout(day: Day, *, today: bool, width: int) -> Line:
    """A day in one line of at most `width` cells; the less important words are left out where it is narrow."""
    mark = " (today)" if today else ""
    name = Span(wording.weekday_text(day.date) + mark, Style.STRONG)
    short = Span(wording.day_month(day.date) + mark, Style.STRONG)
    if not day.counted:
        return (name, Span("   not counted: the token was not there yet", Style.MUTED))
    classes = [
        (Span(f"{label} ", style if number else Style.MUTED), Span(wording.thousands(number)))
        for label, style, number in zip(CLASSES, CLASS_STYLES, day.counts, strict=True)
    ]
    total = (Span("total ", Style.MUTED), Span(wording.thousands(day.total), Style.STRONG))
    share = (Span(f"{wording.percent(day.errors / day.total)} errors"),) if day.total else ()
    seen = [parts for parts, number in zip(classes, day.counts, strict=True) if number] or classes[:1]
    choices: Sequence[Sequence[Line]] = (
        ((name,), *classes, total, share),
        ((name,), *classes, share),
        ((short,), *classes, share),
        ((short,), *seen, share),
        ((short,), *seen),
        ((Span(wording.day_month(day.date), Style.STRONG),), *seen),
        ((Span(wording.day_month(day.date), Style.STRONG),), total, share),
    )
    for parts in choices:
        line = _joined(parts)
        if width_of(line) <= width:
            return line
    return line


def _day_figure(word: str, day: Day, number: str) -> Figure:
    return Figure((Span(f"{word} ", Style.MUTED), Span(f"{wording.day_month(day.date):>6}"), Span(f"  {number}")))


def _joined(parts: Sequence[Line]) -> Line:
    line: list[Span] = []
    for part in parts:
        if part:
            line += [_GAP, *part] if line else part
    return tuple(line)


def _mean(number: float) -> str:
    return "<1" if 0 < number < 0.5 else wording.thousands(round(number))

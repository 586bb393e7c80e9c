"""Lines of the chart's module as Textual's content, in the colours of the theme."""

from __future__ import annotations

from textual.content import Content

from tokentui.ui.chart.styled import Line, Style

_STYLES = {
    Style.SUCCESS: "$text-success",
    Style.REDIRECTION: "$text-primary",
    Style.CLIENT_ERROR: "$text-warning",
    Style.SERVER_ERROR: "$text-error",
    Style.AXIS: "$text-muted",
    Style.MUTED: "$text-muted",
    Style.STRONG: "bold",
    Style.TEXT: "",
}


def content_of(line: Line) -> Content:
    """A line with its styles."""
    return Content.assemble(*((span.text, _STYLES[span.style]) for span in line))

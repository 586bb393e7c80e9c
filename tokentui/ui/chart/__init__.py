"""Responses by day as text in cells: what the app and `tokentui stats` draw, without a terminal library."""

from tokentui.ui.chart.chart import Chart
from tokentui.ui.chart.sparkline import sparkline
from tokentui.ui.chart.styled import Line, Span, Style, plain

__all__ = ["Chart", "Line", "Span", "Style", "plain", "sparkline"]

"""The Statistics tab: responses by day."""

from tokentui.screens.details.statistics.tab import StatisticsTab

__all__ = ["StatisticsTab"]

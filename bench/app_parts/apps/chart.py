"""Thirty days of four classes as textual-plotext draws them, with the day under the cursor in the plot: ← and →."""

import random

from textual.app import App, ComposeResult
from textual_plotext import PlotextPlot

DAYS = 30
CHANCE = random.Random(3)
CLASSES = [[CHANCE.randrange(20, 400) for _ in range(DAYS)] for _ in range(4)]


class Chart(App[None]):
    """As much room as the chart of a token has."""

    CSS = "PlotextPlot { width: 116; height: 20; }"
    BINDINGS = [("left", "move(-1)", ""), ("right", "move(1)", "")]
    day = DAYS - 1

    def compose(self) -> ComposeResult:
        yield PlotextPlot()

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        plot = self.query_one(PlotextPlot)
        plot.plt.clear_data()
        labels = ["2xx", "3xx", "4xx", "5xx"]
        plot.plt.stacked_bar([str(day + 1) for day in range(DAYS)], CLASSES, labels=labels)
        plot.plt.vline(self.day + 1, "white")
        plot.refresh()

    def action_move(self, days: int) -> None:
        self.day = max(0, min(DAYS - 1, self.day + days))
        self.draw()


Chart().run()

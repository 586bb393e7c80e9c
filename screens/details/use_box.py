"""What the token was used for lately: the same figures as the Statistics tab, in a few lines."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokentui.context import Context
from tokentui.records import TokenRecord
from tokentui.screens.details.boxes import Box
from tokentui.screens.widgets import line
from tokentui.ui import wording
from tokentui.ui.chart.sparkline import sparkline
from tokentui.ui.text import safe_text
from tokentui.usage.series import Series

DAYS = 30


class UseBox(Box):
    """Responses of `DAYS` days, their errors, and the last use."""

    def __init__(self) -> None:
        super().__init__(f"Use, {DAYS} days", id="use")

    def compose(self) -> ComposeResult:
        yield Static("", id="use-sums")
        yield Static("", id="use-days")
        yield Static("", id="use-errors")
        yield Static("", id="use-last", markup=False)

    def show(self, token: TokenRecord, use: Series, context: Context) -> None:
        """The figures as they are now."""
        errors = [day.counts[2] + day.counts[3] for day in use.days]
        sums = Content.assemble((wording.thousands(use.total), "bold"), " responses")
        if use.total:
            share = f" · {wording.percent(use.error_rate)} errors"
            sums = Content.assemble(sums, (share, "$text-error" if sum(errors) else "$text-muted"))
        line.show(self.query_one("#use-sums", Static), sums)
        self._lane("#use-days", [day.total for day in use.days], "", "$text-success")
        self._lane(
            "#use-errors", errors, f" errors, at most {wording.thousands(max(errors, default=0))}", "$text-error"
        )
        line.show(self.query_one("#use-last", Static), last_use(token, context))

    def _lane(self, selector: str, numbers: list[int], label: str, style: str) -> None:
        lane = self.query_one(selector, Static)
        lane.display = any(numbers)
        line.show(lane, Content.assemble((sparkline(numbers), style), (label, "$text-muted")))


def last_use(token: TokenRecord, context: Context) -> str:
    """`last 09:12 (38 min ago) from 203.0.113.37`; with the day, where it was not today."""
    if token.last_used_at is None:
        return "never used"
    moment, now = token.last_used_at.astimezone(context.zone), context.now()
    today = moment.date() == now.astimezone(context.zone).date()
    at = f"{moment:%H:%M}" if today else wording.minute_text(moment, context.zone)
    origin = f" from {safe_text(token.last_used_from)}" if token.last_used_from else ""
    return f"last {at} ({wording.relative(moment, now)}){origin}"

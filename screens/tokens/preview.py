"""The pane beside a wide table: what is known of the token under the cursor."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.widgets import Static

from tokentui.context import Context
from tokentui.records import Status, TokenRecord
from tokentui.screens import services
from tokentui.screens.base import context_of
from tokentui.screens.tokens.use_bars import use_bars
from tokentui.ui import wording
from tokentui.ui.text import safe_text

if TYPE_CHECKING:
    from tokentui.records import SecretRecord
    from tokentui.usage.series import Series

LEAST_SCREEN = 180
"""The narrowest screen that has the pane: the table keeps 140 cells beside it."""

_LEAST_WIDTH, _MOST_WIDTH = 40, 60

DELAY_S = 0.15
"""Seconds that the cursor rests on a token before it is read."""

_BAR_ROWS = 4
_LABEL_WIDTH = 11
_DOTS = 8
"""Stand for the secret, whose length is no news."""

_STATUS_STYLES = {
    Status.ACTIVE: "$text-success",
    Status.EXPIRING: "$text-warning",
    Status.EXPIRED: "$text-error",
    Status.DISABLED: "$text-muted",
    Status.DELETED: "$text-muted",
}


class PreviewRecord(NamedTuple):
    """A token with its secrets that work, the newest first, and its responses of 30 days."""

    token: TokenRecord
    secrets: tuple[SecretRecord, ...]
    series: Series


def width_on(screen: int) -> int:
    """How many cells the pane has on a screen of so many: half of what is more than the least."""
    return max(_LEAST_WIDTH, min(_MOST_WIDTH, _LEAST_WIDTH + (screen - LEAST_SCREEN) // 2))


def read_preview(context: Context, token_id: int) -> PreviewRecord:
    """What the pane shows; raises NoSuchToken."""
    return PreviewRecord(
        services.reads.get_token(context, token_id),
        services.reads.list_secrets(context, token_id),
        services.reports.daily(context, token_id, days=30),
    )


class Preview(Static):
    """Status, key, use and origin of one token; blank while none is shown."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False  # until it is known whether there is room
        self.shown: PreviewRecord | None = None
        self.wanted = True
        """Whether the operator wants it where there is room."""

    def show(self, record: PreviewRecord | None) -> None:
        """Shows a token, or none."""
        self.shown = record
        self._draw()

    def _draw(self) -> None:
        if self.shown is None:
            self.update("")
            return
        self.update(Content("\n").join(self._lines(self.shown)))

    def refresh_times(self) -> None:
        """Draws the times anew."""
        if self.display and self.shown is not None:
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _lines(self, record: PreviewRecord) -> Iterator[Content]:
        token = record.token
        context = context_of(self.app)
        now, zone = context.now(), context.zone
        yield Content.styled(safe_text(token.name), "bold")
        expiry = "  never expires"
        if token.expires_at is not None:
            word = "expired" if token.expires_at <= now else "expires"
            expiry = f"  {word} {wording.short_date(token.expires_at, now, zone)}"
        yield Content.assemble(
            (wording.status_text(token.status), _STATUS_STYLES[token.status]),
            (expiry, "$text-muted"),
        )
        yield Content()
        yield self._labelled("Key", f"{token.label}:{'•' * _DOTS}")
        if len(record.secrets) > 1 and (stops := record.secrets[1].stops_at) is not None:
            yield self._labelled("Old key", f"works until {wording.minute_text(stops, zone)}")
        used = wording.short_date(token.last_used_at, now, zone)
        yield self._labelled("Last used", used)
        if token.last_used_at is not None and token.last_used_from:
            yield self._labelled("", f"from {safe_text(token.last_used_from)}")
        yield Content()
        yield from self._use(record.series)
        yield Content()
        yield self._labelled("Extension", safe_text(wording.extension_text(token)))
        yield self._labelled("May use", "All Modules" if token.all_modules else ", ".join(token.modules) or "no module")
        yield self._labelled("Networks", ", ".join(token.networks) or "any")
        if token.external_id:
            yield self._labelled("External", safe_text(token.external_id))
        if token.owner:
            yield self._labelled("Owner", safe_text(token.owner))
        yield self._labelled("Created", wording.day_text(token.created_at, zone))
        yield self._labelled("", f"by {safe_text(token.created_by)}")
        if token.description:
            yield Content()
            yield Content(safe_text(token.description, lines=True))

    def _use(self, series: Series) -> Iterator[Content]:
        yield Content.assemble(("Responses, 30 days", "bold"))
        if not series.total:
            yield Content.styled("none", "$text-muted")
            return
        yield Content(f"{wording.thousands(series.total)} · {wording.percent(series.error_rate)} errors")
        for line in use_bars([day.total for day in series.days], _BAR_ROWS):
            yield Content.styled(line, "$text-success")
        errors = [day.errors for day in series.days]
        if any(errors):
            (line,) = use_bars(errors, 1)
            yield Content.styled(line, "$text-error")
            yield Content.styled(f"errors, at most {wording.thousands(max(errors))} a day", "$text-muted")
        first, last = (wording.day_month(series.days[place].date) for place in (0, -1))
        yield Content.styled(f"{first}{last:>{len(series.days) - len(first)}}", "$text-muted")

    def _labelled(self, label: str, text: str) -> Content:
        """A label and its text, of which further lines stand under the first."""
        lines = textwrap.wrap(text, max(1, self.content_size.width - _LABEL_WIDTH), break_on_hyphens=False)
        below = "\n" + " " * _LABEL_WIDTH
        return Content.assemble((label.ljust(_LABEL_WIDTH), "$text-muted"), below.join(lines))

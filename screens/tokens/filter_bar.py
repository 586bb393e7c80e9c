"""The filter: what is typed, what is wrong with it, how much it shows and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tokentui.errors import QueryError
from tokentui.listing.spec import Sort
from tokentui.screens.base import keys_of
from tokentui.ui.wording import thousands

NAMES = {
    "urgency": "Urgency",
    "name": "Name",
    "id": "ID",
    "extension": "Extension",
    "created": "Created",
    "expires": "Expires",
    "status": "Status",
    "last-used": "Last used",
    "requests": "Requests",
    "owner": "Owner",
}


class FilterInput(Input):
    """Enter goes to the rows."""

    async def action_submit(self) -> None:
        """In place of the message that Textual would send."""
        assert isinstance(self.parent, FilterBar)
        self.parent.leave()


class FilterBar(Horizontal):
    """`/ ext:zapier unused:>30d      12 of 128 · by Expires ↑`."""

    @dataclass
    class Changed(Message):
        """Something was typed."""

        text: str
        """The whole filter."""

        def can_replace(self, message: Message) -> bool:
            """Only the latest matters."""
            return isinstance(message, FilterBar.Changed)

    rows: Widget
    """What has the focus when the filter is left; the screen says it."""

    def compose(self) -> ComposeResult:
        """The slash, the input, the summary."""
        yield Static("/", id="filter-slash")
        yield FilterInput(
            placeholder="filter: a word, status:expiring, ext:zapier, unused:>90d …", id="filter-input", compact=True
        )
        yield Static("", id="filter-summary", markup=False)

    def begin(self) -> None:
        """Puts the cursor into the filter."""
        self.screen.set_focus(self.query_one(Input))

    def clear(self) -> None:
        """Empties the filter."""
        self.query_one(Input).value = ""

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def show(self, shown: int, total: int, sort: Sort, *, filtered: bool) -> None:
        """Shows how many rows there are, in which order; not over what is wrong with the filter, until it is right."""
        if self.has_class("-wrong"):
            return
        number = f"{thousands(shown)} of {thousands(total)}" if filtered else thousands(total)
        arrow = "↓" if sort.descending else "↑"
        self.query_one("#filter-summary", Static).update(Content(f"{number} · by {NAMES[sort.field]} {arrow}"))

    def accept(self) -> None:
        """The filter can be read; `show` follows."""
        self.remove_class("-wrong")

    def refuse(self, error: QueryError) -> None:
        """Says what is wrong with the filter and where."""
        self.add_class("-wrong")
        self.query_one("#filter-summary", Static).update(
            Content(f"{error.message}, at {error.position + 1}: {error.hint}")
        )

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Passes on what was typed."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def leave(self) -> None:
        """To the rows: at once rather than by a message, so that the next key goes there."""
        self.screen.set_focus(self.rows)

    def on_key(self, event: events.Key) -> None:
        """Down goes to the rows; escape empties the filter, then goes too."""
        if event.key == "down":
            event.stop()
            self.leave()
        elif event.key in keys_of(self.app).keys("app.back"):
            event.stop()
            self.clear()
            self.leave()

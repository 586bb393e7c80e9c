"""The filter: what is typed, how it could go on, what is wrong with it, how much it shows and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tokentui.errors import QueryError
from tokentui.listing.spec import Sort
from tokentui.screens import services
from tokentui.screens.base import keys_of
from tokentui.screens.tokens.completion_list import CompletionList
from tokentui.screens.widgets.filter_input import FilterInput
from tokentui.screens.widgets.key_line import KeyEntry
from tokentui.ui.text import cell_width
from tokentui.ui.wording import thousands

if TYPE_CHECKING:
    from tokentui.listing.completion import Vocabulary

_LEAST_WIDTH_WITH_ORDER = 60


class TokenFilterInput(FilterInput):
    """Enter goes to the rows."""

    from_key = ""
    """The text as it is while the ID of a key stands in it; another one, or none, once somebody typed on."""

    def validate_value(self, value: str) -> str:
        """Remembers that there was a key."""
        covered = super().validate_value(value)
        if covered != value:
            self.from_key = covered
        return covered

    async def action_submit(self) -> None:
        """In place of the message that Textual would send."""
        bar = next(node for node in self.ancestors if isinstance(node, FilterBar))
        bar.submit()

    @property
    def key_hints(self) -> tuple[KeyEntry, ...]:
        """What the footer says while one types."""
        back = keys_of(self.app).first("app.back")
        return KeyEntry("⏎", "Rows"), KeyEntry("Tab", "Complete"), KeyEntry(back, "Clear")

    @property
    def left(self) -> int:
        """How many cells of the text are scrolled out of sight."""
        return int(self.scroll_offset.x)


class FilterBar(Vertical):
    """`/ ext:zapier unused:>30d      12 of 128 · by Urgency`, and below it what is wrong with it."""

    @dataclass
    class Changed(Message):
        """Something was typed, or the filter was left."""

        typed: str
        """The filter as it stands there."""
        text: str
        """The filter that holds: without a field's name that is being typed, and with deleted tokens for a key."""
        unfinished: int | None
        """Where the term begins that is still being typed, where there is one."""

        def can_replace(self, message: Message) -> bool:
            """Only the latest matters."""
            return isinstance(message, FilterBar.Changed)

    class Entered(Message):
        """The cursor is in the filter."""

    rows: Widget
    """What has the focus when the filter is left; the screen says it."""

    def __init__(self) -> None:
        super().__init__()
        self._vocabulary: Vocabulary | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-slash")
            yield TokenFilterInput(
                placeholder="filter: a word, status:expiring, ext:zapier, unused:>90d …",
                id="filter-input",
                compact=True,
            )
            yield Static("", id="filter-summary", markup=False)
        yield Static("", id="filter-error", markup=False)
        yield CompletionList()

    @property
    def input(self) -> TokenFilterInput:
        """Where it is typed."""
        return self.query_one(TokenFilterInput)

    @property
    def completions(self) -> CompletionList:
        """How it could go on."""
        return self.query_one(CompletionList)

    @property
    def text(self) -> str:
        """The filter as it is typed."""
        return self.input.value

    def begin(self) -> None:
        """Puts the cursor into the filter."""
        self.screen.set_focus(self.input)
        self.post_message(self.Entered())

    def know(self, vocabulary: Vocabulary) -> None:
        """Takes the extensions and modules that are completed and checked."""
        if vocabulary != self._vocabulary:
            self._vocabulary = vocabulary
            self._tell()
            self._offer()

    def clear(self) -> None:
        self.input.value = ""

    def show_token_of_key(self, token_id: int) -> None:
        """Puts the token's ID in place of its key, which was the whole filter."""
        text = services.find_key.id_filter(token_id)
        self.input.from_key = text
        self.input.value = text
        self.input.cursor_position = len(text)

    def show(self, shown: int, total: int, sort: Sort, *, filtered: bool) -> None:
        """Shows how many rows there are, and in which order where there is room for it."""
        number = f"{thousands(shown)} of {thousands(total)}" if filtered else thousands(total)
        order = sort.field.value.capitalize().replace("-", " ").replace("Id", "ID") + (" ↓" if sort.descending else "")
        text = f"{number} · by {order}" if self.size.width >= _LEAST_WIDTH_WITH_ORDER else number
        summary = self.query_one("#filter-summary", Static)
        if str(summary.content) != text:
            summary.update(Content(text))

    def accept(self) -> None:
        """Takes away what was wrong: the filter can be read."""
        self.remove_class("-wrong")

    def refuse(self, error: QueryError) -> None:
        """Says what is wrong with the filter, whole, with a mark under the place."""
        self.add_class("-wrong")
        message = f"{error.message}: {error.hint}" if error.hint else error.message
        field = self.input
        place = field.region.x - self.content_region.x + cell_width(self.text[: error.position]) - field.left
        place = max(0, min(place, self.content_region.width - 1))
        gap = " " if place + 2 + cell_width(message) <= self.content_region.width else "\n"
        self.query_one("#filter-error", Static).update(Content(f"{' ' * place}▲{gap}{message}"))

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Passes on what was typed."""
        event.stop()
        self._tell()
        self._offer()

    def _tell(self, *, left: bool = False) -> None:
        from tokentui.listing.completion import Vocabulary, begun_field, unfinished_term

        text, cursor = self.text, self.input.cursor_position
        holds, place = text, None
        if text and text == self.input.from_key:
            holds = services.find_key.with_deleted(text)
        elif not left:
            place = unfinished_term(text, cursor, self._vocabulary or Vocabulary())
            begun = begun_field(text, cursor)
            holds = text if begun is None else text[:begun] + text[cursor:]
        self.post_message(self.Changed(text, holds, place))

    def _offer(self) -> None:
        from tokentui.listing.completion import Vocabulary, suggestions

        field = self.input
        vocabulary = self._vocabulary or Vocabulary()
        offered = suggestions(self.text, field.cursor_position, vocabulary) if field.has_focus else ()
        start = offered[0].start if offered else 0
        x = field.region.x - self.content_region.x + cell_width(self.text[:start]) - field.left
        self.completions.show(offered, x)

    def _complete(self) -> None:
        chosen = self.completions.chosen
        if chosen is not None:
            text, cursor = chosen.applied_to(self.text)
            self.input.value = text
            self.input.cursor_position = cursor

    def submit(self) -> None:
        """Enter: takes the suggestion that was gone to, or else goes to the rows."""
        if self.completions.is_gone_to:
            self._complete()
        else:
            self.leave()

    def leave(self) -> None:
        """To the rows: at once rather than by a message, so that the next key goes there."""
        self.screen.set_focus(self.rows)

    def on_descendant_blur(self) -> None:
        self.completions.show((), 0)
        self._tell(left=True)

    def on_key(self, event: events.Key) -> None:
        """Tab completes; down goes through the suggestions, or to the rows; escape empties the filter and leaves."""
        offers = self.completions.is_open
        if event.key == "tab" and offers:
            self._complete()
        elif event.key in ("down", "up") and offers:
            self.completions.move(1 if event.key == "down" else -1)
        elif event.key == "down":
            self.leave()
        elif event.key in keys_of(self.app).keys("app.back"):
            self.clear()
            self.leave()
        else:
            return
        event.stop()
        event.prevent_default()

    @on(CompletionList.Clicked)
    def complete_clicked(self, event: CompletionList.Clicked) -> None:
        """A click on a suggestion."""
        event.stop()
        self._complete()

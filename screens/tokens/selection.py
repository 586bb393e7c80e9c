"""The cursor of the tokens screen and the marks: which tokens an action is about."""

from __future__ import annotations

from collections.abc import Iterable

from textual import work
from textual.geometry import Offset
from textual.worker import Worker

from tokentui.errors import TokentuiError
from tokentui.records import TokenRecord
from tokentui.screens import services
from tokentui.screens.actions.token_actions import TokenActions
from tokentui.screens.tokens.columns import MARK_WIDTH
from tokentui.screens.tokens.list_loading import ListLoading


class TokenSelection(ListLoading, TokenActions):
    """Mixed into the tokens screen: the marked tokens are meant, or else the one under the cursor."""

    _marking: Worker[None] | None = None

    def selected_ids(self) -> tuple[int, ...]:
        """The marked tokens, or the one under the cursor."""
        if self.table.marks:
            return tuple(self.table.marks)
        return () if self.table.token is None else (self.table.token.id,)

    @property
    def selected_count(self) -> int:
        """The number of `selected_ids`, which may be many."""
        return len(self.table.marks) or int(self.table.token is not None)

    def selected_token(self) -> TokenRecord | None:
        """The token under the cursor."""
        return self.table.token

    def known_tokens(self) -> Iterable[TokenRecord]:
        """The rows that have been read."""
        return self.table.pages.rows()

    def menu_place(self) -> Offset | None:
        """Where the row of the cursor stands."""
        table = self.table
        return Offset(table.region.x + MARK_WIDTH, table.region.y + table.index - table.scroll_offset.y)

    def action_mark(self) -> None:
        """Marks the token, or takes its mark away, and goes on to the next."""
        self.table.toggle_mark()
        self.say_marks()

    async def until_marked(self) -> None:
        if self._marking is not None and self._marking.is_running:
            await self._marking.wait()

    def action_mark_all(self) -> None:
        """Marks all that the filter shows, or unmarks them where all are marked."""
        self._marking = self._mark_all()

    @work(group="mark", exclusive=True)
    async def _mark_all(self) -> None:
        # Not a mere read: the next key waits for it, since it acts on what is marked.
        spec = self.spec
        try:
            ids = await self.change(lambda context: set(services.counts.matching_ids(context, spec)))
        except TokentuiError as error:
            self.explain(error)
            return
        marked = self.table.marks
        self.table.set_marks(marked - ids if ids <= marked else marked | ids)
        self.say_marks()

    def unmark(self, ids: frozenset[int] | None = None) -> None:
        """Takes the marks of some tokens away, or all."""
        self.table.set_marks(() if ids is None else self.table.marks - ids)
        self.say_marks()

    def action_cursor_down(self) -> None:
        self.table.move_by(1)

    def action_cursor_up(self) -> None:
        self.table.move_by(-1)

    def action_cursor_top(self) -> None:
        self.table.move_to(0)

    def action_cursor_bottom(self) -> None:
        self.table.move_to(self.table.pages.total - 1)

    def action_page_down(self) -> None:
        self.table.page_by(1)

    def action_page_up(self) -> None:
        self.table.page_by(-1)

"""What the tokens screen does beyond one token: taking the last action back, and writing the list to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tokentui.errors import TokentuiError
from tokentui.records import Action
from tokentui.screens import services
from tokentui.screens.command import Command
from tokentui.screens.tokens.preview import LEAST_SCREEN
from tokentui.screens.tokens.selection import TokenSelection
from tokentui.tokens.progress import Progress
from tokentui.ui.bulk_wording import tokens

if TYPE_CHECKING:
    from tokentui.records import BulkResult

_MOST_REASONS = 3
"""Tokens that an undo leaves alone and that are told of one by one."""


class ListActions(TokenSelection):
    """Mixed into the tokens screen: undo and export."""

    _undo: tuple[Action, tuple[int, ...]] | None = None

    def label_of(self, command: Command) -> str | None:
        """Nothing to open, to mark or to undo where there is none; no preview where it has no room."""
        if (
            (command.id == "tokens.undo" and self._undo is None)
            or (command.id in ("tokens.open", "tokens.mark") and self.table.token is None)
            or (command.id in ("tokens.mark_all", "tokens.export") and not self.table.pages.total)
            or (command.id == "tokens.preview" and self.size.width < LEAST_SCREEN)
        ):
            return None
        return super().label_of(command)

    def way_back(self, result: BulkResult) -> str:
        """Here `u` takes a delete or a disable back, also after the cursor has moved on."""
        if result.action in (Action.DELETE, Action.DISABLE):
            return f", {self.keys.first('tokens.undo')} undoes"
        return super().way_back(result)

    def on_action_done(self, outcome: BulkResult | None) -> None:
        """Keeps what `u` takes back, and takes the marks of the tokens away that something was done to."""
        if outcome is not None:
            if outcome.action in (Action.DELETE, Action.DISABLE):
                self._undo = (outcome.action, outcome.done)
            self.unmark(frozenset(outcome.done))
        self.load()

    @work
    async def action_undo(self) -> None:
        """Takes the last delete or disable back."""
        if self._undo is None:
            self.notify(
                f"Nothing to take back: {self.keys.first('tokens.undo')} undoes the last delete or disable",
                severity="warning",
                markup=False,
            )
            return
        action, ids = self._undo
        back = Action.RESTORE if action is Action.DELETE else Action.ENABLE
        progress = Progress(len(ids))
        try:
            outcome = await self.change(
                lambda context: services.bulk.apply(context, back, ids, partial=True, progress=progress),
                late=self._say_undone,
                progress=progress,
            )
        except TokentuiError as error:
            self.explain(error)
        else:
            self._say_undone(outcome)
            self.changed()

    def _say_undone(self, outcome: BulkResult) -> None:
        self._undo = None
        done = "restored" if outcome.action is Action.RESTORE else "enabled again"
        self.notify(f"{tokens(len(outcome.done))} {done}", markup=False)
        if len(outcome.refused) > _MOST_REASONS:
            self.notify(f"{tokens(len(outcome.refused))} left alone", severity="warning", markup=False)
            return
        for refusal in outcome.refused:
            self.notify(refusal.reason, severity="warning", markup=False)

    @work
    async def action_export(self) -> None:
        """Asks for a file and writes the list into it."""
        from tokentui.screens.csv_export import export_csv

        name = f"tokens-{self.context.now().astimezone(self.context.zone):%Y-%m-%d}.csv"
        spec = self.spec
        await export_csv(
            self, "Export the list as CSV", name, lambda context: services.export.csv_lines(context, spec), "tokens"
        )

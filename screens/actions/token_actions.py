"""The actions on one token or on many, for the list and the details alike: ask, call the service, say what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import events, work
from textual.geometry import Offset

from tokentui.errors import TokentuiError
from tokentui.records import Action, Status, TokenRecord
from tokentui.screens import services
from tokentui.screens.actions.labels import label_for_many, label_for_one
from tokentui.screens.base import ServiceCalls
from tokentui.screens.command import Command
from tokentui.screens.commands import BY_ID
from tokentui.screens.messages import EditToken
from tokentui.screens.offers import Offer
from tokentui.tokens import states
from tokentui.ui.bulk_wording import DONE, tokens
from tokentui.ui.text import safe_text

if TYPE_CHECKING:
    from tokentui.records import BulkResult, Plan
    from tokentui.screens.actions.issue import IssueDialog

_RIGHT_BUTTON = 3


class TokenActions(ServiceCalls):
    """Mixed into screens that show tokens: they say which are meant, and hear what was done."""

    def selected_ids(self) -> tuple[int, ...]:
        """The tokens that an action on many is about."""
        raise NotImplementedError

    @property
    def selected_count(self) -> int:
        """How many tokens an action is about: what the footer and the menu say."""
        return len(self.selected_ids())

    def hidden_marks(self) -> frozenset[int]:
        """Those of the tokens that the screen does not show at the moment."""
        return frozenset()

    def selected_token(self) -> TokenRecord | None:
        """The one token that every other action is about."""
        raise NotImplementedError

    def known_tokens(self) -> Iterable[TokenRecord]:
        """The tokens that the screen has at hand: the selected one, and others where it shows a list."""
        token = self.selected_token()
        return () if token is None else (token,)

    def label_of(self, command: Command) -> str | None:
        """By what the selected tokens allow, and whether the settings let keys be shown again."""
        if command.actions == (Action.REVEAL,) and not self.context.settings.reveal:
            return None
        if not command.actions and not command.id.startswith("token."):
            return super().label_of(command)
        if not states.BULK_ACTIONS & set(command.actions) or not self.selected_count:
            return label_for_one(command, self.selected_token())
        ids = set(self.selected_ids())
        targets = [token for token in self.known_tokens() if token.id in ids]
        if len(ids) == len(targets) == 1:
            return label_for_one(command, targets[0])
        return label_for_many(command, [token.status for token in targets], len(ids) - len(targets))

    def on_action_done(self, outcome: BulkResult | None) -> None:
        """Something was done; `outcome` says to which tokens where their state was changed."""

    def menu_place(self) -> Offset | None:
        """The cell of the screen that the menu belongs to, where there is one."""
        return None

    def on_click(self, event: events.Click) -> None:
        """The right button opens the menu at the pointer."""
        if event.button == _RIGHT_BUTTON:
            token = self.selected_token()
            marked = token is not None and token.id in self.selected_ids()
            self._open_menu(event.screen_offset, None if marked else token)

    # Each takes the token of a menu, which alone is meant then, whatever is marked.

    @work(group="action", exclusive=True)
    async def action_toggle_token(self, only: TokenRecord | None = None) -> None:
        """Disables, after asking; or enables, which needs no asking."""
        many, token = await self._targets(only)
        if many:
            await self._bulk(Action.DISABLE, many, otherwise=Action.ENABLE)
        elif not token or self._is_deleted(token):
            return
        elif token.disabled_at is not None:
            await self._apply(Action.ENABLE, token)
        elif await self._asked_to_stop(Action.DISABLE, token):
            await self._apply(Action.DISABLE, token)

    @work(group="action", exclusive=True)
    async def action_rotate(self, only: TokenRecord | None = None) -> None:
        """A new secret: asks until when the old one works."""
        from tokentui.screens.actions.rotate import RotateDialog

        many, token = await self._targets(only)
        if many:
            await self._bulk(Action.ROTATE, many)
        elif token and not self._is_deleted(token):
            await self._issue(RotateDialog(token), "rotated")

    @work(group="action", exclusive=True)
    async def action_renew(self, only: TokenRecord | None = None) -> None:
        """A new expiry: for one token with a new secret, many are extended with the keys they have."""
        from tokentui.screens.actions.renew import RenewDialog

        many, token = await self._targets(only)
        if many:
            await self._bulk(Action.RENEW, many)
        elif not token or self._is_deleted(token):
            return
        elif token.expires_at is None:
            self._warn(f"{token.label} never expires: there is nothing to renew")
        else:
            await self._issue(RenewDialog(token, self.context), "renewed")

    @work(group="action", exclusive=True)
    async def action_delete(self, only: TokenRecord | None = None) -> None:
        """Asks, then deletes the selected tokens."""
        many, token = await self._targets(only)
        if many:
            await self._bulk(Action.DELETE, many)
        elif token and not self._is_deleted(token) and await self._asked_to_stop(Action.DELETE, token):
            await self._apply(Action.DELETE, token)

    @work(group="action", exclusive=True)
    async def action_restore(self, only: TokenRecord | None = None) -> None:
        """Brings deleted tokens back."""
        many, token = await self._targets(only)
        if many:
            await self._bulk(Action.RESTORE, many)
        elif token:
            await self._apply(Action.RESTORE, token)

    @work(group="copy", exclusive=True)
    async def action_copy_key(self, only: TokenRecord | None = None) -> None:
        from tokentui.screens.actions.copying import copy_key

        if token := only or self.selected_token():
            await copy_key(self, token)

    @work(group="copy", exclusive=True)
    async def action_copy_id(self, only: TokenRecord | None = None) -> None:
        from tokentui.screens.actions.copying import copy_text

        if token := only or self.selected_token():
            await copy_text(self, token.label, f"The ID {token.label}", holds_key=False)

    def action_edit(self, only: TokenRecord | None = None) -> None:
        """Opens the edit form of the selected token."""
        token = only or self.selected_token()
        if token and not self._is_deleted(token):
            self.post_message(EditToken(token.id))

    def action_menu(self) -> None:
        """Offers what can be done to the selected tokens."""
        self._open_menu(self.menu_place())

    @work(group="menu", exclusive=True)
    async def _open_menu(self, at: Offset | None, only: TokenRecord | None = None) -> None:
        from tokentui.screens.actions.row_menu import ENTRIES, RowMenu

        many, token = await self._targets(only)
        if token := token or (None if many else self.selected_token()):
            title = token.label
        elif many:
            title = tokens(len(many))
        else:
            return
        commands = [BY_ID[f"token.{name}"] for name in ENTRIES]
        offers = [
            Offer(command, label)
            for command in commands
            if self.check_action(command.method, ())
            and (not many or states.BULK_ACTIONS & set(command.actions))
            and (label := label_for_one(command, token) if token else self.label_of(command)) is not None
        ]
        action = await self.app.push_screen_wait(RowMenu(title, offers, at))
        if action:
            getattr(self, f"action_{action}")(*([token] if token else ()))

    def _is_deleted(self, token: TokenRecord) -> bool:
        """Says so where nothing but restoring is possible."""
        if token.status is Status.DELETED:
            self._warn(f"{token.label} is deleted: {self.keys.first('token.restore')} restores it")
        return token.status is Status.DELETED

    def _warn(self, text: str) -> None:
        self.app.notify(text, severity="warning", markup=False)

    async def _asked_to_stop(self, action: Action, token: TokenRecord) -> bool:
        from tokentui.screens.actions.delete import confirm_stop

        answer = await self.app.push_screen_wait(confirm_stop(action, token, self.context, self.keys))
        return answer is True

    async def until_marked(self) -> None:
        """Returns when what is being marked is marked: an action is about all of it."""

    async def _targets(self, only: TokenRecord | None) -> tuple[tuple[int, ...], TokenRecord | None]:
        """The many tokens that are meant, or else the one: a single marked one need not be under the cursor."""
        await self.until_marked()
        ids, shown = self.selected_ids(), self.selected_token()
        if only is not None or not ids:
            return (), only
        if len(ids) > 1:
            return ids, None
        if shown is not None and shown.id == ids[0]:
            return (), shown
        try:
            return (), await self.change(lambda context: services.reads.get_token(context, ids[0]))
        except TokentuiError as error:
            self.explain(error)
            return (), None

    async def _apply(self, action: Action, token: TokenRecord) -> None:
        """Applies an action to one token, and says so in a toast."""
        try:
            result = await self.change(
                lambda context: services.bulk.apply(context, action, (token.id,)), late=partial(self._say_done, token)
            )
        except TokentuiError as error:
            self.explain(error)
            return
        self._say_done(token, result)

    def _say_done(self, token: TokenRecord, result: BulkResult) -> None:
        if result.refused:
            self._warn(result.refused[0].reason)
        else:
            self.app.notify(f"{safe_text(token.name)} {DONE[result.action]}{self.way_back(result)}", markup=False)
            self.changed()
        self.on_action_done(result)

    def way_back(self, result: BulkResult) -> str:
        """The key that takes an action back, for a message: `, u undoes`."""
        key = {Action.DISABLE: "token.toggle", Action.ENABLE: "token.toggle", Action.DELETE: "token.restore"}
        word = {Action.DISABLE: "enables it again", Action.ENABLE: "disables it again", Action.DELETE: "restores it"}
        action = result.action
        return f", {self.keys.first(key[action])} {word[action]}" if action in key else ""

    async def _issue(self, dialog: IssueDialog, done: str) -> None:
        """The window that issues a key, then the one that shows it."""
        from tokentui.screens.actions.issue import NewKey

        issued = await self.app.push_screen_wait(dialog)
        if issued is not None:
            self.changed()
            self.on_action_done(None)
            await self.app.push_screen_wait(NewKey(issued, done))

    async def _bulk(self, action: Action, ids: Sequence[int], *, otherwise: Action | None = None) -> None:
        """Preview, then result. `otherwise` is the action where the first one would touch no token."""
        from tokentui.screens.actions.bulk import BulkPreview

        try:
            plan = await self.change(lambda context: services.bulk.plan(context, action, ids), late=_forget)
            if otherwise is not None and not plan.tokens:
                plan = await self.change(lambda context: services.bulk.plan(context, otherwise, ids), late=_forget)
        except TokentuiError as error:
            self.explain(error)
            return
        result = await self.app.push_screen_wait(BulkPreview(plan, self.hidden_marks(), self._done_late))
        if result is None:
            return
        self.changed()
        self.on_action_done(result)
        await self._say(result)

    def _done_late(self, result: BulkResult) -> None:
        """Tells of what was done after nobody waited for it any longer."""
        self.app.notify(f"{tokens(len(result.done))} {DONE[result.action]} after all", markup=False)
        self.on_action_done(result)

    async def _say(self, outcome: BulkResult) -> None:
        from tokentui.screens.actions.bulk import result_lines
        from tokentui.screens.dialogs import MessageDialog

        done = f"{tokens(len(outcome.done))} {DONE[outcome.action]}"
        if lines := result_lines(outcome, self.app.size.width):
            await self.app.push_screen_wait(MessageDialog(done, lines))
        else:
            self.app.notify(f"{done}{self.way_back(outcome)}", markup=False)


def _forget(plan: Plan) -> None:
    """Nothing is done with a preview for which nobody waits any longer."""

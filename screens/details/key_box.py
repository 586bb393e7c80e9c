"""The token's key, covered until it is asked for; during an overlap the old one under it, with what can be done."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tokentui.context import Context
from tokentui.crypto.key_format import masked
from tokentui.errors import TokentuiError
from tokentui.records import Action, SecretRecord, Status, TokenRecord
from tokentui.screens.actions.copying import copy_key, copy_text, key_to_copy
from tokentui.screens.base import keys_of
from tokentui.screens.details.boxes import Box
from tokentui.screens.details.tab import Details, host_of
from tokentui.screens.dialogs import Confirm
from tokentui.screens.widgets import line
from tokentui.screens.widgets.secret_field import CURRENT_KEY, OLD_KEY, SecretField
from tokentui.tokens import states
from tokentui.tokens.secrets import reveal_keys, stop_old
from tokentui.ui import wording
from tokentui.ui.text import safe_text


class SecretRow(Vertical):
    """One secret that works: its key, and during an overlap which one it is.

    `named` shows the keys of its commands; where it is not `offered`, there are none.
    """

    def __init__(self, token_id: int, secret: SecretRecord, *, named: bool, offered: bool) -> None:
        super().__init__(classes="secret")
        self.secret = secret
        self._token_id = token_id
        self._named = named
        self._offered = offered
        self._facts = ""

    def compose(self) -> ComposeResult:
        commands = (CURRENT_KEY if self.secret.current else OLD_KEY) if self._offered else {}
        if self.secret.can_show:
            yield SecretField(self._token_id, commands=commands, named=self._named, is_imported=self.secret.is_imported)
        else:
            yield Static("only its digest is kept: it can't be shown", classes="secret-note", markup=False)
        yield Static(self._facts, classes="secret-facts", markup=False)

    def say(self, facts: str) -> None:
        """Which one it is, until when it works, when it was used."""
        self._facts = facts
        # A row that was only just mounted has no line yet: it is composed with these facts.
        for place in self.query(".secret-facts").results(Static):
            line.show(place, facts)
            place.display = bool(facts)


class KeyBox(Box):
    """One row a secret, and when the token expires."""

    def __init__(self) -> None:
        super().__init__("API KEY/HANDLE", id="key")
        self.details: Details | None = None

    def compose(self) -> ComposeResult:
        yield Vertical(id="secrets")
        yield Static("", id="expires", markup=False)

    def show(self, details: Details, context: Context) -> None:
        """The secrets as they are now; an open key stays open while it is the same secret."""
        before, self.details = self.details, details
        line.show(self.query_one("#expires", Static), self._expiry(details.token, context))
        if before is None or _identity(before) != _identity(details):
            self._rebuild(details, context)
        else:
            self._say(details, context)

    def cover(self) -> None:
        for field in self.query(SecretField):
            field.cover()

    def toggle(self, *, old: bool) -> None:
        """Covers the keys, or shows the current one, or the newest of the old ones."""
        row = self._row(old=old)
        if any(field.shown for field in row.query(SecretField)) if row else False:
            self.cover()
        elif row is None or not row.secret.can_show:
            self.app.notify("There is no key that can be shown", severity="warning", markup=False)
        else:
            self._reveal(row)

    def copy_old(self) -> None:
        """Copies the newest of the old keys."""
        if row := self._row(old=True):
            self._copy(row.secret)

    @work(group="action", exclusive=True)
    async def stop_old(self) -> None:
        """Ends the overlap, after a question that says when the old key was used last."""
        host, row = host_of(self), self._row(old=True)
        if self.details is None or row is None:
            return
        token = self.details.token
        secret, context = row.secret, host.context
        question = Confirm(
            f"Stop the old key of {safe_text(token.name)}?",
            (
                lambda: (
                    f"It was {_use(secret, context)}. Who still sends it is refused from now on; "
                    "the current key works on."
                ),
            ),
            confirm="Stop now",
            cancel="Keep it",
        )
        if not await host.app.push_screen_wait(question):
            return
        try:
            await host.change(lambda context: stop_old(context, token.id))
        except TokentuiError as error:
            host.explain(error)
            return
        host.app.notify(f"The old key of {safe_text(token.name)} has stopped", markup=False)
        host.changed()

    def _row(self, *, old: bool) -> SecretRow | None:
        return next((row for row in self.query(SecretRow) if row.secret.current is not old), None)

    def _expiry(self, token: TokenRecord, context: Context) -> str:
        if token.expires_at is None:
            return "never expires"
        far = wording.relative(token.expires_at, context.now())
        word = "expired" if token.expires_at <= context.now() else "expires"
        expiry = f"{word} {wording.exact(token.expires_at, context.zone)}, {far}"
        if states.is_offered(Action.RENEW, token, read_only=context.database.read_only):
            expiry += f"   {keys_of(self.app).first('token.renew')} Renew"
        return expiry

    @work(group="secrets", exclusive=True)
    async def _rebuild(self, details: Details, context: Context) -> None:
        """None for a deleted token, whose key is not to be had."""
        place = self.query_one("#secrets", Vertical)
        await place.remove_children()
        if details.token.status is Status.DELETED:
            note = f"{masked(details.token.id)}\nthe token is deleted: restore it to see its key"
            await place.mount(Static(note, markup=False))
        elif not details.secrets:
            key = keys_of(self.app).first("token.rotate")
            await place.mount(Static(f"it has no key yet: {key} Rotate makes one", classes="secret-note", markup=False))
        else:
            # The keys of commands are about one old secret: the newest.
            rows = [
                SecretRow(details.token.id, secret, named=position < 2, offered=not context.database.read_only)
                for position, secret in enumerate(details.secrets)
            ]
            await place.mount(*rows)
        self._say(details, context)

    def _say(self, details: Details, context: Context) -> None:
        for row, secret in zip(self.query(SecretRow), details.secrets, strict=False):
            row.secret = secret
            row.say(_facts(secret, context) if len(details.secrets) > 1 else "")

    @on(SecretField.ViewWanted)
    def _view_clicked(self, event: SecretField.ViewWanted) -> None:
        event.stop()
        if row := self._row_of(event.field):
            self._reveal(row)

    @on(SecretField.CopyWanted)
    def _copy_clicked(self, event: SecretField.CopyWanted) -> None:
        event.stop()
        if row := self._row_of(event.field):
            self._copy(row.secret)

    @on(SecretField.StopWanted)
    def _stop_clicked(self, event: SecretField.StopWanted) -> None:
        event.stop()
        self.stop_old()

    def _row_of(self, field: SecretField) -> SecretRow | None:
        return next((row for row in self.query(SecretRow) if field in row.query(SecretField)), None)

    @work(group="reveal", exclusive=True)
    async def _reveal(self, row: SecretRow) -> None:
        """Takes the key of a row out of the vault and shows it there."""
        if self.details is None:
            return
        host, token_id, secret = host_of(self), self.details.token.id, row.secret
        try:
            revealed = await host.change(lambda context: reveal_keys(context, token_id))
        except TokentuiError as error:
            host.explain(error)
            return
        wanted = (secret.created_at, secret.current)
        for shown in revealed:
            if (shown.secret.created_at, shown.secret.current) == wanted and self.details.token.id == token_id:
                for field in row.query(SecretField):
                    field.reveal(shown.key)

    @work(group="copy", exclusive=True)
    async def _copy(self, secret: SecretRecord) -> None:
        """Copies the current key as `c` does, or an old one."""
        if self.details is None:
            return
        host, token = host_of(self), self.details.token
        if secret.current:
            await copy_key(host, token)
        elif key := await key_to_copy(host, token, made=secret.created_at):
            await copy_text(host, key, f"The old key of {safe_text(token.name)}")


def _facts(secret: SecretRecord, context: Context) -> str:
    """During an overlap: `old key works until 24 Nov 2026 12:13, last used 5 min ago`."""
    if secret.current:
        return f"new key, made {wording.relative(secret.created_at, context.now())}, {_use(secret, context)}"
    until = "as long as the token"
    if secret.stops_at is not None:
        far = wording.relative(secret.stops_at, context.now())
        until = f"until {wording.minute_text(secret.stops_at, context.zone)} ({far})"
    return f"old key works {until}, {_use(secret, context)}"


def _use(secret: SecretRecord, context: Context) -> str:
    if secret.last_used_at is None:
        return "not used yet" if secret.current else "never used"
    return f"last used {wording.relative(secret.last_used_at, context.now())}"


def _identity(details: Details) -> tuple[object, ...]:
    """What the rows of secrets were built for."""
    secrets = tuple((secret.created_at, secret.current, secret.can_show) for secret in details.secrets)
    return details.token.id, details.token.status is Status.DELETED, secrets

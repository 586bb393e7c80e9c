"""The General tab: what the token is, its key, and a command that tries it."""

from __future__ import annotations

import shlex
from datetime import tzinfo

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from tokentui.crypto.key_format import masked
from tokentui.errors import TokentuiError
from tokentui.records import Catalog, SecretRecord, Status, TokenRecord
from tokentui.screens.actions.copying import copy_key, copy_text, key_to_copy
from tokentui.screens.base import keys_of
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.widgets.secret_field import SecretField
from tokentui.tokens.secrets import reveal_keys
from tokentui.ui import wording
from tokentui.ui.text import safe_text

API = "https://api.example.com"
"""Stands for the address of the API where the setting `api_url` does not name it."""


class Row(Horizontal):
    """A label and a value."""

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(id=id, classes="row")
        self._label = label
        self._said: tuple[str, str | None] | None = None

    def compose(self) -> ComposeResult:
        """Label, value."""
        yield Static(self._label, classes="row-label", markup=False)
        yield Static("", classes="row-value", markup=False)

    def say(self, value: str, *, label: str | None = None) -> None:
        """Shows a value as plain text; nothing hides the row."""
        if (value, label) == self._said:
            return
        self._said = (value, label)
        if label is not None:
            self.query_one(".row-label", Static).update(label)
        self.query_one(".row-value", Static).update(value)
        self.display = bool(value)


class SecretRow(Vertical):
    """One secret that works: its key, and during an overlap which one it is."""

    def __init__(self, token_id: int, secret: SecretRecord) -> None:
        super().__init__(classes="secret")
        self.secret = secret
        self._facts = ""
        self._token_id = token_id

    def compose(self) -> ComposeResult:
        """The key, or why it can't be shown; then what is known of it."""
        if self.secret.can_show:
            yield SecretField(self._token_id, keys=self.secret.current)
        else:
            yield Static("only its digest is kept: it can't be shown", classes="secret-note", markup=False)
        yield Static(self._facts, classes="secret-facts", markup=False)

    def say(self, facts: str) -> None:
        """Which one it is, until when it works, when it was used."""
        if facts == self._facts and self.is_mounted and facts:
            return
        self._facts = facts
        # A row that was only just mounted has no line yet: it is composed with these facts.
        for line in self.query(".secret-facts").results(Static):
            line.update(facts)
            line.display = bool(facts)


class GeneralTab(DetailsTab):
    """Rows of facts; the keys are covered whenever the tab is left."""

    def __init__(self) -> None:
        super().__init__("General", id="general")
        self.details: Details | None = None

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        with VerticalScroll(id="general-scroll"):
            yield Row("Description", id="description")
            with Horizontal(classes="row", id="key"):
                yield Static("API KEY/HANDLE", classes="row-label", markup=False)
                yield Vertical(id="secrets")
            for name, label in (
                ("expires", "Expires"),
                ("external-id", "External ID"),
                ("extension", "Extension"),
                ("networks", "Networks"),
                ("last-used", "Last used"),
                ("created", "Created"),
                ("updated", "Updated"),
                ("disabled", "Disabled"),
                ("deleted", "Deleted"),
                ("try-it", "Try it"),
            ):
                yield Row(label, id=name)

    def opened(self) -> None:
        """The arrows scroll."""
        self.screen.set_focus(self.query_one("#general-scroll"))

    def closed(self) -> None:
        """No key stays open behind another tab or screen."""
        for field in self.query(SecretField):
            field.cover()

    def show(self, details: Details) -> None:
        """The facts as they are now; an open key stays open while it is the same secret."""
        before, self.details = self.details, details
        token, zone, now = details.token, self.context.zone, self.context.now()

        def say(name: str, value: str, label: str | None = None) -> None:
            self.query_one(f"#{name}", Row).say(value, label=label)

        expires = wording.exact(token.expires_at, zone)
        far = "" if token.expires_at is None else f" ({wording.relative(token.expires_at, now)})"
        say("description", safe_text(token.description, lines=True) or "—")
        say("expires", f"{expires}{far}")
        say("external-id", safe_text(token.external_id or "") or "—")
        say("extension", *_extension(token, details.catalog))
        say("networks", ", ".join(token.networks) or "any")
        say("last-used", _used(token, zone))
        say("created", f"{wording.exact(token.created_at, zone)} by {safe_text(token.created_by)}")
        say("updated", f"{wording.exact(token.updated_at, zone)} by {safe_text(token.updated_by)}")
        say("disabled", f"since {wording.exact(token.disabled_at, zone)}" if token.disabled_at else "")
        say("deleted", f"since {wording.exact(token.deleted_at, zone)}" if token.deleted_at else "")
        trial = (
            ""
            if token.status is Status.DELETED
            else f"{self._curl('…')}\n{keys_of(self.app).first('details.try_it')} copies it with the key"
        )
        say("try-it", trial)
        if before is None or _identity(before) != _identity(details):
            self._rebuild_secrets(details)
        else:
            self._say_secrets(details)

    # Secrets

    @work(group="secrets", exclusive=True)
    async def _rebuild_secrets(self, details: Details) -> None:
        """One row a secret; none for a deleted token, whose key is not to be had."""
        place = self.query_one("#secrets", Vertical)
        await place.remove_children()
        if details.token.status is Status.DELETED:
            note = f"{masked(details.token.id)}\nthe token is deleted: restore it to see its key"
            await place.mount(Static(note, markup=False))
        else:
            await place.mount(*(SecretRow(details.token.id, secret) for secret in details.secrets))
        self._say_secrets(details)

    def _say_secrets(self, details: Details) -> None:
        for row, secret in zip(self.query(SecretRow), details.secrets, strict=False):
            row.secret = secret
            row.say(self._secret_facts(secret) if len(details.secrets) > 1 else "")

    def _secret_facts(self, secret: SecretRecord) -> str:
        zone, now = self.context.zone, self.context.now()
        if secret.current:
            parts = [f"the new key, made {wording.relative(secret.created_at, now)}"]
        else:
            until = (
                "as long as the token" if secret.stops_at is None else f"until {wording.exact(secret.stops_at, zone)}"
            )
            parts = [f"the old key, works {until}"]
        use = "not used yet" if secret.current else "never used"
        parts.append(use if secret.last_used_at is None else f"last used {wording.relative(secret.last_used_at, now)}")
        return ", ".join(parts)

    def toggle_key(self) -> None:
        """Covers the keys, or shows them all."""
        fields = list(self.query(SecretField))
        if any(field.shown for field in fields):
            self.closed()
        elif self.details is not None and not fields:
            self.app.notify("There is no key that can be shown", severity="warning", markup=False)
        else:
            self._reveal()

    @on(SecretField.ViewWanted)
    def view(self, event: SecretField.ViewWanted) -> None:
        """A click on View."""
        event.stop()
        self._reveal()

    @on(SecretField.CopyWanted)
    def copy(self, event: SecretField.CopyWanted) -> None:
        """A click on Copy."""
        event.stop()
        row = next((row for row in self.query(SecretRow) if event.field in row.query(SecretField)), None)
        if row is not None:
            self._copy(row.secret)

    @work(group="reveal", exclusive=True)
    async def _reveal(self) -> None:
        """Takes the keys out of the vault and shows each in its row."""
        if self.details is None:
            return
        token_id = self.details.token.id
        try:
            revealed = await self.host.change(lambda context: reveal_keys(context, token_id))
        except TokentuiError as error:
            self.host.explain(error)
            return
        keys = {(each.key.token_id, each.secret.created_at, each.secret.current): each.key for each in revealed}
        for row in self.query(SecretRow):
            key = keys.get((token_id, row.secret.created_at, row.secret.current))
            for field in row.query(SecretField):
                if key is not None and self.details.token.id == token_id:
                    field.reveal(key)

    @work(group="copy", exclusive=True)
    async def _copy(self, secret: SecretRecord) -> None:
        """Copies the current key as `c` does, or an old one."""
        if self.details is None:
            return
        token = self.details.token
        if secret.current:
            await copy_key(self.host, token)
        elif key := await key_to_copy(self.host, token, made=secret.created_at):
            await copy_text(self.host, key, f"The old key of {safe_text(token.name)}")

    # Trying it

    def _curl(self, key: str) -> str:
        assert self.details is not None
        settings = self.context.settings
        base = settings.api_url.rstrip("/") or API + settings.base_path.rstrip("/")
        url = shlex.quote(base + _path(self.details))
        return f"curl -H 'Authorization: ApiKey {key}' {url}"

    @work(group="copy", exclusive=True)
    async def copy_curl(self) -> None:
        """Copies the command with the key in it."""
        if self.details is None:
            return
        if key := await key_to_copy(self.host, self.details.token):
            await copy_text(self.host, self._curl(key), "The curl command with the key")


def _used(token: TokenRecord, zone: tzinfo) -> str:
    """When the token was last used, and from where."""
    if token.last_used_at is None:
        return "never"
    where = f" from {safe_text(token.last_used_from)}" if token.last_used_from else ""
    return f"{wording.exact(token.last_used_at, zone)}{where}"


def _extension(token: TokenRecord, catalog: Catalog) -> tuple[str, str]:
    """What the extension is, and its name as the label."""
    try:
        description = catalog.extension(token.extension_slug).description
    except KeyError:  # the catalogue was replaced meanwhile
        description = ""
    code = f" ({token.extension_code})" if token.extension_code else ""
    return safe_text(f"{description or token.extension_name}{code}"), safe_text(token.extension_name)


def _path(details: Details) -> str:
    """A path that the token may ask for: the first of its modules, the agreements where it may ask for all."""
    allowed = [m for m in details.catalog.modules if details.token.all_modules or m.slug in details.token.modules]
    paths = [path for module in allowed for path in module.paths]
    return "/agreements" if "/agreements" in paths else next(iter(paths), "/")


def _identity(details: Details) -> tuple[object, ...]:
    """What the rows of secrets were built for."""
    secrets = tuple((secret.created_at, secret.current, secret.can_show) for secret in details.secrets)
    return details.token.id, details.token.status is Status.DELETED, secrets

"""The General tab: the key, its use, what the token is and may do, and a command that tries it."""

from __future__ import annotations

import shlex

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from tokentui.records import Status, TokenRecord
from tokentui.screens.actions.copying import copy_text, key_to_copy
from tokentui.screens.base import keys_of
from tokentui.screens.details.boxes import Box, Row
from tokentui.screens.details.key_box import KeyBox
from tokentui.screens.details.tab import Details, DetailsTab
from tokentui.screens.details.use_box import UseBox
from tokentui.screens.widgets import line
from tokentui.ui import wording
from tokentui.ui.text import safe_text

API = "https://api.example.com"
"""Stands for the address of the API where the setting `api_url` does not name it."""

_FACTS = (
    ("description", "Description"),
    ("external-id", "External ID"),
    ("owner", "Owner"),
    ("created", "Created"),
    ("updated", "Updated"),
    ("disabled", "Disabled"),
    ("deleted", "Deleted"),
)
_ALLOWED = (("extension", "Extension"), ("modules", "Modules"), ("networks", "Networks"))


class GeneralTab(DetailsTab):
    """Boxes in two columns, below one another where there is no room; the keys are covered when the tab is left."""

    def __init__(self) -> None:
        super().__init__("General", id="general")
        self.details: Details | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="general-scroll", can_focus=False):
            with Container(id="general-boxes"):
                yield KeyBox()
                yield UseBox()
                yield Box("Token", *(Row(label, id=name) for name, label in _FACTS), id="token")
                yield Box("May use", *(Row(label, id=name) for name, label in _ALLOWED), id="may-use")
            yield Static("", id="try-it", markup=False)

    def opened(self) -> None:
        """Gives the focus to the keys; the arrows scroll from every box."""
        self.screen.set_focus(self.keys)

    def closed(self) -> None:
        """No key stays open behind another tab or screen."""
        self.keys.cover()

    @property
    def keys(self) -> KeyBox:
        """The box of the keys."""
        return self.query_one(KeyBox)

    def show(self, details: Details) -> None:
        """The facts as they are now."""
        self.details = details
        token, context = details.token, self.context
        self.keys.show(details, context)
        self.query_one(UseBox).show(token, details.use, context)
        for name, value in {**self._facts(token), **_allowed(details)}.items():
            self.query_one(f"#{name}", Row).say(value)
        can_copy = not context.database.read_only
        hint = f"{keys_of(self.app).first('details.try_it')} copies it with the key" if can_copy else ""
        trial = self.query_one("#try-it", Static)
        trial.display = token.status is not Status.DELETED
        line.show(trial, f"Try it   {safe_text(self._curl('…'))}   {hint}")

    def _facts(self, token: TokenRecord) -> dict[str, str]:
        zone = self.context.zone
        return {
            "description": safe_text(token.description, lines=True) or "—",
            "external-id": safe_text(token.external_id or "") or "—",
            "owner": safe_text(token.owner) or "—",
            "created": f"{wording.exact(token.created_at, zone)} by {safe_text(token.created_by)}",
            "updated": f"{wording.exact(token.updated_at, zone)} by {safe_text(token.updated_by)}",
            "disabled": f"since {wording.exact(token.disabled_at, zone)}" if token.disabled_at else "",
            "deleted": f"since {wording.exact(token.deleted_at, zone)}" if token.deleted_at else "",
        }

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


def _allowed(details: Details) -> dict[str, str]:
    """What the token is for, what it may use, and from where."""
    token, catalog = details.token, details.catalog
    names = [safe_text(module.name) for module in catalog.modules if module.slug in token.modules]
    modules = f"All Modules ({len(catalog.modules)})"
    if not token.all_modules:
        modules = f"{', '.join(names)} ({len(names)} of {len(catalog.modules)})"
    return {
        "extension": _extension(details),
        "modules": modules,
        "networks": ", ".join(map(safe_text, token.networks)) or "any",
    }


def _extension(details: Details) -> str:
    """Its name and code, and what it is."""
    token = details.token
    try:
        description = details.catalog.extension(token.extension_slug).description
    except KeyError:  # the catalogue was replaced meanwhile
        description = ""
    name = safe_text(wording.extension_text(token))
    return f"{name}: {safe_text(description)}" if description else name


def _path(details: Details) -> str:
    """A path that the token may ask for: the first of its modules, the agreements where it may ask for all."""
    token = details.token
    allowed = [module for module in details.catalog.modules if token.all_modules or module.slug in token.modules]
    paths = [path for module in allowed for path in module.paths]
    return "/agreements" if "/agreements" in paths else next(iter(paths), "/")

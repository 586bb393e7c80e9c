"""Each screen and each dialog of the app, by the keys that lead to it from the table of the sample tokens."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from tokentui import screens


@dataclass(frozen=True)
class Meanwhile:
    """What follows the keys as soon as the text is shown: a command of somebody else, if any, then more keys."""

    text: str
    command: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where keys lead: the class of the screen in front, and a text on it that no screen before it shows."""

    keys: tuple[str, ...]
    screen: str
    text: str
    meanwhile: Meanwhile | None = None


def screen_classes() -> list[type[Screen[Any]]]:
    """The classes of all screens and dialogs of the app; those that others are made of are left out."""
    for module in pkgutil.walk_packages(screens.__path__, "tokentui.screens."):
        importlib.import_module(module.name)

    def without_subclasses(kind: type[Screen[Any]]) -> list[type[Screen[Any]]]:
        below = [leaf for subclass in kind.__subclasses__() for leaf in without_subclasses(subclass)]
        return below or [kind]

    return [kind for kind in set(without_subclasses(Screen)) if kind.__module__.startswith("tokentui.")]


_NAMED = ("n", *"Billing")

PLACES = {
    "table": Place((), "TokensScreen", "by Urgency"),
    "filter": Place(("/", *"nightly"), "TokensScreen", "1 of 3"),
    "help": Place(("?",), "HelpScreen", "Esc close"),
    "palette": Place(("ctrl+p",), "Palette", "Search"),
    "about": Place(("ctrl+p", *"about"), "AboutDialog", "Settings", Meanwhile("About", (), ("enter",))),
    "row menu": Place(("m",), "RowMenu", "Disable"),
    "wizard": Place(("n",), "WizardScreen", "External ID"),
    "wizard, permissions": Place((*_NAMED, *["pagedown"] * 3), "WizardScreen", "0 of 24"),
    "wizard, summary": Place((*_NAMED, *["pagedown"] * 3, "space", "pagedown"), "WizardScreen", "is ready"),
    "leave the wizard": Place((*_NAMED, "escape"), "Confirm", "Leave without making"),
    "edit": Place(("e",), "EditScreen", "^s save"),
    "disable": Place(("t",), "Confirm", "Disable Tut"),
    "delete": Place(("ctrl+d",), "Confirm", "Delete Tut"),
    "rotate": Place(("r",), "RotateDialog", "Rotate Tut"),
    "new key": Place(("r", "right", "enter"), "NewKey", "new key"),
    "renew": Place(("w",), "RenewDialog", "Renew Tut"),
    "bulk preview": Place(("space", "down", "space", "r"), "BulkPreview", "will get a new secret"),
    "export": Place(("ctrl+s",), "Prompt", "Export the list"),
    "audit": Place(("a",), "AuditScreen", "actor:alice"),
    "details": Place(("enter",), "DetailsScreen", "API KEY/HANDLE"),
    "statistics": Place(("enter", "]"), "DetailsScreen", "(today)"),
    "permissions": Place(("enter", "]", "]"), "DetailsScreen", "modules"),
    "history": Place(("enter", "]", "]", "]"), "DetailsScreen", "entr"),
    "conflict": Place(
        ("e", "end", "!"),
        "ChooseVersions",
        "yours",
        Meanwhile("Tutorial Token!", ("edit", "SU-631-646-036", "--name", "Tutorial Token of Bob"), ("ctrl+s",)),
    ),
    # The last one: it changes every token.
    "bulk result": Place(
        ("0", "ctrl+a", "t"),
        "MessageDialog",
        "36 tokens disabled",
        Meanwhile("type 36 to confirm", (), ("up", *"36", "enter")),
    ),
}

"""Each screen and each dialog of the app, by the keys that lead to it from the table of the sample tokens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where keys lead: the class of the screen in front, and a text on it that no screen before it shows."""

    keys: tuple[str, ...]
    screen: str
    text: str


_TOKEN = ("down",) * 7  # an active one that expires
_NAMED = ("n", *"Billing")

PLACES = {
    "table": Place((), "TokensScreen", "by Expires"),
    "filter": Place(("/", *"nightly"), "TokensScreen", "1 of 40"),
    "help": Place(("?",), "HelpScreen", "Esc close"),
    "palette": Place(("ctrl+p",), "CommandPalette", "Search"),
    "row menu": Place((*_TOKEN, "m"), "RowMenu", "Disable"),
    "wizard": Place(("n",), "WizardScreen", "External ID"),
    "wizard, permissions": Place((*_NAMED, *["pagedown"] * 3), "WizardScreen", "0 of 24 chosen"),
    "wizard, summary": Place((*_NAMED, *["pagedown"] * 3, "space", "pagedown"), "WizardScreen", "is ready"),
    "leave the wizard": Place((*_NAMED, "escape"), "Confirm", "Leave without making"),
    "edit": Place((*_TOKEN, "e"), "EditScreen", "^s saves"),
    "disable": Place((*_TOKEN, "t"), "Confirm", "Disable Tut"),
    "delete": Place((*_TOKEN, "ctrl+d"), "Confirm", "Delete Tut"),
    "rotate": Place((*_TOKEN, "r"), "RotateDialog", "Rotate Tut"),
    "new key": Place((*_TOKEN, "r", "right", "enter"), "NewKey", "new key"),
    "renew": Place((*_TOKEN, "w"), "RenewDialog", "Renew Tut"),
    "bulk preview": Place(("space", "down", "space", "r"), "BulkPreview", "left alone"),
    "export": Place(("ctrl+s",), "Prompt", "Export the list"),
    "details": Place((*_TOKEN, "enter"), "DetailsScreen", "API KEY/HANDLE"),
    "statistics": Place((*_TOKEN, "enter", "]"), "DetailsScreen", "(today)"),
    "permissions": Place((*_TOKEN, "enter", "]", "]"), "DetailsScreen", "modules"),
    "history": Place((*_TOKEN, "enter", "]", "]", "]"), "DetailsScreen", "entr"),
    # The last one: it changes every token.
    "bulk result": Place(("ctrl+a", "t", "right", "enter"), "Message", "disabled"),
}

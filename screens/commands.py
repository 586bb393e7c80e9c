"""Everything that a key does, as one table: bindings, footer, row menu, palette, help and README are made from it."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding

from tokentui.records import Action, Status, TokenRecord
from tokentui.screens.command import Command, Place

_TOKEN = (Place.TOKENS, Place.DETAILS)
_LISTS = (Place.DETAILS, Place.STATISTICS)

COMMANDS: tuple[Command, ...] = (
    Command("app.help", "question_mark", "help", "Help", "Every key of this place", (Place.EVERYWHERE,), footer=True),
    Command(
        "app.palette",
        "ctrl+p",
        "command_palette",
        "Palette",
        "Find a command by its name",
        (Place.EVERYWHERE,),
        priority=True,
    ),
    Command("app.back", "escape", "back", "Back", "Leave this place", (Place.EVERYWHERE,)),
    Command("app.quit", "ctrl+q", "quit", "Quit", "Leave tokentui", (Place.EVERYWHERE,), priority=True),
    Command("app.refresh", "f5", "refresh", "Refresh", "Read everything again", (Place.EVERYWHERE,)),
    # The cursor
    Command(
        "tokens.down", "j,down", "cursor_down", "Down", "The next token", (Place.TOKENS,), moves_in=_LISTS, shown="j ↓"
    ),
    Command("tokens.up", "k,up", "cursor_up", "Up", "The token before", (Place.TOKENS,), moves_in=_LISTS, shown="k ↑"),
    Command(
        "tokens.top",
        "g,home",
        "cursor_top",
        "Top",
        "The first token",
        (Place.TOKENS,),
        moves_in=(Place.DETAILS,),
        shown="g Home",
    ),
    Command(
        "tokens.bottom",
        "G,end",
        "cursor_bottom",
        "Bottom",
        "The last token",
        (Place.TOKENS,),
        moves_in=(Place.DETAILS,),
        shown="G End",
    ),
    Command(
        "tokens.page_down", "pagedown", "page_down", "Page down", "A screen further", (Place.TOKENS,), moves_in=_LISTS
    ),
    Command("tokens.page_up", "pageup", "page_up", "Page up", "A screen back", (Place.TOKENS,), moves_in=_LISTS),
    # The list
    Command(
        "tokens.open",
        "enter",
        "open",
        "Open",
        "The details of the token under the cursor",
        (Place.TOKENS,),
        footer=True,
    ),
    Command("tokens.new", "n", "new", "New", "Make a token, in five steps", (Place.TOKENS,), writes=True, footer=True),
    Command("tokens.filter", "slash", "filter", "Filter", "Show the tokens that match", (Place.TOKENS,), footer=True),
    Command("tokens.sort", "s", "sort_next", "Sort", "Sort by the next column", (Place.TOKENS,)),
    Command("tokens.sort_reverse", "S", "sort_reverse", "Reverse", "Turn the order around", (Place.TOKENS,)),
    Command("tokens.mark", "space", "mark", "Mark", "Mark the token for an action on many", (Place.TOKENS,)),
    Command("tokens.mark_all", "ctrl+a", "mark_all", "Mark all", "Mark all that the filter shows", (Place.TOKENS,)),
    Command("tokens.export", "ctrl+s", "export", "Export", "Write the list to a CSV file", (Place.TOKENS,)),
    Command("tokens.show_all", "0", "show_status('')", "All", "Tokens of every status", (Place.TOKENS,)),
    *(
        Command(
            f"tokens.show_{status}",
            str(digit),
            f"show_status('{status}')",
            status.capitalize(),
            f"Only the tokens that are {status}",
            (Place.TOKENS,),
        )
        for digit, status in enumerate(Status, start=1)
    ),
    Command("tokens.undo", "u", "undo", "Undo", "Take the last delete or disable back", (Place.TOKENS,), writes=True),
    Command("tokens.quit", "q", "quit", "Quit", "Leave tokentui", (Place.TOKENS,)),
    # A token, in the list or on its own screen
    Command("token.menu", "m", "menu", "Menu", "What can be done to the token (⋮)", _TOKEN, footer=True),
    Command(
        "token.copy_key",
        "c",
        "copy_key",
        "Copy key",
        "Copy the key to the clipboard",
        _TOKEN,
        footer=True,
        actions=(Action.REVEAL,),
    ),
    Command("token.copy_id", "y", "copy_id", "Copy ID", "Copy the ID to the clipboard", _TOKEN),
    Command(
        "token.edit",
        "e",
        "edit",
        "Edit",
        "Change properties and permissions",
        _TOKEN,
        writes=True,
        actions=(Action.EDIT,),
    ),
    Command(
        "token.toggle",
        "t",
        "toggle_token",
        "Disable",
        "Disable, or enable again",
        _TOKEN,
        writes=True,
        footer=True,
        actions=(Action.DISABLE, Action.ENABLE),
    ),
    Command(
        "token.rotate",
        "r",
        "rotate",
        "Rotate",
        "A new secret, now",
        _TOKEN,
        writes=True,
        footer=True,
        actions=(Action.ROTATE,),
    ),
    Command(
        "token.renew",
        "w",
        "renew",
        "Renew",
        "A new expiry and a new secret",
        _TOKEN,
        writes=True,
        actions=(Action.RENEW,),
    ),
    Command(
        "token.delete",
        "ctrl+d",
        "delete",
        "Delete",
        "Delete the token; it can be restored",
        _TOKEN,
        writes=True,
        footer=True,
        actions=(Action.DELETE,),
    ),
    Command(
        "token.restore",
        "ctrl+r",
        "restore",
        "Restore",
        "Bring a deleted token back",
        _TOKEN,
        writes=True,
        actions=(Action.RESTORE,),
    ),
    # Details
    Command(
        "details.previous_tab",
        "left_square_bracket",
        "previous_tab",
        "Tab",
        "The tab before",
        (Place.DETAILS,),
        shown="[",
    ),
    Command(
        "details.next_tab",
        "right_square_bracket",
        "next_tab",
        "Tab",
        "The next tab",
        (Place.DETAILS,),
        footer=True,
        shown="]",
    ),
    Command("details.view_key", "v", "view_key", "View", "Show the key for 30 seconds", (Place.DETAILS,), footer=True),
    Command("details.try_it", "x", "copy_curl", "Try it", "Copy a curl command with the key", (Place.DETAILS,)),
    Command("details.filter", "slash", "filter", "Filter", "Show the modules that match", (Place.DETAILS,)),
    Command("details.next_token", "n", "next_token", "Next", "The next token of the list", (Place.DETAILS,)),
    Command("details.previous_token", "p", "previous_token", "Previous", "The token before it", (Place.DETAILS,)),
    # Statistics
    Command("statistics.previous_day", "left", "previous_day", "Day", "The day before", (Place.STATISTICS,), shown="←"),
    Command("statistics.next_day", "right", "next_day", "Day", "The next day", (Place.STATISTICS,), shown="→"),
    Command("statistics.first_day", "home", "first_day", "First", "The first day", (Place.STATISTICS,)),
    Command("statistics.last_day", "end", "last_day", "Today", "The last day", (Place.STATISTICS,)),
    Command("statistics.longer", "plus", "longer", "Longer", "More days", (Place.STATISTICS,), shown="+"),
    Command("statistics.shorter", "minus", "shorter", "Shorter", "Fewer days", (Place.STATISTICS,), shown="-"),
    *(
        Command(
            f"statistics.toggle_{digit}xx",
            str(digit),
            f"toggle_class({digit})",
            f"{digit}xx",
            f"Show or hide the {digit}xx responses",
            (Place.STATISTICS,),
        )
        for digit in (2, 3, 4, 5)
    ),
    Command("statistics.lines", "b", "toggle_lines", "Bars", "Bars or lines", (Place.STATISTICS,)),
    Command("statistics.table", "T", "toggle_table", "Table", "The days as a table", (Place.STATISTICS,)),
    Command("statistics.csv", "ctrl+s", "export_csv", "CSV", "Write the days to a CSV file", (Place.STATISTICS,)),
    # Wizard
    Command("wizard.next", "pagedown", "next", "Next", "The next step", (Place.WIZARD,), footer=True, priority=True),
    Command(
        "wizard.previous", "pageup", "previous", "Back", "The step before", (Place.WIZARD,), footer=True, priority=True
    ),
    # Edit form
    Command("edit.save", "ctrl+s", "save", "Save", "Save the changes", (Place.EDIT,), writes=True),
)

BY_ID = {command.id: command for command in COMMANDS}

_ROW_MENU = ("toggle", "rotate", "renew", "edit", "copy_key", "copy_id", "delete", "restore")


def commands(*places: Place) -> tuple[Command, ...]:
    """The commands of these places, in the table's order."""
    return tuple(command for command in COMMANDS if set(places) & set(command.places))


def bindings(*places: Place) -> list[Binding]:
    """Textual's bindings of these places. Each has a stable ID, so that the key map of the settings finds it."""
    return [_binding(command) for command in commands(*places)]


def binding(command_id: str, action: str = "") -> Binding:
    """The binding of one command, where only some of a place are wanted; `action` is what its key does there instead.

    It is not shown in the footer.
    """
    command = BY_ID[command_id]
    return _binding(replace(command, footer=False, action=action or command.action))


def writing_actions() -> frozenset[str]:
    """The actions that change something, which a read-only app does not offer."""
    return frozenset(_name(command.action) for command in COMMANDS if command.writes)


def for_token(token: TokenRecord, *, read_only: bool) -> tuple[Command, ...]:
    """What the row menu offers for a token."""
    menu = (BY_ID[f"token.{name}"] for name in _ROW_MENU)
    return tuple(command for command in menu if command.offered_for(token) and not (read_only and command.writes))


def _binding(command: Command) -> Binding:
    return Binding(
        command.keys,
        command.action,
        command.label,
        show=command.footer,
        tooltip=command.tooltip,
        id=command.id,
        priority=command.priority,
    )


def _name(action: str) -> str:
    return action.partition("(")[0]

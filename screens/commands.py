"""Everything that a key does, as one table: bindings, footer, row menu, palette, help and README are made from it."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding

from tokentui.records import Action, Status
from tokentui.screens.command import Command, Place

_ALL = (Place.EVERYWHERE,)
_TOKENS = (Place.TOKENS,)
_TOKEN = (Place.TOKENS, Place.DETAILS)
_LISTS = (Place.DETAILS, Place.AUDIT, Place.STATISTICS)
_ENTRIES = (Place.DETAILS, Place.AUDIT)
_DETAILS = (Place.DETAILS,)
_AUDIT = (Place.AUDIT,)
_STATISTICS = (Place.STATISTICS,)
_WIZARD = (Place.WIZARD,)
_FORMS = (Place.WIZARD, Place.EDIT)

# A row a line, where it fits.
# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command("app.help", "question_mark,f1", "help", "Help", "Keys, the filter, the version", _ALL, shown="? F1",
            synonyms="keys shortcuts manual grammar"),
    Command("app.palette", "ctrl+p", "command_palette", "Palette", "Find a command by its name", _ALL, priority=True),
    Command("app.back", "escape", "back", "Back", "Leave this place", _ALL, synonyms="close escape cancel"),
    Command("app.quit", "ctrl+q", "quit", "Quit", "Leave tokentui", _ALL, priority=True, synonyms="exit leave end"),
    Command("app.refresh", "f5", "refresh", "Refresh", "Read everything again", _ALL, synonyms="reload update"),
    Command("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Back to the shell, until `fg`", _ALL,
            priority=True, synonyms="background shell stop job"),
    # The cursor
    Command("tokens.down", "j,down", "cursor_down", "Down", "The next token", _TOKENS, moves_in=_LISTS, shown="j ↓",
            motion=True),
    Command("tokens.up", "k,up", "cursor_up", "Up", "The token before", _TOKENS, moves_in=_LISTS, shown="k ↑",
            motion=True),
    Command("tokens.top", "g,home", "cursor_top", "Top", "The first token", _TOKENS, moves_in=_ENTRIES, shown="g Home",
            motion=True),
    Command("tokens.bottom", "G,end", "cursor_bottom", "Bottom", "The last token", _TOKENS, moves_in=_ENTRIES,
            shown="G End", motion=True),
    Command("tokens.page_down", "pagedown", "page_down", "Page down", "A screen further", _TOKENS, moves_in=_LISTS,
            motion=True),
    Command("tokens.page_up", "pageup", "page_up", "Page up", "A screen back", _TOKENS, moves_in=_LISTS, motion=True),
    # The list
    Command("tokens.open", "enter", "open", "Open", "The details of the token under the cursor", _TOKENS,
            synonyms="show view details"),
    Command("tokens.new", "n", "new", "New", "Make a token, in five steps", _TOKENS, writes=True,
            synonyms="create make add token wizard issue"),
    Command("tokens.filter", "slash", "filter", "Filter", "Show the tokens that match", _TOKENS,
            synonyms="search find narrow query"),
    Command("tokens.sort", "s", "sort_next", "Sort", "Sort by the next column", _TOKENS, synonyms="order"),
    Command("tokens.sort_reverse", "S", "sort_reverse", "Reverse", "Turn the order around", _TOKENS,
            synonyms="descending ascending sort"),
    Command("tokens.mark", "space", "mark", "Mark", "Mark the token for an action on many", _TOKENS,
            synonyms="select tick"),
    Command("tokens.mark_all", "ctrl+a", "mark_all", "Mark all", "Mark all that the filter shows", _TOKENS,
            synonyms="select everything"),
    Command("tokens.preview", "z", "toggle_preview", "Preview",
            "Show or hide the preview (from 180 columns)", _TOKENS, synonyms="pane side hide"),
    Command("tokens.export", "ctrl+s", "export", "Export", "Write the list to a CSV file", _TOKENS,
            synonyms="csv save file download"),
    Command("tokens.audit", "a", "audit", "Audit", "Who did what to any token, and when", _TOKENS,
            synonyms="log history changes who record"),
    Command("tokens.show_all", "0", "show_status('')", "All", "Tokens of every status", _TOKENS, synonyms="show"),
    *(
        Command(f"tokens.show_{status}", str(digit), f"show_status('{status}')", status.capitalize(),
                f"Only the tokens that are {status}", _TOKENS, synonyms="show status")
        for digit, status in enumerate(Status, start=1)
    ),
    Command("tokens.undo", "u", "undo", "Undo", "Take the last delete or disable back", _TOKENS, writes=True,
            synonyms="revert back restore"),
    Command("tokens.quit", "q", "quit", "Quit", "Leave tokentui", _TOKENS, synonyms="exit leave end"),
    # A token, in the list or on its own screen
    Command("token.menu", "m", "menu", "Menu", "What can be done to the token (⋮)", _TOKEN, synonyms="actions"),
    Command("token.copy_key", "c", "copy_key", "Copy key", "Copy the key to the clipboard", _TOKEN, writes=True,
            actions=(Action.REVEAL,), synonyms="clipboard secret yank"),
    Command("token.copy_id", "y", "copy_id", "Copy ID", "Copy the ID to the clipboard", _TOKEN,
            synonyms="clipboard yank"),
    Command("token.edit", "e", "edit", "Edit", "Change properties and permissions", _TOKEN, writes=True,
            actions=(Action.EDIT,), synonyms="change rename modify permissions networks owner"),
    Command("token.toggle", "t", "toggle_token", "Disable", "Disable, or enable again", _TOKEN, writes=True,
            actions=(Action.DISABLE, Action.ENABLE), synonyms="stop block revoke lock enable unlock"),
    Command("token.rotate", "r", "rotate", "Rotate", "A new secret, now", _TOKEN, writes=True,
            actions=(Action.ROTATE,), synonyms="secret key roll leaked compromised"),
    Command("token.renew", "w", "renew", "Renew", "A new expiry and a new secret", _TOKEN, writes=True,
            actions=(Action.RENEW,), synonyms="extend expiry prolong"),
    Command("token.delete", "ctrl+d", "delete", "Delete", "Delete the token; it can be restored", _TOKEN, writes=True,
            actions=(Action.DELETE,), synonyms="remove revoke"),
    Command("token.restore", "ctrl+r", "restore", "Restore", "Bring a deleted token back", _TOKEN, writes=True,
            actions=(Action.RESTORE,), synonyms="undelete recover"),
    # Details
    Command("details.previous_tab", "left_square_bracket,h,left", "previous_tab", "Previous tab", "The tab before",
            _DETAILS, shown="[ h", motion=True),
    Command("details.next_tab", "right_square_bracket,l,right", "next_tab", "Next tab", "The next tab", _DETAILS,
            shown="] l", motion=True),
    Command("details.view_key", "v", "view_key", "View", "Show the key for 30 seconds", _DETAILS, writes=True,
            actions=(Action.REVEAL,), synonyms="show reveal secret key"),
    Command("details.view_old_key", "V", "view_old_key", "View old key", "Show the old key of an overlap", _DETAILS,
            writes=True),
    Command("details.copy_old_key", "C", "copy_old_key", "Copy old key", "Copy the old key of an overlap", _DETAILS,
            writes=True),
    Command("details.stop_old", "full_stop", "stop_old", "Stop old key", "End an overlap now", _DETAILS, writes=True,
            actions=(Action.STOP_OLD,)),
    Command("details.try_it", "x", "copy_curl", "Try it", "Copy a curl command with the key", _DETAILS, writes=True,
            actions=(Action.REVEAL,), synonyms="curl request test"),
    Command("details.filter", "slash", "filter", "Filter", "Show the modules that match", _DETAILS,
            synonyms="search find modules"),
    Command("details.next_token", "n", "next_token", "Next", "The next token of the list", _DETAILS, motion=True),
    Command("details.previous_token", "p", "previous_token", "Previous", "The token before it", _DETAILS, motion=True),
    # Statistics
    Command("statistics.previous_day", "left", "previous_day", "Day", "The day before", _STATISTICS, shown="←",
            motion=True),
    Command("statistics.next_day", "right", "next_day", "Day", "The next day", _STATISTICS, shown="→", motion=True),
    Command("statistics.first_day", "home", "first_day", "First", "The first day", _STATISTICS, motion=True),
    Command("statistics.last_day", "end", "last_day", "Today", "The last day", _STATISTICS, motion=True),
    Command("statistics.longer", "plus", "longer", "Longer", "More days", _STATISTICS, shown="+", synonyms="range"),
    Command("statistics.shorter", "minus", "shorter", "Shorter", "Fewer days", _STATISTICS, shown="-",
            synonyms="range"),
    *(
        Command(f"statistics.toggle_{digit}xx", str(digit), f"toggle_class({digit})", f"{digit}xx",
                f"Show or hide the {digit}xx responses", _STATISTICS)
        for digit in (2, 3, 4, 5)
    ),
    Command("statistics.lines", "b", "toggle_lines", "Bars", "Bars or lines", _STATISTICS, synonyms="chart"),
    Command("statistics.table", "T", "toggle_table", "Table", "The days as a table", _STATISTICS, synonyms="figures"),
    Command("statistics.csv", "ctrl+s", "export_csv", "Export", "Write the days to a CSV file", _STATISTICS,
            synonyms="csv save file download"),
    # The audit
    Command("audit.open", "enter", "open", "Open", "The history of the entry's token", _AUDIT,
            synonyms="show view token details"),
    Command("audit.filter", "slash", "filter", "Filter", "Show the entries that match", _AUDIT,
            synonyms="search find narrow query"),
    Command("audit.export", "ctrl+s", "export", "Export", "Write the entries to a CSV file", _AUDIT,
            synonyms="csv save file download"),
    # Wizard
    Command("wizard.next", "pagedown", "next", "Next", "The next step", _WIZARD, priority=True, motion=True),
    Command("wizard.previous", "pageup", "previous", "Back", "The step before", _WIZARD, priority=True, motion=True),
    Command("wizard.seal", "s", "seal_key", "Seal", "Copy the new key, sealed to an age or SSH public key", _WIZARD,
            motion=True),
    # The modules, in the wizard and the edit form
    Command("form.tick", "space,enter", "tick", "Tick", "Tick or untick a module", _FORMS, shown="Space", motion=True),
    Command("form.narrow", "slash", "narrow", "Narrow", "Show the modules that match", _FORMS, motion=True),
    # Edit form
    Command("edit.save", "ctrl+s", "save", "Save", "Save the changes", (Place.EDIT,), writes=True,
            synonyms="write store"),
)
# fmt: on

MOTIONS = {
    place: tuple(command.id for command in COMMANDS if command.motion and command.places == (place,))
    for place in (Place.TOKENS, Place.STATISTICS)
}
"""The commands that move a cursor and do nothing else: the table's, and the day's in the chart."""

BY_ID = {command.id: command for command in COMMANDS}


def commands(*places: Place) -> tuple[Command, ...]:
    """The commands of these places, in the table's order."""
    return tuple(command for command in COMMANDS if set(places) & set(command.places))


def bindings(*places: Place) -> list[Binding]:
    """Textual's bindings of these places. Each has a stable ID, so that the key map of the settings finds it."""
    return [_binding(command) for command in commands(*places)]


def binding(command_id: str, action: str = "") -> Binding:
    """The binding of one command, where only some of a place are wanted. `action` is what its key does instead."""
    command = BY_ID[command_id]
    return _binding(replace(command, action=action or command.action))


def writing_actions() -> frozenset[str]:
    """The actions that change something, which a read-only app does not offer."""
    return frozenset(command.method for command in COMMANDS if command.writes)


def _binding(command: Command) -> Binding:
    return Binding(
        command.keys,
        command.action,
        command.label,
        show=False,  # the footer is made from what is offered, not from bindings
        tooltip=command.tooltip,
        id=command.id,
        priority=command.priority,
    )

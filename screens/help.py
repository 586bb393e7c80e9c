"""The help: every key, made from the table of commands, the filter's grammar, the version. It opens where one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tokentui import __version__
from tokentui.listing.fields import FIELDS
from tokentui.screens.base import BaseModal
from tokentui.screens.command import Place
from tokentui.screens.commands import BY_ID, binding, commands
from tokentui.screens.keys import KeyTable
from tokentui.screens.widgets.key_line import KeyEntry, KeyLine
from tokentui.styles import sheets
from tokentui.ui.text import fit

FILTER = "Filter"
"""The heading of the filter's grammar."""

_GRAMMAR = (
    ("billing sync", "words: in name, ID, external ID and description, all of them"),
    ('"old crm"', "a group of words, as it stands"),
    ("-status:expired", "a minus turns a condition around"),
    ("ext:zapier,reports", "a comma means or"),
    ("SU-…:…", "a whole key finds its token"),
)
_MODULES = "module:… finds a token with all modules (Full) too"


@dataclass(frozen=True, slots=True)
class HelpRow:
    """A line of the help: keys or an example, what it does, the ID to rebind it by (empty for none)."""

    keys: str
    text: str
    command_id: str = ""

    def matches(self, typed: str, more: str = "") -> bool:
        """Whether what is typed stands somewhere in it."""
        return typed.casefold() in f"{self.keys} {self.text} {self.command_id} {more}".casefold()


def sections(keys: KeyTable, places: tuple[Place, ...], typed: str = "") -> Iterator[tuple[str, list[HelpRow]]]:
    """The rows that match under their headings: where one is first, then everywhere, the filter, other places."""
    here = [*reversed(places), *([] if Place.EVERYWHERE in places else [Place.EVERYWHERE])]
    for place in here:
        yield from _section(place, keys, typed)
    rows = [HelpRow(*line) for line in _GRAMMAR]
    rows += [HelpRow(field.example, field.meaning) for field in FIELDS]
    rows.append(HelpRow("", _MODULES))
    if matching := [row for row in rows if row.matches(typed, FILTER)]:
        yield FILTER, matching
    for place in Place:
        if place not in here:
            yield from _section(place, keys, typed)


def _section(place: Place, keys: KeyTable, typed: str) -> Iterator[tuple[str, list[HelpRow]]]:
    rows = [HelpRow(keys.shown(command.id), command.tooltip, command.id) for command in commands(place)]
    names = {row: " ".join((BY_ID[row.command_id].label, *keys.keys(row.command_id))) for row in rows}
    if matching := [row for row in rows if row.matches(typed, names[row])]:
        yield place.value, matching


class HelpScreen(BaseModal[None]):
    """All commands and the filter, narrowed by what is typed."""

    CSS_PATH = sheets("dialogs")
    BINDINGS = [
        binding("app.back"),
        binding("app.help", action="back"),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    def __init__(self, places: tuple[Place, ...] = ()) -> None:
        """`places` are where one is."""
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """The search over the list, the keys under it."""
        with Vertical(id="help") as frame:
            frame.border_title = Content(f"Help · tokentui {__version__}")
            yield Input(placeholder="type to search", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(id="help-rows")
            yield KeyLine(
                [
                    KeyEntry(self.keys.first("app.back"), "close", "back"),
                    KeyEntry("↑↓ PgUp PgDn", "scroll"),
                    KeyEntry("[keys]", "in the configuration rebinds by the name on the right"),
                ]
            )

    def on_mount(self) -> None:
        self.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        """Shows what matches, from its first line on."""
        self._show()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    @on(KeyLine.Chosen)
    def action_back(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Moves the list while the search keeps the focus."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)  # once the list has its width

    def _show(self) -> None:
        typed, width = self.query_one(Input).value, self.query_one(VerticalScroll).scrollable_content_region.width
        parts: list[Content | str] = []
        for heading, rows in sections(self.keys, self._places, typed):
            parts.append(Content.styled(f"{heading}\n", "bold underline"))
            keys_width = max(Content(row.keys).cell_length for row in rows)
            for row in rows:
                parts += [_line(row, keys_width, width), "\n"]
            parts.append("\n")
        rows_shown = Content.assemble(*parts) if parts else Content("Nothing matches.")
        self.query_one("#help-rows", Static).update(rows_shown)


def _line(row: HelpRow, keys_width: int, width: int) -> Content:
    """`  r  A new secret, now                    token.rotate`; the ID on a line of its own where there is no room."""
    keys = f"  {fit(row.keys, keys_width)}  "
    room = width - Content(keys).cell_length - Content(row.text).cell_length - len(row.command_id)
    gap = " " * room if room > 0 else "\n" + " " * len(keys)
    return Content.assemble(
        (keys, "bold $footer-key-foreground"), row.text, (gap + row.command_id, "$text-muted") if row.command_id else ""
    )

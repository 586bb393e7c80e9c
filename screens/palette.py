"""The palette's entries: what the screen in front offers, by the words of the table of commands, themes and *About*."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from textual import on
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.content import Content
from textual.widgets import Input, OptionList

from tokentui.screens.about import AboutDialog
from tokentui.screens.base import ServiceCalls, keys_of
from tokentui.screens.offers import Offer
from tokentui.screens.theme.preview import ThemeApp, UseTheme
from tokentui.ui.text import cell_width, fit

_TITLE = 14
"""Cells of the column of titles."""

_WINDOW = 92
"""Cells of the palette's window, where the screen has them."""

_TWICE = {"app.quit": "tokens.quit", "token.menu": "", "app.palette": "", "app.back": ""}
"""Commands that are left out: beside another one (named) that does the same, or in a palette (of no use there)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: its title, what it does, its key, the words that find it too."""

    title: str
    tooltip: str
    key: str
    synonyms: str
    run: Callable[[], Any]

    def content(self, width: int) -> Content:
        """`Rotate        a new secret, now        r` in so many cells, the key at their right."""
        title = fit(self.title, max(_TITLE, len(self.title) + 1))
        room = width - cell_width(title) - (cell_width(self.key) + 1 if self.key else 0)
        tooltip = self.tooltip[:1].lower() + self.tooltip[1:]
        return Content.assemble(
            (title, "bold"),
            (fit(tooltip, room) if room > 0 else "", "not bold"),
            (f" {self.key}" if self.key else "", "bold $footer-key-foreground"),
        )


def rank(entry: Entry, query: str) -> float:
    """How well an entry answers what is typed, from 0 (not at all) to 1: its title before synonyms before the rest."""
    scores = [_rank_word(entry, word) for word in query.casefold().split()]
    if entry.title.casefold() == query.casefold().strip():
        return 1.0
    return min(scores, default=0.0)


def _rank_word(entry: Entry, word: str) -> float:
    title, synonyms = entry.title.casefold().split(), entry.synonyms.casefold().split()
    tooltip = entry.tooltip.casefold().replace(",", " ").split()
    if title and title[0] == word:
        return 0.95
    if word in synonyms:
        return 0.9
    if title and title[0].startswith(word):
        return 0.8
    if any(part.startswith(word) for part in title):
        return 0.7
    if any(part.startswith(word) for part in synonyms):
        return 0.6
    if any(part.startswith(word) for part in tooltip):
        return 0.4
    return 0.2 if len(word) > 1 and any(word in part for part in (*title, *synonyms)) else 0.0


def entries(screen: ServiceCalls) -> Iterator[Entry]:
    """Everything that the screen offers now, then the parts of a token's details, themes and *About*."""
    offers = {offer.command.id: offer for offer in screen.offers()}
    for offer in offers.values():
        command_id = offer.command.id
        if not offer.command.motion and (command_id not in _TWICE or _TWICE[command_id] not in ("", *offers)):
            yield _command_entry(screen, offer)
    for part in screen.parts():
        yield Entry(part.title, part.tooltip, "", part.synonyms, part.run)
    app = cast(ThemeApp, screen.app)
    words = "colour color dark light appearance"
    yield Entry("Theme", f"Choose another; now {app.kept_theme}", "", words, partial(_choose_theme, app))
    yield Entry("About", "The version, the database, where things are", "", "version info", partial(_about, app))


def theme_entries(app: ThemeApp) -> Iterator[Entry]:
    """Every theme, the current one first and marked."""
    for name in sorted(app.available_themes, key=lambda name: (name != app.kept_theme, name)):
        is_current = name == app.kept_theme
        yield Entry(name, "✓ the current theme" if is_current else "", "", "theme colour color", UseTheme(app, name))


class EntryProvider(Provider):
    """Finds entries by what is typed; before that lists all."""

    def entries(self) -> list[Entry]:
        """What there is to find."""
        return list(entries(self.screen)) if isinstance(self.screen, ServiceCalls) else []

    @property
    def width(self) -> int:
        """Cells of an entry: the window's, without frame, padding and scrollbar (see `app.tcss`)."""
        return min(_WINDOW, self.app.size.width) - 7

    async def discover(self) -> Hits:
        for entry in self.entries():
            yield DiscoveryHit(entry.content(self.width), entry.run, text=entry.title)

    async def search(self, query: str) -> Hits:
        for place, entry in enumerate(self.searched()):
            if (score := rank(entry, query)) > 0:
                yield Hit(score - place * 1e-6, entry.content(self.width), entry.run, text=entry.title)

    def searched(self) -> list[Entry]:
        """What is searched once something is typed."""
        return [*self.entries(), *theme_entries(cast(ThemeApp, self.app))]


class ThemeProvider(EntryProvider):
    """The palette that chooses a theme."""

    def entries(self) -> list[Entry]:
        return list(theme_entries(cast(ThemeApp, self.app)))

    def searched(self) -> list[Entry]:
        return self.entries()


class Palette(CommandPalette):
    """Textual's, in which one thing is chosen: a second click or Enter comes while it is going away already."""

    _is_chosen = False

    def on_mount(self) -> None:
        """A sign that every font has in place of a picture that is two cells wide in some, and the keys."""
        self.query_one(SearchIcon).icon = "›"
        back = keys_of(self.app).first("app.back")
        frame = self.query_one("#--container")
        frame.border_subtitle = Content.assemble(
            *(part for key, word in (("↑↓", "choose"), ("⏎", "run"), (back, "close")) for part in _key(key, word))
        )

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Once: a second click beside it would close what lies under it, or the last screen."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Lets Textual run the first choice, and no other."""
        if self._is_chosen:
            event.prevent_default()
        self._is_chosen = True

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Enter chooses what the cursor stands on, until something is chosen."""
        if self._is_chosen:
            event.prevent_default()


def _key(key: str, word: str) -> tuple[str | tuple[str, str], ...]:
    return " ", (key, "bold $footer-key-foreground"), f" {word} "


def _command_entry(screen: ServiceCalls, offer: Offer) -> Entry:
    command = offer.command
    tooltip = "Let it work again, with the same key" if offer.label.startswith("Enable") else command.tooltip
    key = screen.keys.shown(command.id)
    return Entry(offer.label, tooltip, key, command.synonyms, partial(screen.run_command, command))


def _choose_theme(app: App[Any]) -> None:
    app.push_screen(Palette([ThemeProvider], placeholder="Theme: ↑ and ↓ show it, Enter keeps it"))


def _about(app: App[Any]) -> None:
    app.push_screen(AboutDialog())

"""What the tabs of the details have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from textual import on
from textual.widget import Widget
from textual.widgets import TabPane

from tokentui.context import Context
from tokentui.records import Catalog, SecretRecord, TokenRecord
from tokentui.screens.base import BaseScreen
from tokentui.usage.series import Series


@dataclass(frozen=True, slots=True)
class Details:
    """A token, its secrets and its use, and the catalogue that its permissions are named by."""

    token: TokenRecord
    secrets: tuple[SecretRecord, ...]
    catalog: Catalog
    use: Series
    """The responses of the last 30 days."""
    read_at: datetime
    """When the reading began."""
    position: tuple[int, int] | None = None
    """Which row of its list the token is, from 1, and how many there are; None where it is not in it."""


def host_of(widget: Widget) -> BaseScreen[Any]:
    """The screen of a widget, through which services are called."""
    return cast(BaseScreen[Any], widget.screen)


class DetailsTab(TabPane):
    """One tab: it is given the details whenever they change, and told when it is looked at and when no longer."""

    @property
    def host(self) -> BaseScreen[Any]:
        """The screen, through which services are called."""
        return host_of(self)

    @property
    def context(self) -> Context:
        """The clock and the zone of what is shown."""
        return self.host.context

    @on(TabPane.Focused)
    def stay_where_chosen(self, event: TabPane.Focused) -> None:
        """Keys choose the tab. By a focus that it hears of late, `TabbedContent` would go back to an earlier one."""
        event.stop()

    def show(self, details: Details) -> None:
        """The token, new or changed."""
        raise NotImplementedError

    def opened(self) -> None:
        """The tab is looked at from now on: it reads what it needs and takes the focus."""
        raise NotImplementedError

    def closed(self) -> None:
        """The tab is no longer looked at: another tab or another screen is in front."""

    def back(self) -> bool:
        """Escape: True where the tab had something of its own to leave."""
        return False

    def filter(self) -> None:
        """Into the filter of the tab, where it has one."""

"""What stands in place of rows where there are none, or over them where they can't be read."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tokentui.screens.widgets import line


class Notice(Static):
    """Lines of plain text; hidden while there are none."""

    def say(self, *lines: str) -> None:
        """Shows the lines as plain text; without a line the widget is hidden."""
        line.show(self, Content("\n".join(lines)))
        self.display = bool(lines)

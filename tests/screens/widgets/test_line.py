"""A text is drawn when it reads or looks otherwise, and not again while it does not."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from tokentui.screens.widgets import line


class CountedStatic(Static):
    """Counts how often it was given a text."""

    updates = 0

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        self.updates += 1
        super().update(content, layout=layout)


class OneLine(App[None]):
    """An app of one line."""

    def compose(self) -> ComposeResult:
        yield CountedStatic("5 min ago", markup=False)


async def test_the_same_text_is_not_shown_again() -> None:
    """Other letters are, and the same ones in another style or as plain text."""
    app = OneLine()
    async with app.run_test():
        place = app.query_one(CountedStatic)
        styled = [Content.styled("6 min ago", style) for style in ("red", "red", "bold")]
        texts: list[str | Content] = ["5 min ago", "6 min ago", "6 min ago", *styled]
        updates = []
        for text in texts:
            line.show(place, text)
            updates.append(place.updates)
        assert updates == [0, 1, 1, 2, 2, 3]

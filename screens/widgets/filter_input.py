"""The input of a filter, which shows no secret."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input

from tokentui.screens import services


class FilterInput(Input):
    """A whole key in it becomes the ID of its token before it is drawn: no secret stays on a screen."""

    id_field: ClassVar = "id"
    """What the filter calls an ID."""

    def validate_value(self, value: str) -> str:
        """Textual's own hook, for every change of the text."""
        return services.find_key.without_secrets(value, self.id_field) if ":" in value else value

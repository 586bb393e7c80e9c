"""The line of the wizard's steps: `✓ General ● Expiration ○ Extension ○ Permissions ○ Summary`."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tokentui.screens.token_form.draft import Step


class StepLine(Widget):
    """The steps with their names; where it is narrow, with that of the present one."""

    step: reactive[Step] = reactive(Step.GENERAL)

    def render(self) -> RenderResult:
        full = self._line(names=True)
        return full if full.cell_length <= self.size.width else self._line(names=False)

    def _line(self, *, names: bool) -> Content:
        parts: list[Content] = []
        for step in Step:
            shape = "●" if step is self.step else "✓" if step < self.step else "○"
            named = names or step is self.step
            style = "bold" if step is self.step else "$text-muted"
            parts.append(Content.styled(f"{shape} {step.name.capitalize()}" if named else shape, style))
        return Content("  ").join(parts)

"""Writing what a screen shows to a CSV file that the operator names."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.screens.base import ServiceCalls
from tokentui.screens.dialogs import Prompt
from tokentui.ui.files import named, new_file, write_new


async def export_csv(
    screen: ServiceCalls, title: str, name: str, lines: Callable[[Context], Iterable[str]], what: str
) -> None:
    """Asks for a file, `name` unless another is typed, and writes `lines` into it, a header and a line for each.

    Says how many of `what` (`tokens`, say) are in it. To be awaited inside a worker.
    """
    path = await screen.app.push_screen_wait(Prompt(title, "File", name, confirm="Write", check=new_file))
    if path is None:
        return
    try:
        number = await screen.change(lambda context: write_new(named(path), lines(context)))
    except TokentuiError as error:
        screen.explain(error)
    else:
        screen.notify(f"{number - 1} {what} written to {path}", markup=False)

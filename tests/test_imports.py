"""Who may import whom, and that nothing slow stands in the way of a start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imported(program: str) -> set[str]:
    """The modules that a fresh interpreter has after running a program."""
    code = f"{program}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.__stdout__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


HELP = """
import contextlib, io
from tokentui.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["--help"])
"""


FIRST_FRAME = """
import asyncio, os, tempfile
os.environ["TOKENTUI_HOME"] = tempfile.mkdtemp()
from tokentui.app import TokentuiApp
from tokentui.bootstrap import open_context_late
from tokentui.settings import load
class App(TokentuiApp):
    def post_display_hook(self):
        self.exit()
asyncio.run(App(open_context_late(load())).run_async(headless=True, size=(120, 40)))
"""

DEMO = """
from tokentui import demo
from tokentui.listing.first_page import first_page
from tokentui.settings import load
with demo.throwaway(load(), {}) as context:
    assert first_page(context, 1)
"""

NOT_IN_THE_FIRST_FRAME = {
    *("sqlalchemy", "cryptography", "alembic", "plotext", "textual_plotext", "tomli_w", "psycopg", "uvicorn"),
    *("pygments", "markdown_it", "tree_sitter", "multiprocessing", "tokentui.models.tables"),
    *("tokentui.screens.details.screen", "tokentui.screens.wizard.screen", "tokentui.screens.edit.screen"),
    *("tokentui.screens.actions.rotate", "tokentui.screens.actions.bulk", "tokentui.screens.actions.copying"),
    *("tokentui.screens.palette", "tokentui.screens.dialogs", "tokentui.screens.actions.row_menu", "tomllib"),
    *("tokentui.ui.chart.chart", "tokentui.ui.watcher", "tokentui.listing.completion"),
    *("tokentui.records.changes", "tokentui.records.catalog", "tokentui.records.bulk", "tokentui.records.audit"),
}
"""What nobody waits for who opens the app: each costs a tenth of the start or more, or belongs to another screen."""


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("import tokentui", {"sqlalchemy", "textual", "click", "cryptography", "alembic"}),
        (HELP, {"sqlalchemy", "textual", "alembic", "plotext", "cryptography", "jinja2", "uvicorn", "starlette"}),
        ("import tokentui.gate", {"textual", "rich", "click", "alembic", "plotext", "uvicorn", "starlette"}),
        ("import tokentui.models", {"textual", "rich", "click", "alembic", "cryptography"}),
        ("import tokentui.validation", {"sqlalchemy", "textual", "click", "cryptography"}),
        ("import tokentui.crypto.key_format", {"sqlalchemy", "textual", "click", "cryptography"}),
        (FIRST_FRAME, NOT_IN_THE_FIRST_FRAME),
        (DEMO, {"sqlalchemy", "alembic", "textual"}),
        (
            "import tokentui.app, tokentui.screens.tokens.screen, tokentui.bootstrap",
            {"alembic", "mako", "jinja2", "plotext", "textual_plotext", "uvicorn", "starlette", "prometheus_client"},
        ),
    ],
)
def test_an_import_leaves_out_heavy_modules(program: str, absent: set[str]) -> None:
    """Alembic, the chart, servers and the terminal app are imported only where they are used."""
    assert imported(program) & absent == set()


def test_screens_are_one_copy() -> None:
    """`import screens` from the repository's root would make every message class twice."""
    modules = imported("import tokentui.app, tokentui.screens.tokens.screen")
    assert "screens" not in modules
    assert "styles" not in modules


def test_the_rooms_hold() -> None:
    """The import contracts in pyproject.toml."""
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], capture_output=True, text=True, cwd=ROOT
    )
    assert checked.returncode == 0, checked.stdout

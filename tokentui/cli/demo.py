"""`tokentui demo`: the app, or a new database, with sample tokens."""

from __future__ import annotations

import os

import click

from tokentui import demo
from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.garbage import uncollected
from tokentui.cli.output import print_line
from tokentui.cli.state import State
from tokentui.ui.files import file_path
from tokentui.ui.text import safe_text


@click.command()
@click.option("--tokens", type=click.IntRange(1, 10_000_000), default=40, show_default=True, help="How many.")
@click.option(
    "--to",
    "path",
    metavar="FILE",
    shell_complete=complete_file,
    help="Only write the database, sealed with the home's master key.",
)
@click.pass_obj
def demo_command(state: State, tokens: int, path: str | None) -> None:
    """Open the app on sample tokens in a throwaway database.

    \b
    tokentui demo --to sample.db && tokentui --db sample.db list
    """
    if path is not None:
        file = file_path(path)
        with uncollected():
            demo.write_to(state.settings, file, os.environ, tokens=tokens)
        with reporting(f"{tokens} tokens were written to {file}"):
            print_line(f"{tokens} tokens written to {safe_text(str(file))}")
        return
    from tokentui.cli.main import require_terminal

    require_terminal()
    from tokentui.app import run

    with uncollected(), demo.throwaway(state.settings, os.environ, tokens=tokens) as context:
        run(context)

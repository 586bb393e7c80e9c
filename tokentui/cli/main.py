"""The command `tokentui`: global options, the way to each command, and errors as one line with an exit status.

Commands are imported when they are run: `--help` must not wait for SQLAlchemy, nor a command for Textual.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from tokentui import __version__
from tokentui.cli import colour, failures, streams
from tokentui.cli.commands import COMMANDS
from tokentui.cli.completing import complete_file
from tokentui.cli.garbage import uncollected
from tokentui.cli.state import State
from tokentui.errors import UsageError


class Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command's module; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        with uncollected():
            module = importlib.import_module(COMMANDS[cmd_name][0])
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Options and commands, without importing any."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--db",
    metavar="URL|FILE",
    shell_complete=complete_file,
    help="The database: a SQLAlchemy URL or the path of an SQLite file.",
)
@click.option("--config", metavar="FILE", shell_complete=complete_file, help="The configuration, a TOML file.")
@click.option("--read-only", is_flag=True, help="Write nothing.")
@click.option(
    "--passphrase-fd",
    metavar="N",
    type=click.IntRange(0),
    help="Read the passphrase of a protected master key from this file descriptor.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    is_eager=True,
    expose_value=False,
    callback=colour.choose,
    help="Colours: auto, on a terminal where NO_COLOR is not set.",
)
@click.version_option(__version__, prog_name="tokentui")
@click.pass_context
def cli(ctx: click.Context, db: str | None, config: str | None, read_only: bool, passphrase_fd: int | None) -> None:
    """Issue, see, change and retire API tokens. Without a command: the terminal app.

    \b
    tokentui                      open the app
    tokentui demo                 look around on sample tokens
    tokentui create --name "Nightly upload" --module usage --expires 90d
    tokentui list --filter "status:expiring" --json
    """
    ctx.obj = State(db, config, read_only, passphrase_fd)
    ctx.call_on_close(ctx.obj.close)
    if ctx.invoked_subcommand is None:
        open_app(ctx.obj)


def open_app(state: State) -> None:
    """The terminal app on the context of `state`; raises UsageError without a terminal."""
    require_terminal()
    gc.disable()  # as `uncollected`; `run` looks for some again once the app is there
    from tokentui.app import run
    from tokentui.cli.passphrase import unlock_for_app

    context = state.late_context
    unlock_for_app(state.settings, context)
    run(context)


def require_terminal() -> None:
    """Raises UsageError where there is no terminal that the app could be shown on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the app needs a terminal", "run a command instead, see `tokentui --help`")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise UsageError("this terminal (TERM) can't show the app", "run a command, see `tokentui --help`")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; ends the process with its exit status where that is not 0.

    Nothing that goes wrong prints a traceback: see `failures.tell` for the line and the status of each kind.
    """
    streams.prepare()
    args = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run(args)
    except (Exception, KeyboardInterrupt) as error:
        status = failures.tell(error, args)
    finally:
        colour.forget()
    if isinstance(status, int) and status:
        sys.exit(status)


def _run(args: Sequence[str]) -> object:
    """The command line, as far as its last byte is written. click's own `main` ends a broken pipe with 1."""
    try:
        with cli.make_context("tokentui", list(args)) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as ended:
        status = ended.exit_code
    except EOFError:
        raise click.exceptions.Abort from None
    sys.stdout.flush()
    return status

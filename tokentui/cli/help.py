"""`tokentui help` and `tokentui version`."""

from __future__ import annotations

import click

from tokentui import __version__
from tokentui.cli.completing import complete_command
from tokentui.cli.output import print_line


@click.command()
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=complete_command)
@click.pass_context
def help_command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """The commands, or what one of them does.

    \b
    tokentui help list
    tokentui help db backup
    """
    shown = ctx.find_root()
    for name in names:
        group = shown.command
        if not isinstance(group, click.Group) or (command := group.get_command(shown, name)) is None:
            raise click.NoSuchCommand(name, ctx=shown)
        shown = click.Context(command, info_name=name, parent=shown)
    print_line(shown.get_help())


@click.command()
def version_command() -> None:
    """The version of the program.

    \b
    tokentui version
    """
    print_line(f"tokentui {__version__}")

"""What is wrong with a command line, with the command or option that was probably meant."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Sequence

import click

from tokentui.errors import UsageError


def usage_error(error: click.ClickException, arguments: Sequence[str]) -> UsageError:
    """Click's error as ours; `arguments` are the whole command line."""
    context = getattr(error, "ctx", None)
    help_hint = f"see `{context.command_path if context else 'tokentui'} --help`"
    match error:
        case click.NoSuchOption(ctx=click.Context() as ctx):
            return UsageError(
                f"there is no option {error.option_name}", _option_hint(error, ctx, arguments) or help_hint
            )
        case click.NoSuchCommand(ctx=click.Context() as ctx):
            hint = _nearest(error.command_name, _commands(ctx)) or help_hint
            return UsageError(f"there is no command {error.command_name[:40]!r}", hint)
    message = " ".join(error.format_message().split()).rstrip(".")
    return UsageError(message[:1].lower() + message[1:], help_hint)


def _option_hint(error: click.NoSuchOption, ctx: click.Context, arguments: Sequence[str]) -> str:
    option = error.option_name
    root = ctx.find_root()
    filter_word = next((word for word in arguments if word.startswith(option) and ":" in word), None)
    if filter_word is not None and not option.startswith("--"):
        return f"a filter that begins with - stands behind --, as in `{ctx.command_path} -- {shlex.quote(filter_word)}`"
    if ctx is not root and option in _options(root):
        return f"it stands before the command, as in `tokentui {option} … {_path(ctx)}`"
    if ctx is root and (command := _command_in(ctx, arguments)) is not None:
        below = click.Context(command, info_name=command.name, parent=ctx)
        if option in _options(below):
            return f"it stands behind the command, as in `tokentui {command.name} {option}`"
    return _nearest(option, _options(ctx))


def _command_in(ctx: click.Context, arguments: Sequence[str]) -> click.Command | None:
    assert isinstance(ctx.command, click.Group)
    commands = (ctx.command.get_command(ctx, word) for word in arguments if not word.startswith("-"))
    return next((command for command in commands if command is not None), None)


def _path(ctx: click.Context) -> str:
    """The commands that lead to this one, without the program's name."""
    return ctx.command_path.partition(" ")[2]


def _options(ctx: click.Context) -> list[str]:
    return [
        name
        for option in ctx.command.get_params(ctx)
        if isinstance(option, click.Option) and not option.hidden
        for name in option.opts
    ]


def _commands(ctx: click.Context) -> list[str]:
    return ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else []


def _nearest(word: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {near[0]}?" if near else ""

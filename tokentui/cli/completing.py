"""What the shell offers for the arguments and options of commands; nothing where anything is wrong.

The database is opened for reading, and given up at once where it does not answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from tokentui.cli.commands import COMMANDS

if TYPE_CHECKING:
    from tokentui.context import Context
    from tokentui.records import Action, Catalog, Status, TokenRecord

Items = list[CompletionItem[str]]
Complete = Callable[[click.Context, click.Parameter, str], Items]

_MOST = 200
"""Tokens that are offered at most: more are of no help to whoever looks for one."""

_BUSY_TIMEOUT = timedelta(milliseconds=200)


def _silent(complete: Complete) -> Complete:
    """Offers nothing where it fails: a message would land in the middle of the line that is typed."""

    @functools.wraps(complete)
    def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
        try:
            return complete(ctx, param, incomplete)
        except Exception:
            return []

    return offered


def complete_ids(action: Action | None = None) -> Complete:
    """The IDs that begin so, with the names of their tokens: those that the action allows, or all without one."""

    @_silent
    def offered(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
        from tokentui.records import Status
        from tokentui.tokens.states import OFFERED_FOR

        allowed = OFFERED_FOR[action] if action else frozenset(Status)
        given = set(map(str, ctx.params.get("ids") or ()))
        with _reading(ctx) as context:
            tokens = _tokens_like(context, incomplete, [status for status in Status if status in allowed])
            return [CompletionItem(token.label, help=token.name) for token in tokens if token.label not in given]

    return offered


@_silent
def complete_modules(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """The slugs of modules, with their names."""
    return _beginning((module.slug, module.name) for module in _catalog(ctx).modules)(incomplete)


@_silent
def complete_extensions(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """The slugs of extensions, with their names."""
    return _beginning((extension.slug, extension.name) for extension in _catalog(ctx).extensions)(incomplete)


@_silent
def complete_filter(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Fields of the filter, and their values behind a field."""
    from tokentui.listing.completion import Vocabulary, suggestions
    from tokentui.listing.fields import FIELDS

    if incomplete in ("", "-"):
        return [CompletionItem(f"{incomplete}{field.name}:", help=field.meaning) for field in FIELDS]
    vocabulary = Vocabulary()
    if incomplete.rpartition(" ")[2].lstrip("-").startswith(("ext:", "module:")):
        catalog = _catalog(ctx)
        vocabulary = Vocabulary(
            {extension.slug: extension.name for extension in catalog.extensions},
            {module.slug: module.name for module in catalog.modules},
        )
    offered = suggestions(incomplete, len(incomplete), vocabulary, most=_MOST)
    return [
        CompletionItem(incomplete[: suggestion.start] + suggestion.text, help=suggestion.meaning)
        for suggestion in offered
    ]


@_silent
def complete_sort(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Fields to sort by. Behind a `-` click offers options instead, and never asks."""
    from tokentui.listing.spec import SortField

    return _beginning((field.value, "") for field in SortField)(incomplete)


@_silent
def complete_columns(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """The next of several columns with commas between."""
    from tokentui.cli.token_columns import BY_NAME

    before, comma, _ = incomplete.rpartition(",")
    chosen = before.split(",")
    return _beginning((f"{before}{comma}{name}", "") for name in BY_NAME if name not in chosen)(incomplete)


def complete_file(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Whatever the shell offers for a file."""
    return [CompletionItem(incomplete, type="file")]


def complete_command(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    return _beginning((name, text) for name, (_, text) in COMMANDS.items())(incomplete)


def _beginning(words: Iterable[tuple[str, str]]) -> Callable[[str], Items]:
    return lambda begun: [CompletionItem(word, help=meaning) for word, meaning in words if word.startswith(begun)]


def _tokens_like(context: Context, begun: str, statuses: Iterable[Status]) -> Iterator[TokenRecord]:
    """In the order of their IDs, from the first that begins so."""
    from tokentui.listing import pages
    from tokentui.listing.spec import Cursor, ListSpec, Sort, SortField

    letters = begun.upper()
    digits = "".join(character for character in letters if character.isdigit())
    if not ("SU-".startswith(letters) or letters.startswith("SU-") or letters.isdigit()):
        return
    first = int(digits.ljust(9, "0")) if digits else 0
    last = int(digits.ljust(9, "9")) if digits else 999_999_999
    spec = ListSpec("", tuple(statuses), Sort(SortField.ID))
    for token in pages.page(context, spec, after=Cursor(first - 1, first - 1), limit=_MOST):
        if token.id > last:
            return
        yield token


def _catalog(ctx: click.Context) -> Catalog:
    from tokentui import catalog

    with _reading(ctx) as context:
        return catalog.load(context)


@contextmanager
def _reading(ctx: click.Context) -> Iterator[Context]:
    """The context that the line's global options name, for reading alone."""
    from tokentui.bootstrap import open_context
    from tokentui.settings import load

    options = ctx.find_root().params
    settings = load(database=options.get("db"), config=options.get("config"), read_only=True)
    context = open_context(replace(settings, busy_timeout=_BUSY_TIMEOUT))
    try:
        yield context
    finally:
        context.close()

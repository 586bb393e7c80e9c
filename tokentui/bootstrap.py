"""How every entry, command or app, gets its context: settings → database → catalogue."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tokentui.clock import local_zone
from tokentui.context import Context, current_actor, make_home
from tokentui.database.database import Database, open_database, open_file_late
from tokentui.settings import Settings


def open_context(settings: Settings, *, environ: Mapping[str, str] | None = None) -> Context:
    """Opens the database of the settings, making it where it is not there, for the current operator.

    Raises DatabaseError and its children. The master key is not touched: `Context.vault` opens it when it is needed.
    """
    from tokentui import catalog

    env = os.environ if environ is None else environ
    if not settings.database and not settings.read_only:
        make_home(settings)
    database = open_database(settings.database_url, read_only=settings.read_only, busy_timeout=settings.busy_timeout)
    context = Context(database, settings, current_actor(env), zone=local_zone(), environ=env)
    catalog.seed(context)
    return context


def open_context_late(settings: Settings, *, environ: Mapping[str, str] | None = None) -> Context:
    """The same for the app, which shows a frame first: a file is opened when it is first read or written.

    What goes wrong with it is raised then, by whatever reads or writes.
    """

    def seed(database: Database) -> None:
        from tokentui import catalog

        catalog.seed(context)

    if "://" in settings.database_url:
        return open_context(settings, environ=environ)
    env = os.environ if environ is None else environ
    if not settings.database and not settings.read_only:
        make_home(settings)
    database = open_file_late(
        settings.database_url, read_only=settings.read_only, busy_timeout=settings.busy_timeout, opened=seed
    )
    context = Context(database, settings, current_actor(env), zone=local_zone(), environ=env)
    return context

"""How every entry, command or app, gets its context: settings → database → catalogue."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tokentui import catalog
from tokentui.clock import local_zone
from tokentui.context import Context, current_actor, make_home
from tokentui.database.database import open_database
from tokentui.settings import Settings


def open_context(settings: Settings, *, environ: Mapping[str, str] | None = None) -> Context:
    """Opens the database of the settings, making it where it is not there, for the current operator.

    Raises DatabaseError and its children. The master key is not touched: `Context.vault` opens it when it is needed.
    """
    env = os.environ if environ is None else environ
    if not settings.database and not settings.read_only:
        make_home(settings)
    database = open_database(settings.database_url, read_only=settings.read_only, busy_timeout=settings.busy_timeout)
    context = Context(database, settings, current_actor(env), zone=local_zone(), environ=env)
    catalog.seed(context)
    return context

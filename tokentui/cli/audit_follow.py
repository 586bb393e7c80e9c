"""`tokentui audit --follow`: entries as they are written, by whatever process."""

from __future__ import annotations

import sys
from itertools import islice

from tokentui import audit
from tokentui.audit import AuditFilter, entry_json
from tokentui.cli.messages import say
from tokentui.cli.output import print_json_line, print_line
from tokentui.cli.stopping import stopped_by_signals
from tokentui.context import Context
from tokentui.errors import DatabaseError
from tokentui.records import AuditRecord
from tokentui.ui import wording
from tokentui.ui.audit_words import actor_words, changes_or_damage, token_words
from tokentui.ui.text import json_text, safe_text

_INTERVAL_S = 0.5
_FIRST = 10
"""Entries that are shown at the beginning, as `tail -f` does."""


def follow(context: Context, wanted: AuditFilter, limit: int | None, *, as_json: bool) -> None:
    """Prints the newest entries, the oldest of them first, and those that come, until it is told to end.

    Where the database can't be read for a while it says so once, and goes on.
    """
    stop = stopped_by_signals()
    last = audit.newest_id(context)
    for entry in reversed(list(islice(audit.stream(context, wanted), limit or _FIRST))):
        _print(context, entry, as_json=as_json)
    sys.stdout.flush()
    is_away = False
    while not stop.wait(_INTERVAL_S):
        try:
            newest = audit.newest_id(context)
            # An older one took the database's place: what it holds is not new.
            last = min(last, newest)
            for entry in audit.stream_between(context, wanted, last, newest):
                _print(context, entry, as_json=as_json)
                last = entry.id
            last, is_away = newest, False
        except DatabaseError as error:
            if not is_away:
                say(f"{error.message}: trying again")
            is_away = True
        sys.stdout.flush()


def _print(context: Context, entry: AuditRecord, *, as_json: bool) -> None:
    if as_json:
        print_json_line(json_text(entry_json(entry)))
        return
    at, action = wording.exact(entry.at, context.zone), safe_text(entry.action)
    print_line(f"{at}  {actor_words(entry)}  {action}  {token_words(entry)}  {changes_or_damage(entry)}".rstrip())

"""`tokentui notify`: tells people and programs of tokens that expire soon."""

from __future__ import annotations

import sys

import click

from tokentui.cli.messages import say, say_error
from tokentui.cli.output import json_option, print_json, print_json_array, print_line
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.notify import outbox, text
from tokentui.notify.deliver import channels, deliver
from tokentui.notify.outbox import MAIL, PRINT, PendingNotice

_MOST_PRINTED = 500


@click.command()
@click.option("--print", "prints", is_flag=True, help="Print what was not printed before, and send nothing.")
@click.option("--dry-run", is_flag=True, help="Say who would be told what; tell nobody, keep nothing.")
@json_option
@click.pass_obj
def notify_command(state: State, prints: bool, dry_run: bool, as_json: bool) -> int:
    """Tell people and programs, once each, which tokens expire soon.

    By mail to a token's owner (notify_mail) or a list (notify_to), by a signed webhook (notify_webhook), or, where
    neither is set, on standard output, which cron mails. Meant for a timer, every few minutes: what fails is sent
    again by a later run. Exits with 1 where something could not be sent.

    \b
    tokentui notify --dry-run
    tokentui notify --print --json
    """
    context = state.context
    sending = () if prints else channels(context)
    recipients = sending or (PRINT,)
    if dry_run:
        _print_preview(context, recipients, as_json=as_json)
        _tell_unreadable(context)
        return 0
    outbox.put(context, recipients)
    if not sending:
        _print_new(context, as_json=as_json)
        return 1 if _tell_unreadable(context) else 0
    delivery = deliver(context)
    for error in delivery.errors:
        say_error(f"{error.message}: {error.hint}" if error.hint else error.message)
    if as_json:
        print_json({"sent": delivery.sent, "failed": delivery.failed})
    elif delivery.sent or delivery.failed:
        say(f"{delivery.sent} sent" + (f", {delivery.failed} not: a later run tries again" if delivery.failed else ""))
    return 1 if _tell_unreadable(context) or delivery.failed else 0


def _print_preview(context: Context, recipients: tuple[str, ...], *, as_json: bool) -> None:
    pending = outbox.preview(context, recipients)
    if as_json:
        print_json_array({"to": _shown(notice), **notice.content} for notice in pending)
        return
    for notice in pending:
        print_line(f"{_shown(notice)}: {text.line(context, notice.content)}")
    if not pending:
        say("Nobody is to be told anything")


def _print_new(context: Context, *, as_json: bool) -> None:
    """Printed first and noted then, so that a pipe that is closed loses nothing."""
    printed: list[PendingNotice] = []
    while notices := outbox.take(context, PRINT, _MOST_PRINTED):
        printed.extend(notices)
        if not as_json:
            for notice in notices:
                print_line(text.line(context, notice.content))
            sys.stdout.flush()
            outbox.mark_sent(context, notices)
    if as_json:
        print_json_array(notice.content for notice in printed)
        sys.stdout.flush()
        outbox.mark_sent(context, printed)


def _tell_unreadable(context: Context) -> int:
    """Says how many notices can't be read, if any."""
    number = outbox.count_unreadable(context)
    if number:
        notices = "1 notice" if number == 1 else f"{number} notices"
        say_error(f"{notices} can't be read, so nobody is told: `tokentui db check` names them")
    return number


def _shown(notice: PendingNotice) -> str:
    return notice.recipient.removeprefix(MAIL)

"""Sends what is in the outbox to whom it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.notify import mail, outbox, webhook
from tokentui.notify.outbox import MAIL, WEBHOOK, PendingNotice

_MOST_A_MAIL = 200
_MOST_FAILURES = 3
"""Failures in a row after which the webhook is left for the next run."""


@dataclass(slots=True)
class Delivery:
    """How many notices were sent, how many were not, and why."""

    sent: int = 0
    failed: int = 0
    errors: list[TokentuiError] = field(default_factory=list)


def channels(context: Context) -> tuple[str, ...]:
    """The ways that are configured: mail, the webhook; none where people are only told by what is printed."""
    settings = context.settings
    configured = {MAIL: settings.notify_mail or settings.notify_to, WEBHOOK: settings.notify_webhook}
    return tuple(channel for channel, is_on in configured.items() if is_on)


def deliver(context: Context) -> Delivery:
    """Sends what is due; what fails is tried again by a later call, after a wait that grows.

    A notice is sent first and noted then: where the process is killed between the two, it is sent again, with the same
    ID. Raises SettingsError where the webhook's secret can't be read.
    """
    delivery = Delivery()
    mails = MAIL in channels(context)
    secret = webhook.read_secret(context.settings.notify_webhook_secret) if context.settings.notify_webhook else b""
    for recipient in outbox.waiting_recipients(context):
        if recipient.startswith(MAIL) and mails:
            _deliver_mail(context, recipient, delivery)
        elif recipient == WEBHOOK and secret:
            _deliver_webhook(context, secret, delivery)
    return delivery


def _deliver_mail(context: Context, recipient: str, delivery: Delivery) -> None:
    while notices := outbox.take(context, recipient, _MOST_A_MAIL):
        if not _attempt(context, notices, delivery, lambda: mail.send(context, recipient, notices)):
            return


def _deliver_webhook(context: Context, secret: bytes, delivery: Delivery) -> None:
    failures = 0
    while failures < _MOST_FAILURES and (notices := outbox.take(context, WEBHOOK, 1)):
        is_sent = _attempt(context, notices, delivery, lambda: webhook.send(context, secret, notices[0]))
        failures = 0 if is_sent else failures + 1


def _attempt(context: Context, notices: Sequence[PendingNotice], delivery: Delivery, send: Callable[[], None]) -> bool:
    try:
        send()
    except TokentuiError as error:
        outbox.mark_failed(context, notices)
        delivery.failed += len(notices)
        delivery.errors.append(error)
        return False
    outbox.mark_sent(context, notices)
    delivery.sent += len(notices)
    return True

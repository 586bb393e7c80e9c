"""Mail through sendmail, or any program that takes a message on standard input as it does."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from tokentui.context import Context
from tokentui.errors import TokentuiError
from tokentui.notify import text
from tokentui.notify.outbox import MAIL, PendingNotice

_TIMEOUT_S = 60
_MOST_SHOWN = 200


def send(context: Context, recipient: str, notices: Sequence[PendingNotice]) -> None:
    """One mail with all of them; raises TokentuiError where sendmail does not take it.

    Its Message-ID follows from the notices: a mail that was sent again, since its sender was killed before it could
    note that, is the same mail.
    """
    settings, address = context.settings, recipient.removeprefix(MAIL)
    message = EmailMessage(policy=SMTP.clone(linesep="\n"))
    if settings.notify_from:
        message["From"] = settings.notify_from
    message["To"] = address
    contents = [notice.content for notice in notices]
    message["Subject"] = text.subject(contents)
    message["Message-ID"] = f"<{_name(recipient, notices)}@tokentui.invalid>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of a machine is wanted
    message.set_content(text.body(context, contents))
    command = [settings.notify_sendmail, "-i", *(["-f", settings.notify_from] if settings.notify_from else [])]
    try:
        done = subprocess.run(  # noqa: S603 (the operator names the program)
            [*command, "--", address], input=message.as_bytes(), capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise TokentuiError(f"{settings.notify_sendmail} can't be run ({reason})", "notify_sendmail names it") from None
    except subprocess.TimeoutExpired:
        raise TokentuiError(f"{settings.notify_sendmail} did not end within {_TIMEOUT_S} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1][:_MOST_SHOWN] if said else f"exit status {done.returncode}"
        raise TokentuiError(f"{settings.notify_sendmail} refused the mail to {address}: {reason}")


def _name(recipient: str, notices: Sequence[PendingNotice]) -> str:
    told = "\n".join([recipient, *(repr(sorted(notice.content.items())) for notice in notices)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]

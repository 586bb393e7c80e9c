"""`tokentui notify`: prints once, mails, says what could not be sent, and loses nothing when it is killed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import pytest

from tests.cli.conftest import Tokentui, left_pipe
from tests.factories import make_token
from tests.notify.conftest import SECRET, Hook, Sendmail, hook, sendmail
from tokentui import settings
from tokentui.bootstrap import open_context
from tokentui.clock import now
from tokentui.context import Context
from tokentui.notify.deliver import deliver

__all__ = ["hook", "sendmail"]


def context_of(tokentui: Tokentui, ago: timedelta) -> Context:
    """The services on the command's home, by a clock that is so far behind."""
    environment = dict(tokentui.environment)
    context = open_context(settings.load(environment), environ=environment)
    return dataclasses.replace(context, clock=lambda: now() - ago)


@pytest.fixture
def soon(tokentui: Tokentui) -> str:
    """A token of 100 days that expires in 2; its ID."""
    past = context_of(tokentui, timedelta(days=98))
    return make_token(past, "Billing", days=100, owner="ann@example.com").token.label


def configure(tokentui: Tokentui, text: str) -> None:
    file = tokentui.home / "config.toml"
    file.write_text(text, encoding="utf-8")
    tokentui.environment["TOKENTUI_CONFIG"] = str(file)


def test_it_prints_each_once(tokentui: Tokentui, soon: str) -> None:
    planned = tokentui("notify", "--dry-run")
    assert planned.out.startswith(f"print: {soon} Billing expires ")
    done = tokentui("notify")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{soon} Billing expires ")
    assert done.out.endswith(", in 2 days\n")
    again = tokentui("notify")
    assert (again.status, again.out, again.err) == (0, "", "")
    assert tokentui("notify", "--dry-run").err == "Nobody is to be told anything\n"


def test_json(tokentui: Tokentui, soon: str) -> None:
    (planned,) = tokentui("notify", "--dry-run", "--json").json
    (told,) = tokentui("notify", "--json").json
    assert planned == {"to": "print", **told}
    assert (told["token"], told["kind"], told["owner"]) == (soon, "expires", "ann@example.com")
    assert tokentui("notify", "--json").json == []


def test_a_pipe_that_is_closed_loses_nothing(tokentui: Tokentui, soon: str) -> None:
    tokentui.with_streams("notify", stdout=left_pipe())
    later = context_of(tokentui, -timedelta(minutes=11))
    with later.database.read() as session:
        waiting = session.connection().exec_driver_sql("SELECT count(*) FROM notices WHERE sent_at = 0").scalar()
    assert waiting == 1


def test_mail_and_what_could_not_be_sent(tokentui: Tokentui, soon: str, sendmail: Sendmail) -> None:
    configure(tokentui, f'notify_mail = true\nnotify_sendmail = "{sendmail.program}"\n')
    sendmail.fails_with("exit 75")
    done = tokentui("notify")
    assert (done.status, done.out) == (1, "")
    assert "refused the mail to ann@example.com: exit status 75" in done.err
    assert done.err.endswith("0 sent, 1 not: a later run tries again\n")
    assert tokentui("notify", "--print").out.startswith(soon)


def test_one_that_is_killed_between_sending_and_noting(tokentui: Tokentui, soon: str, sendmail: Sendmail) -> None:
    """It is sent again by a later run, as the same mail, and then no more."""
    configure(tokentui, f'notify_mail = true\nnotify_sendmail = "{sendmail.program}"\n')
    sendmail.fails_with("kill -9 $PPID")
    assert tokentui.spawn("notify").status == -9
    sendmail.fails_with("")
    assert tokentui("notify").err == ""  # another run has it still
    later = context_of(tokentui, -timedelta(minutes=11))
    assert deliver(later).sent == 1
    assert deliver(later).sent == 0
    first, second = (message_from_string(mail)["Message-ID"] for mail in sendmail.mails)
    assert first == second


def test_one_that_is_killed_before_the_webhook_has_answered(
    tokentui: Tokentui, soon: str, hook: Hook, tmp_path: Path
) -> None:
    """What the webhook has got comes again, with its ID."""
    secret = tmp_path / "hook.secret"
    secret.write_bytes(SECRET)
    configure(tokentui, f'notify_webhook = "{hook.url}"\nnotify_webhook_secret = "{secret}"\n')
    hook.waits = threading.Event()
    program = [sys.executable, "-m", "tokentui", "notify"]
    with subprocess.Popen(program, env=tokentui.environment) as sending:
        assert hook.arrived.wait(20)
        sending.kill()
    hook.waits.set()
    assert deliver(context_of(tokentui, -timedelta(minutes=11))).sent == 1
    first, second = (headers["webhook-id"] for headers, _ in hook.received)
    assert first == second


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('notify_to = ["not an address"]', "is not an address such as ops@example.com"),
        ('notify_to = "ops@example.com"', "expected a list"),
        ('notify_before = ["0"]', "write a time such as 7d"),
        ('notify_events = ["created"]', "a list of rotated, disabled, deleted"),
        ('notify_webhook = "ftp://x"', "write it like https://example.com/hook"),
    ],
)
def test_settings_that_are_refused(tokentui: Tokentui, text: str, said: str) -> None:
    configure(tokentui, text)
    done = tokentui("notify")
    assert done.status == 2
    assert said in done.err


def test_a_webhook_without_its_secret(tokentui: Tokentui, soon: str) -> None:
    configure(tokentui, 'notify_webhook = "https://example.com/hook"')
    done = tokentui("notify")
    assert done.status == 2
    assert "notify_webhook needs a secret" in done.err

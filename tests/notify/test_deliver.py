"""Mail and the webhook: signed, in the right words, tried again, never lost, and no header of a token's name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest

from tests.factories import FrozenClock, make_token
from tests.notify.conftest import SECRET, Hook, Sendmail, with_settings
from tokentui.context import Context
from tokentui.errors import SettingsError
from tokentui.notify import mail, outbox, webhook
from tokentui.notify.deliver import deliver
from tokentui.notify.outbox import MAIL, WEBHOOK


def mailing(context: Context, sendmail: Sendmail) -> Context:
    return with_settings(
        context, notify_mail=True, notify_to=("ops@example.com",), notify_sendmail=str(sendmail.program),
        notify_from="tokens@example.com",
    )  # fmt: skip


def test_a_mail_to_each(owned: Context, sendmail: Sendmail) -> None:
    context = mailing(owned, sendmail)
    outbox.put(context, (MAIL,))
    done = deliver(context)
    assert (done.sent, done.failed) == (3, 0)
    assert sendmail.recipients == ["ann@example.com", "bob@example.com", "ops@example.com"]
    message = message_from_string(sendmail.mails[0], policy=default)
    assert (message["From"], message["To"]) == ("tokens@example.com", "ann@example.com")
    assert message["Subject"].startswith("API token SU-")
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Ann's expires Mon 14 Dec 2026" in message.get_content()
    outbox.put(context, (MAIL,))
    assert deliver(context).sent == 0
    assert len(sendmail.mails) == 3


def test_a_name_is_no_header_and_no_escape(context: Context, sendmail: Sendmail, clock: FrozenClock) -> None:
    make_token(context, "ä: [red]x[/] 請求 %s $(id) `id`", days=40, owner="ops@example.com")
    clock.move(days=39.5)
    configured = mailing(context, sendmail)
    outbox.put(configured, (MAIL,))
    assert deliver(configured).sent == 1
    message = message_from_string(sendmail.mails[0], policy=default)
    assert "ä: [red]x[/] 請求 %s $(id) `id`" in message.get_content()


def test_a_mail_that_is_refused_is_sent_by_a_later_run(owned: Context, sendmail: Sendmail, clock: FrozenClock) -> None:
    context = mailing(owned, sendmail)
    sendmail.fails_with("echo 'queue is full' >&2; exit 75")
    outbox.put(context, (MAIL,))
    done = deliver(context)
    assert (done.sent, done.failed) == (0, 3)
    assert done.errors[0].message.endswith("refused the mail to ann@example.com: queue is full")
    sendmail.fails_with("")
    assert deliver(context).sent == 0  # not at once
    clock.move(minutes=2)
    assert deliver(context).sent == 3
    first, last = sendmail.mails[0], sendmail.mails[3]
    assert message_from_string(first)["Message-ID"] == message_from_string(last)["Message-ID"]


def test_a_sendmail_that_does_not_end(
    owned: Context, sendmail: Sendmail, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up, and another run tries again."""
    monkeypatch.setattr(mail, "_TIMEOUT_S", 0.2)
    context = mailing(owned, sendmail)
    sendmail.fails_with("exec sleep 30")
    outbox.put(context, (MAIL,))
    done = deliver(context)
    assert (done.sent, done.failed) == (0, 3)
    assert "did not end within 0.2 s" in done.errors[0].message
    sendmail.fails_with("")
    clock.move(minutes=2)
    assert deliver(context).sent == 3


def test_no_sendmail(owned: Context, sendmail: Sendmail, tmp_path: Path) -> None:
    context = with_settings(mailing(owned, sendmail), notify_sendmail=str(tmp_path / "none"))
    outbox.put(context, (MAIL,))
    done = deliver(context)
    assert done.failed == 3
    assert "can't be run (No such file or directory)" in done.errors[0].message


def test_the_webhook_is_sent_what_it_can_check(hooked: Context, hook: Hook) -> None:
    """By the rules of standardwebhooks.com, which are written out here."""
    outbox.put(hooked, (WEBHOOK,))
    assert deliver(hooked).sent == 3
    headers, body = hook.received[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == hooked.now().timestamp()
    assert json.loads(body)["type"] == "token.expires"
    assert json.loads(body)["data"]["name"] == "Team's"
    assert len({headers["webhook-id"] for headers, _ in hook.received}) == 3


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_the_webhook_refuses_is_sent_again_with_its_id(
    hooked: Context, hook: Hook, clock: FrozenClock, status: int
) -> None:
    hook.status = status
    outbox.put(hooked, (WEBHOOK,))
    done = deliver(hooked)
    assert done.errors[0].message == f"the webhook answered {status}"
    ids = {headers["webhook-id"] for headers, _ in hook.received}
    hook.status = 200
    hook.received.clear()
    clock.move(minutes=2)
    assert deliver(hooked).sent == 3
    assert {headers["webhook-id"] for headers, _ in hook.received} == ids


def test_a_webhook_that_does_not_answer(
    hooked: Context, hook: Hook, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for longer than that; what it got all the same comes again with its ID."""
    monkeypatch.setattr(webhook, "_TIMEOUT_S", 0.2)
    hook.waits = threading.Event()
    outbox.put(hooked, (WEBHOOK,))
    done = deliver(hooked)
    assert (done.sent, done.failed) == (0, 3)
    assert done.errors[0].message == "the webhook can't be reached (timed out)"
    hook.waits.set()
    ids = {headers["webhook-id"] for headers, _ in hook.received}
    hook.received.clear()
    clock.move(minutes=2)
    monkeypatch.undo()
    assert deliver(hooked).sent == 3
    assert {headers["webhook-id"] for headers, _ in hook.received} == ids


def test_a_webhook_that_is_not_there(hooked: Context, hook: Hook) -> None:
    hook.server.shutdown()
    hook.server.server_close()
    outbox.put(hooked, (WEBHOOK,))
    done = deliver(hooked)
    assert done.failed == 3
    assert done.errors[0].message.startswith("the webhook can't be reached (")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"hunter2", "too short"), (b"whsec_not base64!", "is not whsec_"), (None, "can't be read")],
)
def test_a_secret_that_is_none_is_never_shown(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        webhook.read_secret(str(file))
    assert said in str(raised.value.message)
    assert content is None or content.decode() not in f"{raised.value.message} {raised.value.hint}"


def test_a_secret_in_the_form_of_the_specification(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"whsec_" + base64.b64encode(SECRET) + b"\n")
    assert webhook.read_secret(str(file)) == SECRET

"""Who acts: the account that the kernel knows, never what the environment says of itself."""

from __future__ import annotations

import os
import pwd

import pytest

from tokentui.context import Actor, current_actor

OWN = pwd.getpwuid(os.getuid()).pw_name


def test_the_environment_can_not_name_the_actor() -> None:
    claims = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "mallory")
    assert current_actor(claims) == Actor(OWN)


def test_sudo_counts_for_root_alone_and_names_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    other = pwd.getpwall()[1]
    monkeypatch.setattr(os, "getuid", lambda: 0)
    root = pwd.getpwuid(0).pw_name
    assert current_actor({"SUDO_USER": other.pw_name}).name == other.pw_name
    for nobody in ("no-such-user", "", "\x1b[31m", "a\0b"):
        assert current_actor({"SUDO_USER": nobody}).name == root
    monkeypatch.setattr(os, "getuid", lambda: other.pw_uid)
    assert current_actor({"SUDO_USER": root}).name == other.pw_name
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert current_actor({"USER": "mallory"}).name == "4000000000"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("10.0.0.5 50000 10.0.0.1 22", "10.0.0.5"),
        ("fe80::1%eth0 50000 fe80::2 22", "fe80::1"),
        ("\x1b[31mhello 1 2 3", "local"),
        ("example.com", "local"),
        (" ", "local"),
        ("", "local"),
    ],
)
def test_where_a_session_comes_from_is_an_address_or_nothing(said: str, kept: str) -> None:
    assert current_actor({"SSH_CONNECTION": said}).origin == kept

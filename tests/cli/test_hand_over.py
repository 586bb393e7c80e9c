"""`--to`: a key is sealed to an age or SSH public key, and seen by nobody else; the audit says to whom."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.cli.conftest import Done, Tokentui

pyrage = pytest.importorskip("pyrage")


def by_age() -> tuple[str, str, Callable[[str], str]]:
    """A recipient, how the audit names it, and what its owner reads."""
    identity = pyrage.x25519.Identity.generate()
    name = str(identity.to_public())
    return name, name, lambda sealed: str(pyrage.decrypt(sealed.encode(), [identity]).decode())


def by_ssh() -> tuple[str, str, Callable[[str], str]]:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    identity = pyrage.ssh.Identity.from_buffer(pem)
    return f"{public} bob@laptop", "SHA256:", lambda sealed: str(pyrage.decrypt(sealed.encode(), [identity]).decode())


@pytest.mark.parametrize("kind", [by_age, by_ssh])
def test_only_the_recipient_reads_the_key(
    tokentui: Tokentui, kind: Callable[[], tuple[str, str, Callable[[str], str]]]
) -> None:
    recipient, name, read = kind()

    def armour(done: Done) -> str:
        assert done.status == 0, done.err
        return done.out[done.out.index("-----BEGIN AGE") :]

    made = tokentui("create", "--name", "Sealed", "--all-modules", "--json", "--to", recipient)
    token = made.json["id"]
    assert made.json["key"] is None
    key = read(made.json["sealed_key"])
    assert key.startswith(f"{token}:")
    assert key[-40:] not in made.out
    assert read(armour(tokentui("key", token, "--to", recipient))) == key
    assert read(armour(tokentui("key", token, "--header", "--to", recipient))) == f"Authorization: ApiKey {key}"
    rotated = read(armour(tokentui("rotate", token, "--to", recipient)))
    assert rotated != key
    assert tokentui("verify", "--json", stdin=rotated).json["allowed"]
    entries = tokentui("audit", token, "--json").json
    assert [entry["action"] for entry in entries] == [
        "hand-over",
        "rotate",
        "hand-over",
        "hand-over",
        "hand-over",
        "create",
    ]
    assert all(entry["changes"]["recipient"][1].startswith(name) for entry in entries if entry["action"] == "hand-over")
    if kind is by_ssh:
        assert entries[0]["changes"]["recipient"][1].endswith(" bob@laptop")


@pytest.mark.parametrize(
    "recipient", ["bob", "age1", "age1" + "q" * 58, "ssh-ed25519 AAAA", "ssh-ed25519 ä", "", "x" * 20_000]
)
def test_who_is_no_recipient_changes_nothing(tokentui: Tokentui, recipient: str) -> None:
    made = tokentui("create", "--name", "Sealed", "--all-modules", "--to", recipient)
    assert (made.status, made.out) == (2, "")
    assert "the recipient is no public key" in made.err
    assert tokentui("list", "--json").json == []


def test_without_the_extra_it_says_what_to_install(tokentui: Tokentui, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "pyrage":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    refused = tokentui("create", "--name", "Sealed", "--all-modules", "--to", "age1x")
    assert (refused.status, "install tokentui[age]" in refused.err) == (2, True)

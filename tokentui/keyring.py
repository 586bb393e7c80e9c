"""Which master key a database has, and which it had: what `meta` says of them, and the vault that fits.

A rotation gives it a new key in one moment, and then seals secret by secret anew. So a vault is asked for in each
transaction that seals or opens something: it is that of the database's key at that moment.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokentui.errors import DatabaseError, MasterKeyError
from tokentui.models.damaged import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from tokentui.crypto.vault import Vault, Verifier

KEY_CHECK = "key_check"
"""The name under which `meta` holds the check value of the master key."""

FORMER_VERIFY_KEYS = "former_verify_keys"
"""The verify subkeys of former master keys that digests are still of, for whoever has the present one."""

FORMER_MASTER_KEY = "former_master_key"
"""The key before, sealed with the present one, while secrets are being sealed anew."""

BACKED_UP = "master_key_backed_up"
"""The check value of the master key of which somebody has made a copy."""

_FORMER_MASTER_KEY_PURPOSE = "former master key"


@dataclass(frozen=True, slots=True)
class KeyState:
    """What a database says of its master key: its check value, and former keys that are enclosed for who has it."""

    check_value: bytes | None = None
    former_verify_keys: bytes | None = None
    former_master_key: bytes | None = None

    @property
    def is_rotating(self) -> bool:
        """Whether some secrets are still sealed with the key before."""
        return self.former_master_key is not None


@dataclass(frozen=True, slots=True)
class FormerVerifyKey:
    """A verify subkey that some digests are still of: of secrets with an ID up to `last_secret`."""

    last_secret: int
    key: bytes


def key_state(session: Session) -> KeyState:
    """What the database says now; raises DatabaseError where the program can't have written that."""
    from sqlalchemy import select

    from tokentui.models import Meta

    names = (KEY_CHECK, FORMER_VERIFY_KEYS, FORMER_MASTER_KEY)
    rows = session.execute(select(Meta.name, Meta.value).where(Meta.name.in_(names)))
    values = {row.name: row.value for row in rows}
    if any(isinstance(value, Damaged) for value in values.values()):
        raise damaged_key_check()
    return KeyState(*(values.get(name) for name in names))


def lacks_backup(session: Session) -> bool | None:
    """Whether nobody has noted that there is a copy of the database's master key; None while it has none."""
    from sqlalchemy import select

    from tokentui.models import Meta

    check_value = key_state(session).check_value
    if check_value is None:
        return None
    return check_value != session.scalar(select(Meta.value).where(Meta.name == BACKED_UP))


def stored_check_value(session: Session) -> bytes | None:
    """The check value of the master key that a database belongs to; None where it has had no key yet.

    Raises DatabaseError where it is none.
    """
    return key_state(session).check_value


def with_former(vault: Vault, state: KeyState) -> Vault:
    """The vault of a master key, with what the database still needs of former ones; raises DatabaseError."""
    from tokentui.crypto.vault import SealBroken, Vault, Verifier

    former = None
    try:
        if state.former_master_key is not None:
            former = Vault(vault.unseal_text(state.former_master_key, _FORMER_MASTER_KEY_PURPOSE))
        verifiers = [Verifier(former.key) for former in disclosed(vault, state.former_verify_keys)]
    except (SealBroken, ValueError):
        raise damaged_key_check() from None
    return vault.with_former(former, verifiers)


def sealed_master_key(vault: Vault, former: bytes) -> bytes:
    """What `former_master_key` holds while secrets are sealed with `vault` anew."""
    return vault.seal_text(former, _FORMER_MASTER_KEY_PURPOSE)


def enclosed(verifier: Verifier, keys: Iterable[FormerVerifyKey]) -> bytes | None:
    """What `former_verify_keys` holds; None where there is nothing to hold."""
    rows = [[former.last_secret, former.key.hex()] for former in keys]
    return verifier.enclose(json.dumps(rows).encode("ascii")) if rows else None


def disclosed(verifier: Verifier, stored: bytes | None) -> tuple[FormerVerifyKey, ...]:
    """What `enclosed` made; raises SealBroken or ValueError where it is none of this key's."""
    if stored is None:
        return ()
    return tuple(FormerVerifyKey(last, bytes.fromhex(key)) for last, key in json.loads(verifier.disclose(stored)))


def other_key(home: Path, environ: Mapping[str, str], check_value: bytes | None) -> MasterKeyError:
    """What to raise where no key at hand is the one with this check value, which the database has."""
    kept = former_key_at_hand(home, environ, check_value)
    hint = "set TOKENTUI_MASTER_KEY_FILE"
    if kept is not None:
        hint = f"that is the one before, set TOKENTUI_MASTER_KEY_FILE={shlex.quote(os.fspath(kept))}"
    return MasterKeyError("this master key is not the one of this database", hint)


def former_key_at_hand(home: Path, environ: Mapping[str, str], check_value: object) -> Path | None:
    """The file in which a rotation has kept the key with this check value. It is told of, and never used by itself:
    whoever has stolen it and may write the database could have it come back."""
    from tokentui.crypto import master_key, next_key

    file = master_key.path(home, environ)
    if file is None or not isinstance(check_value, bytes):
        return None
    former = next_key.former_file(file, check_value)
    return former if os.path.lexists(former) else None


def damaged_key_check() -> DatabaseError:
    """What to raise where the database's check value of the master key is none that the program could have written."""
    return DatabaseError("what the database says of its master key is damaged", "restore a backup of the database")

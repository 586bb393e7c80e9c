"""Seals and digests: a secret opens under its own master key and its own ID, unchanged, and in no other way."""

from __future__ import annotations

import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.crypto.key_format import ID_SPACE, Key, new_key
from tokentui.crypto.vault import KEY_BYTES, SealBroken, Vault, Verifier, new_master_key

MASTER = bytes(range(32))
VAULT = Vault(MASTER)
KEY = new_key(631646036)
IDS = st.integers(0, ID_SPACE - 1)


@given(IDS)
def test_a_sealed_secret_is_unsealed(number: int) -> None:
    key = new_key(number)
    assert VAULT.unseal(number, VAULT.seal(key)) == key
    assert Vault(MASTER).unseal(number, VAULT.seal(key)) == key


@given(IDS)
def test_a_seal_is_bound_to_its_token(number: int) -> None:
    sealed = VAULT.seal(KEY)
    if number != KEY.token_id:
        with pytest.raises(SealBroken):
            VAULT.unseal(number, sealed)


def test_a_seal_opens_under_no_other_master_key() -> None:
    sealed = VAULT.seal(KEY)
    for place in range(KEY_BYTES):
        other = bytes(byte ^ (place == index) for index, byte in enumerate(MASTER))
        with pytest.raises(SealBroken):
            Vault(other).unseal(KEY.token_id, sealed)


def test_every_changed_bit_and_every_cut_breaks_a_seal() -> None:
    sealed = VAULT.seal(KEY)
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(SealBroken):
                VAULT.unseal(KEY.token_id, bytes(changed))
        with pytest.raises(SealBroken):
            VAULT.unseal(KEY.token_id, sealed[:place])
    with pytest.raises(SealBroken):
        VAULT.unseal(KEY.token_id, sealed + b"\x00")


@given(st.binary(max_size=100))
def test_nonsense_is_a_broken_seal_and_no_other_error(sealed: bytes) -> None:
    for content in (sealed, b"\x01" + sealed):
        with pytest.raises(SealBroken):
            VAULT.unseal(KEY.token_id, content)


def test_a_seal_shows_nothing_and_is_new_each_time() -> None:
    """A nonce that came twice would give away both secrets."""
    seals = [VAULT.seal(KEY) for _ in range(200)]
    assert len({sealed[1:13] for sealed in seals}) == 200
    for sealed in seals:
        assert KEY.secret.encode() not in sealed
        assert bytes.fromhex(KEY.secret) not in sealed


@given(IDS, IDS)
def test_a_digest_is_the_text_s_and_the_master_key_s_own(one: int, other: int) -> None:
    first, second = Key(one, KEY.secret).text, Key(other, KEY.secret).text
    assert (VAULT.digest(first) == VAULT.digest(second)) is (one == other)
    assert VAULT.digest(first) == Vault(MASTER).digest(first) != Vault(os.urandom(32)).digest(first)
    assert VAULT.digest(first) == hmac.digest(VAULT.verify_key, first.encode(), hashlib.sha256)


def test_derived_values_never_change() -> None:
    """Databases hold these: another derivation would lock everyone out of theirs."""
    # HKDF-Expand (RFC 5869, 2.3) of 32 bytes is one HMAC.
    verify, audit = (
        hmac.digest(MASTER, b"tokentui " + purpose + b" v1\x01", hashlib.sha256) for purpose in (b"verify", b"audit")
    )
    assert VAULT.verify_key == verify
    assert VAULT.link(b"before", b"entry") == hmac.digest(audit, b"beforeentry", hashlib.sha256)
    check = hmac.digest(VAULT.verify_key, b"tokentui key check value", hashlib.sha256)[:16]
    assert VAULT.check_value() == Verifier(VAULT.verify_key).check_value() == check
    # Sealed by the first version of the format.
    secret = "00112233445566778899aabbccddeeff3f1bdb0a"
    sealed = bytes.fromhex(
        "012a6f572b3344393fe45bac58f055a5e0da8b10184ab055c738321914cf41f154c632c68039c2186df911270c282cb0d6346d31393b70"
        "3d3358293a512b41efabf10cfbee"
    )
    assert VAULT.unseal(631646036, sealed).secret == secret


def test_the_part_for_an_api_server_recognises_and_reads_nothing() -> None:
    verifier = Verifier(VAULT.verify_key)
    assert verifier.digest(KEY.text) == VAULT.digest(KEY.text)
    assert not hasattr(verifier, "unseal")
    assert MASTER not in vars(verifier).values()


def test_no_subkey_is_another_or_the_master_key() -> None:
    held = [value for value in vars(VAULT).values() if isinstance(value, bytes)]
    assert len(held) == len(set(held)) == 2
    assert MASTER not in held


@pytest.mark.parametrize("length", [0, 1, 16, 31, 33, 64])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(length))


def test_master_keys_are_random_and_never_shown() -> None:
    assert len({new_master_key() for _ in range(100)}) == 100
    assert len(new_master_key()) == KEY_BYTES
    for shown in (repr(VAULT), str(VAULT), repr(Verifier(VAULT.verify_key))):
        assert shown in ("<Vault>", "<Verifier>")


def test_a_link_of_the_audit_depends_on_all_before_it() -> None:
    first = VAULT.link(b"", b"one")
    assert VAULT.link(first, b"two") != VAULT.link(b"", b"two")
    assert VAULT.link(first, b"two") != VAULT.link(first, b"twO")
    assert Vault(os.urandom(32)).link(b"", b"one") != first

"""`reveal = false`: a key is shown when it is made, and no copy of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.factories import make_token
from tokentui.context import Context
from tokentui.errors import WrongState
from tokentui.gate import Gate
from tokentui.models import Secret
from tokentui.operations.master_key_rotation import rotate
from tokentui.tokens.reads import list_secrets
from tokentui.tokens.secrets import reveal_keys, rotate_token


@pytest.fixture
def once(open_as: Callable[..., Context]) -> Context:
    context = open_as()
    context.settings = replace(context.settings, reveal=False)
    return context


def seals(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.count(Secret.sealed))) or 0


def test_no_copy_is_kept_and_the_key_works(once: Context) -> None:
    made = make_token(once)
    rotated = rotate_token(once, made.token.id)
    assert made.key is not None
    assert rotated.key is not None
    assert seals(once) == 0
    assert Gate.from_context(once).verify(f"ApiKey {rotated.key.text}").allowed
    with pytest.raises(WrongState, match=r"never again \(reveal = false\)"):
        reveal_keys(once, made.token.id)
    assert [secret.can_show for secret in list_secrets(once, made.token.id)] == [False]


def test_copies_of_before_are_not_shown_and_go_with_the_next_master_key(context: Context, once: Context) -> None:
    made = [make_token(context) for _ in range(3)]
    with pytest.raises(WrongState):
        reveal_keys(once, made[0].token.id)
    assert seals(once) == 3
    assert rotate(once).kept == 0
    assert seals(once) == 0
    gate = Gate.from_context(once)
    assert all(gate.verify(f"ApiKey {issued.key.text}").allowed for issued in made if issued.key)
    assert rotate(once).kept == 3
    assert all(gate.verify(f"ApiKey {issued.key.text}").allowed for issued in made if issued.key)
    gate.close()

"""The policy of the settings: what a token may not be, wherever it is made or changed, and which tokens are so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.records import Action, TokenChanges
from tokentui.tokens import bulk, policy_check, secrets
from tokentui.tokens.edit import edit_token
from tokentui.tokens.policy import default_expiry
from tokentui.validation import ValidationError


def set_rules(context: Context, **rules: object) -> None:
    context.settings = replace(context.settings, **rules)  # type: ignore[arg-type]


def test_every_rule_holds_for_what_is_made_and_changed(context: Context) -> None:
    """The field that breaks it is named, and so is the setting."""
    old = make_token(context, days=3).token
    owned = make_token(context, owner="Ops", modules=("usage",)).token
    set_rules(
        context,
        require_expiry=True,
        require_owner=True,
        allowed_extensions=("custom", "flowgear"),
        forbid_all_modules=True,
    )
    good: dict[str, Any] = {"owner": "Ops", "modules": ("usage",)}
    refused: dict[str, tuple[Callable[[], object], ...]] = {
        "require_expiry": (
            lambda: make_token(context, days=None, **good),
            lambda: secrets.rotate_token(context, owned.id, expires=None),
            lambda: secrets.renew_token(context, owned.id, expires_at=None),
        ),
        "require_owner": (
            lambda: make_token(context, modules=("usage",)),
            lambda: edit_token(context, owned.id, TokenChanges(owner=" ")),
        ),
        "allowed_extensions": (lambda: make_token(context, owner="Ops", extension="zapier", all_modules=False),),
        "forbid_all_modules": (
            lambda: make_token(context, owner="Ops"),
            lambda: make_token(context, owner="Ops", extension="flowgear", all_modules=False),  # has all by itself
            lambda: edit_token(context, owned.id, TokenChanges(all_modules=True)),
        ),
    }
    for rule, calls in refused.items():
        for call in calls:
            with pytest.raises(ValidationError, match=rule):
                call()
    assert make_token(context, **good).token.owner == "Ops"
    assert edit_token(context, old.id, TokenChanges(name="Another name", all_modules=True)).name == "Another name"


def test_the_default_is_within_the_longest(context: Context, clock: FrozenClock) -> None:
    assert default_expiry(context.settings, clock()) == clock() + timedelta(days=30)
    set_rules(context, max_lifetime=timedelta(days=10))
    assert default_expiry(context.settings, clock()) == clock() + timedelta(days=10)


def test_tokens_outside_of_each_rule_are_listed(context: Context, clock: FrozenClock) -> None:
    """Not the deleted ones; nothing where no rule is set."""
    perpetual = make_token(context, days=None, owner="Ops", modules=("usage",)).token
    everything = make_token(context, days=20, owner="Ops").token
    nobody = make_token(context, days=20, modules=("usage",)).token
    other = make_token(context, days=20, owner="Ops", extension="zapier", all_modules=False).token
    gone = make_token(context, days=None).token
    bulk.apply(context, Action.DELETE, [gone.id])
    assert not list(policy_check.outside_policy(context))
    set_rules(
        context,
        require_expiry=True,
        require_owner=True,
        allowed_extensions=("custom",),
        forbid_all_modules=True,
        max_lifetime=timedelta(days=25),
    )
    outside = {rule.setting: rule for rule in policy_check.outside_policy(context)}
    assert {setting: rule.labels for setting, rule in outside.items()} == {
        "require_expiry": (perpetual.label,),
        "max_lifetime": (perpetual.label,),
        "require_owner": (nobody.label,),
        "allowed_extensions": (other.label,),
        "forbid_all_modules": (everything.label,),
    }
    assert all(rule.number == 1 and rule.remedy for rule in outside.values())


def test_unused_tokens_are_those_of_the_filter_but_not_what_was_enabled_meanwhile(
    context: Context, clock: FrozenClock
) -> None:
    """Nor what does not work anyway."""
    kept = [make_token(context, name, days=None).token.id for name in ("Idle", "Enabled", "Disabled", "Restored")]
    idle, enabled, disabled, restored = kept
    make_token(context, "Expired", days=1)
    clock.move(days=60)
    bulk.apply(context, Action.DISABLE, [enabled, disabled])
    bulk.apply(context, Action.ENABLE, [enabled])
    bulk.apply(context, Action.DELETE, [restored])
    bulk.apply(context, Action.RESTORE, [restored])
    make_token(context, "New", days=None)
    assert policy_check.unused_tokens(context, timedelta(days=59)) == (idle,)
    assert policy_check.unused_tokens(context, timedelta(days=61)) == ()
    set_rules(context, max_unused=timedelta(days=59))
    (rule,) = policy_check.outside_policy(context)
    assert (rule.setting, rule.number) == ("max_unused", 1)
    clock.move(days=59, seconds=1)
    assert set(policy_check.unused_tokens(context, timedelta(days=59))) >= {idle, enabled, restored}

"""What was typed so far: checked like what is stored, step by step, and nothing of it is lost or changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import START
from tests.ui.test_wording import TOKEN
from tokentui import validation
from tokentui.context import Context
from tokentui.records import Catalog, ExtensionRecord, ModuleRecord, NewToken, TokenChanges
from tokentui.screens.token_form.draft import CUSTOM, NEVER, Draft, Step, edit_errors
from tokentui.screens.token_form.limits import PRESETS, DraftLimits
from tokentui.tokens import create, edit
from tokentui.tokens.policy import TokenPolicy
from tokentui.validation import ValidationError

MODULES = tuple(ModuleRecord(slug, slug.capitalize(), (f"/{slug}",)) for slug in ("agreements", "helpdesk", "usage"))
ASKS = ExtensionRecord("custom", "EXT-000", "Custom", "", asks_permissions=True, all_modules=False, modules=())
GIVES = ExtensionRecord("zapier", "", "Zapier", "", asks_permissions=False, all_modules=False, modules=("usage",))
LIMITS = DraftLimits(START, ZoneInfo("Europe/Berlin"), Catalog((ASKS, GIVES), MODULES))
SHORT = replace(LIMITS, policy=TokenPolicy(max_lifetime=timedelta(days=60)))
GOOD = Draft(name="Billing", all_modules=True)

ODD = st.characters(codec=None) | st.characters(categories=["Cc", "Cf", "Cs", "Zs"])
TYPED = st.text(ODD, max_size=300)
DRAFTS = st.builds(
    Draft,
    name=TYPED | st.just("Billing"),
    external_id=TYPED,
    description=TYPED,
    expiry=st.sampled_from([CUSTOM, NEVER, *(name for name, _ in PRESETS)]),
    custom=TYPED | st.sampled_from(["+45d", "2027-01-07", "2026-02-30", "never", "2020-01-01"]),
    extension=st.sampled_from(["custom", "zapier"]),
    all_modules=st.booleans(),
    modules=st.frozensets(st.sampled_from(["agreements", "helpdesk", "usage", "nosuch", "\x1b[31m"])),
)


def test_a_new_draft_lacks_a_name_and_a_choice_and_nothing_else() -> None:
    draft = Draft.new(LIMITS, timedelta(days=30))
    assert draft.errors(LIMITS) == {"name": "a name is needed", "modules": "choose at least one module, or all"}
    assert draft.expires_at(LIMITS) == START + timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needed"), ("\u200b", "needed"), ("\x1b[31m", "U+001B"), ("a\u202eb", "U+202E"), ("a\x00", "U+0000"),
        ("x" * 300, "300"), ("x" * 10_000, "10000"),
    ],
)  # fmt: skip
def test_each_error_stands_under_its_own_field(text: str, said: str) -> None:
    assert said in replace(GOOD, name=text).errors(LIMITS)["name"]
    assert list(replace(GOOD, name=text).errors(LIMITS)) == ["name"]
    for field in ("external_id", "owner", "description"):
        errors = replace(GOOD, **{field: text}).errors(LIMITS)  # type: ignore[arg-type]
        assert list(errors) == ([] if said == "needed" else [field])


def test_networks_are_one_a_line() -> None:
    """Empty lines do not count; one that is no network is named."""
    draft = replace(GOOD, networks="203.0.113.0/24\n\n  2001:db8::/32 \n")
    assert not draft.errors(LIMITS)
    assert draft.new_token(LIMITS).networks == draft.changes(LIMITS).networks == ("203.0.113.0/24", "2001:db8::/32")
    assert "'10.0.0.300'" in replace(GOOD, networks="10.0.0.1\n10.0.0.300").errors(LIMITS)["networks"]
    assert not replace(GOOD, networks=" \n ").errors(LIMITS)


@pytest.mark.parametrize("text", ["[red]x[/]", "令牌", "e\u0301tude", "👩\u200d💻"])
def test_text_is_text(text: str) -> None:
    draft = replace(GOOD, name=text, external_id=text, description=text)
    assert not draft.errors(LIMITS)
    assert draft.new_token(LIMITS).name == draft.changes(LIMITS).name == text


def test_each_step_has_its_own_errors() -> None:
    wrong = Draft(name="", expiry=CUSTOM, custom="2026-02-30")
    assert list(wrong.errors_of(Step.GENERAL, LIMITS)) == ["name"]
    assert list(wrong.errors_of(Step.EXPIRATION, LIMITS)) == ["expires"]
    assert not wrong.errors_of(Step.EXTENSION, LIMITS)
    assert list(wrong.errors_of(Step.PERMISSIONS, LIMITS)) == ["modules"]
    assert not wrong.errors_of(Step.SUMMARY, LIMITS)


@given(DRAFTS)
def test_every_error_belongs_to_a_step_that_shows_it(draft: Draft) -> None:
    """One that no step shows would leave the wizard at its end without a word."""
    errors = draft.errors(LIMITS)
    assert {field for step in Step for field in draft.errors_of(step, LIMITS)} == set(errors)
    assert all(text.isprintable() for text in errors.values())


@given(DRAFTS)
def test_what_has_no_error_is_taken_by_the_service(draft: Draft) -> None:
    """And what has one would have been refused: wizard and service never disagree."""
    if not draft.errors(LIMITS):
        new = draft.new_token(LIMITS)
        validation.name(new.name)
        validation.external_id(new.external_id)
        validation.description(new.description)
        assert new.expires_at is None or new.expires_at > START
        assert not (new.all_modules and new.modules)
        asks = draft.extension == "custom"
        assert asks is (new.all_modules or bool(new.modules))
    elif "expires" in draft.errors(LIMITS):
        with pytest.raises(ValidationError):
            draft.new_token(LIMITS)


def test_a_draft_makes_the_token_that_it_shows(context: Context) -> None:
    draft = Draft("  Billing ", " E-1 ", "one\r\ntwo", "7 days", modules=frozenset(("usage", "helpdesk")))
    token = create.create_token(context, draft.new_token(LIMITS)).token
    assert (token.name, token.external_id, token.description) == ("Billing", "E-1", "one\ntwo")
    assert (token.modules, token.all_modules) == (("helpdesk", "usage"), False)
    assert token.expires_at == START + timedelta(days=7)
    again = Draft.of(token)
    assert (again.name, again.modules, again.extension) == ("Billing", frozenset(("usage", "helpdesk")), "custom")
    assert edit.edit_token(context, token.id, again.changes(LIMITS)) == token  # nothing was typed, nothing is changed


# Expiry


@pytest.mark.parametrize(
    ("expiry", "custom", "moment"),
    [
        ("7 days", "", START + timedelta(days=7)), ("1 year", "", START + timedelta(days=365)),
        ("7 days", "2026-02-30", START + timedelta(days=7)), (NEVER, "", None), (CUSTOM, "never", None),
        (CUSTOM, " +45d ", START + timedelta(days=45)),
        (CUSTOM, "2027-01-07", datetime(2027, 1, 7, 22, 59, 59, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_moment_of_an_expiry(expiry: str, custom: str, moment: datetime | None) -> None:
    """What was typed beside another choice does not count."""
    assert replace(GOOD, expiry=expiry, custom=custom).expires_at(LIMITS) == moment


@pytest.mark.parametrize(
    ("typed", "said"), [("", "a date is needed"), ("  ", "a date is needed"), ("2026-02-30", "exists")]
)
def test_a_custom_date_that_is_wrong(typed: str, said: str) -> None:
    assert said in replace(GOOD, expiry=CUSTOM, custom=typed).errors(LIMITS)["expires"]


def test_the_longest_lifetime_takes_away_what_passes_it() -> None:
    assert [name for name, _ in SHORT.presets()] == ["7 days", "30 days", "60 days"]
    assert LIMITS.presets() == PRESETS
    assert (SHORT.policy.may_be_perpetual, LIMITS.policy.may_be_perpetual) == (False, True)
    for draft in (Draft(expiry=NEVER), Draft(expiry="90 days"), Draft(expiry=CUSTOM, custom="61d")):
        assert "max_lifetime" in draft.errors(SHORT)["expires"]
    assert "expires" not in Draft(expiry="60 days").errors(SHORT)


@pytest.mark.parametrize(
    ("lifetime", "expiry", "custom"),
    [
        (timedelta(days=7), "7 days", ""), (timedelta(days=365), "1 year", ""), (timedelta(days=45), CUSTOM, "+45d"),
        (timedelta(hours=36), CUSTOM, "+36h"), (timedelta(minutes=90), CUSTOM, "+90m"),
        (timedelta(seconds=90), CUSTOM, "+90s"),
    ],
)  # fmt: skip
def test_the_default_is_a_preset_or_typed_in_already(lifetime: timedelta, expiry: str, custom: str) -> None:
    assert Draft.new(LIMITS, lifetime) == Draft(expiry=expiry, custom=custom)


@given(st.from_regex(r"[1-9][0-9]{0,5}[smhdw]", fullmatch=True).map(validation.duration))
def test_the_default_lasts_as_long_as_it_is_set(lifetime: timedelta) -> None:
    """Or as long as a token may, where that is shorter."""
    lifetime = min(lifetime, timedelta(days=365_000))  # settings take no longer one
    assert Draft.new(LIMITS, lifetime).expires_at(LIMITS) == START + lifetime
    assert Draft.new(SHORT, lifetime).expires_at(SHORT) == START + min(lifetime, timedelta(days=60))


# Permissions


def test_an_extension_that_does_not_ask_is_given_its_own() -> None:
    """A choice made before another extension was chosen does not count, and comes back with the first."""
    draft = Draft(name="x", modules=frozenset(("usage",)))
    elsewhere = replace(draft, extension="zapier")
    assert not elsewhere.errors(LIMITS)
    assert (elsewhere.new_token(LIMITS).modules, elsewhere.new_token(LIMITS).all_modules) == ((), False)
    assert replace(elsewhere, extension="custom").new_token(LIMITS).modules == ("usage",)
    assert "modules" not in Draft(name="x", extension="zapier").errors(LIMITS)


def test_all_modules_wins_over_those_chosen_before() -> None:
    draft = Draft(name="x", all_modules=True, modules=frozenset(("usage", "nosuch")))
    assert not draft.errors(LIMITS)
    assert draft.new_token(LIMITS) == NewToken(
        "x", external_id="", expires_at=START + timedelta(days=30), all_modules=True
    )
    assert draft.changes(LIMITS) == TokenChanges("x", "", "", all_modules=True, modules=(), owner="", networks=())


def test_a_module_that_is_gone_from_the_catalogue_is_named() -> None:
    assert "nosuch" in Draft(name="x", modules=frozenset(("nosuch",))).errors(LIMITS)["modules"]


def test_an_edit_asks_for_permissions_where_the_extension_does_and_for_no_expiry() -> None:
    """An extension with permissions of its own is given none, and none are saved."""
    draft = Draft.of(replace(TOKEN, extension_slug="custom", all_modules=False, modules=()))
    assert list(edit_errors(draft, LIMITS, draft)) == ["modules"]
    assert not edit_errors(replace(draft, all_modules=True, expiry=CUSTOM, custom="2026-02-30"), LIMITS, draft)
    own = replace(draft, extension="zapier")
    assert edit_errors(replace(own, name=""), LIMITS, own) == {"name": "a name is needed"}
    changes = own.changes(LIMITS)
    assert (changes.all_modules, changes.modules) == (None, None)
    assert (changes.name, changes.owner) == (own.name, own.owner)


# The policy of the settings


def test_each_rule_stands_under_its_own_field() -> None:
    """With the name of the setting, so that one knows whom to ask."""
    strict = TokenPolicy(
        require_expiry=True, require_owner=True, allowed_extensions=("zapier",), forbid_all_modules=True
    )
    limits = replace(LIMITS, policy=strict)
    errors = replace(GOOD, expiry=NEVER).errors(limits)
    rules = {"expires": "require_expiry", "owner": "require_owner", "extension": "allowed_extensions",
             "modules": "forbid_all_modules"}  # fmt: skip
    assert {field: rules[field] in text for field, text in errors.items()} == dict.fromkeys(rules, True)
    assert [extension.slug for extension in limits.extensions()] == ["zapier"]
    within = replace(GOOD, owner="Ops", extension="zapier")
    assert not within.errors(limits)


def test_an_edit_is_not_held_to_what_it_leaves_as_it_is() -> None:
    """A token from before the rules can be given another name, but not what they refuse."""
    limits = replace(LIMITS, policy=TokenPolicy(require_owner=True, forbid_all_modules=True))
    old, owned = GOOD, replace(GOOD, owner="Ops", all_modules=False, modules=frozenset(("usage",)))
    assert not edit_errors(replace(old, name="Other"), limits, old)
    assert list(edit_errors(replace(owned, owner="", all_modules=True), limits, owned)) == ["owner", "modules"]

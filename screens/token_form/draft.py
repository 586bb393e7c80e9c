"""What has been typed so far, and what is wrong with it: pure, so that every step is tested without a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import IntEnum

from tokentui import validation
from tokentui.context import Context
from tokentui.records import Catalog, ExtensionRecord, NewToken, TokenChanges, TokenRecord
from tokentui.validation import ValidationError

PRESETS: tuple[tuple[str, timedelta], ...] = (
    ("7 days", timedelta(days=7)),
    ("30 days", timedelta(days=30)),
    ("60 days", timedelta(days=60)),
    ("90 days", timedelta(days=90)),
    ("180 days", timedelta(days=180)),
    ("1 year", timedelta(days=365)),
)
CUSTOM = "custom"
NEVER = "never"


class Step(IntEnum):
    """The five steps, in order."""

    GENERAL = 0
    EXPIRATION = 1
    EXTENSION = 2
    PERMISSIONS = 3
    SUMMARY = 4


FIELDS = {
    Step.GENERAL: ("name", "external_id", "description"),
    Step.EXPIRATION: ("expires",),
    Step.EXTENSION: ("extension",),
    Step.PERMISSIONS: ("modules",),
}
"""Which fields each step asks for."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a draft is checked against."""

    now: datetime
    zone: tzinfo
    catalog: Catalog
    max_lifetime: timedelta | None = None

    @classmethod
    def of(cls, context: Context, catalog: Catalog) -> Rules:
        """The rules of this moment."""
        return cls(context.now(), context.zone, catalog, context.settings.max_lifetime)

    def presets(self) -> tuple[tuple[str, timedelta], ...]:
        """The presets that the longest lifetime allows."""
        return tuple((name, time) for name, time in PRESETS if self.max_lifetime is None or time <= self.max_lifetime)

    @property
    def may_be_perpetual(self) -> bool:
        """Whether a token may never expire."""
        return self.max_lifetime is None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a token as it was typed or chosen. `expiry` is a preset's name, `custom` or `never`."""

    name: str = ""
    external_id: str = ""
    description: str = ""
    expiry: str = "30 days"
    custom: str = ""
    extension: str = "custom"
    all_modules: bool = False
    modules: frozenset[str] = frozenset()

    @classmethod
    def new(cls, rules: Rules, default_lifetime: timedelta) -> Draft:
        """An empty draft with the default expiry: a preset where there is one of that length, else as custom."""
        wanted = default_lifetime if rules.max_lifetime is None else min(default_lifetime, rules.max_lifetime)
        for name, time in PRESETS:
            if time == wanted:
                return cls(expiry=name)
        return cls(expiry=CUSTOM, custom=f"+{_short(wanted)}")

    @classmethod
    def of(cls, token: TokenRecord) -> Draft:
        """A token's own properties, for the edit form."""
        return cls(
            name=token.name,
            external_id=token.external_id or "",
            description=token.description,
            extension=token.extension_slug,
            all_modules=token.all_modules,
            modules=frozenset(token.modules),
        )

    def kind(self, rules: Rules) -> ExtensionRecord:
        """The chosen extension."""
        return rules.catalog.extension(self.extension)

    def expires_at(self, rules: Rules) -> datetime | None:
        """The resolved moment, None for never; raises ValidationError."""
        if self.expiry == NEVER:
            moment = None
        elif self.expiry == CUSTOM:
            if not self.custom.strip():
                raise ValidationError("expires", "a date is needed")
            moment = validation.when(self.custom, now=rules.now, zone=rules.zone)
        else:
            moment = rules.now + dict(PRESETS)[self.expiry]
        validation.lifetime(moment, now=rules.now, longest=rules.max_lifetime)
        return moment

    def errors(self, rules: Rules) -> dict[str, str]:
        """What is wrong, by field."""
        found: dict[str, str] = {}
        checks = (
            lambda: validation.name(self.name),
            lambda: validation.external_id(self.external_id),
            lambda: validation.description(self.description),
            lambda: self.expires_at(rules),
            lambda: self._check_modules(rules),
        )
        for check in checks:
            try:
                check()
            except ValidationError as error:
                found[error.field] = error.message
        return found

    def wrong(self, step: Step, rules: Rules) -> dict[str, str]:
        """What is wrong with one step."""
        return {field: text for field, text in self.errors(rules).items() if field in FIELDS.get(step, ())}

    def new_token(self, rules: Rules) -> NewToken:
        """What is to be made; raises ValidationError."""
        asks = self.kind(rules).asks_permissions
        return NewToken(
            name=self.name,
            external_id=self.external_id,
            description=self.description,
            extension=self.extension,
            expires_at=self.expires_at(rules),
            all_modules=asks and self.all_modules,
            modules=tuple(sorted(self.modules)) if asks and not self.all_modules else (),
        )

    def changes(self, rules: Rules) -> TokenChanges:
        """What an edit saves: no permission where the extension has its own."""
        if not self.kind(rules).asks_permissions:
            return TokenChanges(name=self.name, external_id=self.external_id, description=self.description)
        return TokenChanges(
            name=self.name,
            external_id=self.external_id,
            description=self.description,
            all_modules=self.all_modules,
            modules=() if self.all_modules else tuple(sorted(self.modules)),
        )

    def _check_modules(self, rules: Rules) -> None:
        if self.kind(rules).asks_permissions:
            known = {module.slug for module in rules.catalog.modules}
            chosen = () if self.all_modules else self.modules
            validation.modules(chosen, known=known, all_modules=self.all_modules)


def edit_errors(draft: Draft, rules: Rules) -> dict[str, str]:
    """What is wrong with an edited token, by field: its expiry is not asked for."""
    return {field: text for field, text in draft.errors(rules).items() if field != "expires"}


def _short(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

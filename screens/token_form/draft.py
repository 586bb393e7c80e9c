"""What has been typed so far, and what is wrong with it: pure, so that every step is tested without a terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from tokentui import validation
from tokentui.records import ExtensionRecord, NewToken, TokenChanges, TokenRecord
from tokentui.screens.token_form.limits import PRESETS, DraftLimits
from tokentui.validation import ValidationError

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
    Step.GENERAL: ("name", "external_id", "owner", "description"),
    Step.EXPIRATION: ("expires",),
    Step.EXTENSION: ("extension",),
    Step.PERMISSIONS: ("modules", "networks"),
}
"""Which fields each step asks for."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a token as it was typed or chosen.

    `expiry` is a preset's name, `custom` or `never`; `custom` is the moment as it was typed; `networks` are lines.
    """

    name: str = ""
    external_id: str = ""
    description: str = ""
    expiry: str = "30 days"
    custom: str = ""
    extension: str = "custom"
    all_modules: bool = False
    modules: frozenset[str] = frozenset()
    owner: str = ""
    networks: str = ""

    @classmethod
    def new(cls, limits: DraftLimits, default_lifetime: timedelta) -> Draft:
        """An empty draft with the default expiry: a preset where there is one of that length, else as custom."""
        wanted = limits.policy.shortened(default_lifetime)
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
            owner=token.owner,
            networks="\n".join(token.networks),
        )

    def chosen_extension(self, limits: DraftLimits) -> ExtensionRecord:
        return limits.catalog.extension(self.extension)

    def expires_at(self, limits: DraftLimits) -> datetime | None:
        """The resolved moment, None for never; raises ValidationError."""
        if self.expiry == NEVER:
            moment = None
        elif self.expiry == CUSTOM:
            if not self.custom.strip():
                raise ValidationError("expires", "a date is needed")
            moment = validation.when(self.custom, now=limits.now, zone=limits.zone)
        else:
            moment = limits.now + dict(PRESETS)[self.expiry]
        limits.policy.check_expiry(moment, now=limits.now)
        return moment

    def errors(self, limits: DraftLimits, *, read: Draft | None = None) -> dict[str, str]:
        """What is wrong, by field. The policy does not hold what is as it was `read` against anybody."""
        wrong: dict[str, str] = {}
        checks = (
            lambda: validation.name(self.name),
            lambda: validation.external_id(self.external_id),
            lambda: self._check_owner(limits, read),
            lambda: validation.description(self.description),
            lambda: self.expires_at(limits),
            lambda: limits.policy.check_extension(self.chosen_extension(limits)) if read is None else None,
            lambda: self._check_modules(limits, read),
            lambda: validation.networks(self.network_lines()),
        )
        for check in checks:
            try:
                check()
            except ValidationError as error:
                wrong[error.field] = error.message
        return wrong

    def errors_of(self, step: Step, limits: DraftLimits) -> dict[str, str]:
        """What is wrong with one step, by field."""
        return {field: text for field, text in self.errors(limits).items() if field in FIELDS.get(step, ())}

    def new_token(self, limits: DraftLimits) -> NewToken:
        """What is to be made; raises ValidationError."""
        asks = self.chosen_extension(limits).asks_permissions
        return NewToken(
            name=self.name,
            external_id=self.external_id,
            description=self.description,
            extension=self.extension,
            expires_at=self.expires_at(limits),
            all_modules=asks and self.all_modules,
            modules=tuple(sorted(self.modules)) if asks and not self.all_modules else (),
            owner=self.owner,
            networks=self.network_lines(),
        )

    def changes(self, limits: DraftLimits) -> TokenChanges:
        """What an edit saves: no permission where the extension has its own."""
        changes = TokenChanges(
            name=self.name,
            external_id=self.external_id,
            description=self.description,
            owner=self.owner,
            networks=self.network_lines(),
        )
        if not self.chosen_extension(limits).asks_permissions:
            return changes
        modules = () if self.all_modules else tuple(sorted(self.modules))
        return replace(changes, all_modules=self.all_modules, modules=modules)

    def network_lines(self) -> tuple[str, ...]:
        """The networks, as they were typed, without empty lines."""
        return tuple(line.strip() for line in self.networks.splitlines() if line.strip())

    def _check_owner(self, limits: DraftLimits, read: Draft | None) -> None:
        owner = validation.owner(self.owner)
        if read is None or owner != read.owner:
            limits.policy.check_owner(owner)

    def _check_modules(self, limits: DraftLimits, read: Draft | None) -> None:
        if self.chosen_extension(limits).asks_permissions:
            slugs = {module.slug for module in limits.catalog.modules}
            chosen = () if self.all_modules else self.modules
            validation.modules(chosen, known=slugs, all_modules=self.all_modules)
            if read is None or not read.all_modules:
                limits.policy.check_all_modules(self.all_modules)


def edit_errors(draft: Draft, limits: DraftLimits, read: Draft) -> dict[str, str]:
    """What is wrong with an edited token, which was `read` so, by field: its expiry is not asked for."""
    return {field: text for field, text in draft.errors(limits, read=read).items() if field != "expires"}


def _short(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

"""What the settings demand of a token beyond being valid: held to wherever one is made, changed or brought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tokentui import validation
from tokentui.records import ExtensionRecord
from tokentui.settings import Settings
from tokentui.validation import ValidationError


class OutsidePolicy(ValidationError):
    """A valid value that the settings do not allow."""


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """The rules in force; each is named in the message of the OutsidePolicy that it raises."""

    max_lifetime: timedelta | None = None
    require_expiry: bool = False
    require_owner: bool = False
    allowed_extensions: tuple[str, ...] = ()
    forbid_all_modules: bool = False

    @classmethod
    def of(cls, settings: Settings) -> TokenPolicy:
        return cls(
            settings.max_lifetime,
            settings.require_expiry,
            settings.require_owner,
            settings.allowed_extensions,
            settings.forbid_all_modules,
        )

    @property
    def may_be_perpetual(self) -> bool:
        """Whether a token may never expire."""
        return self.max_lifetime is None and not self.require_expiry

    def shortened(self, lifetime: timedelta) -> timedelta:
        """A lifetime, or the longest that is allowed where that is less."""
        return lifetime if self.max_lifetime is None else min(lifetime, self.max_lifetime)

    def check_expiry(self, expires: datetime | None, *, now: datetime) -> None:
        """Of a new expiry, which is to be later than `now`; None is never."""
        try:
            validation.lifetime(expires, now=now, longest=self.max_lifetime)
        except ValidationError as error:
            raise OutsidePolicy(error.field, error.message) from None
        if expires is None and self.require_expiry:
            raise OutsidePolicy("expires", "a token must expire (require_expiry)")

    def check_owner(self, owner: str) -> None:
        """Of an owner as it is to be stored."""
        if self.require_owner and not owner:
            raise OutsidePolicy("owner", "say who answers for it (require_owner)")

    def allows_extension(self, slug: str) -> bool:
        """Whether new tokens may be for the extension of this slug."""
        return not self.allowed_extensions or slug in self.allowed_extensions

    def check_extension(self, extension: ExtensionRecord) -> None:
        """Of the extension of a new token: whether it is allowed, and what it gives by itself."""
        if not self.allows_extension(extension.slug):
            allowed = ", ".join(self.allowed_extensions)
            raise OutsidePolicy(
                "extension", f"the extension {extension.slug} is not allowed: choose {allowed} (allowed_extensions)"
            )
        if self.forbid_all_modules and extension.all_modules and not extension.asks_permissions:
            raise OutsidePolicy(
                "extension", f"the extension {extension.slug} gives all modules, which no token may have"
                " (forbid_all_modules)"
            )  # fmt: skip

    def check_all_modules(self, all_modules: bool) -> None:
        """Of a permission that somebody chose."""
        if self.forbid_all_modules and all_modules:
            raise OutsidePolicy("modules", "choose modules: a token may not have all of them (forbid_all_modules)")


def default_expiry(settings: Settings, now: datetime) -> datetime:
    """When a token expires for which nobody says it: after `default_lifetime`, or `max_lifetime` where that is less."""
    return now + TokenPolicy.of(settings).shortened(settings.default_lifetime)

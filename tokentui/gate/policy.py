"""Decides from a token's row and the catalogue alone: pure, without reading anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokentui import addresses
from tokentui.addresses import Network
from tokentui.gate.decision import Decision, Reason
from tokentui.gate.request.path import AmbiguousPath, literal, module_of, normalise, without_base
from tokentui.records import TokenInfo

EVERY_MODULE = ("*",)
LONGEST_REMEMBERED = 256
"""Characters of a path whose answer is remembered: whoever has a key could ask for any number of long ones."""

_REMEMBERED_PATHS = 4_096

Needed = tuple[str, ...] | None
"""The slugs of all modules that a path needs; None where no permission is enough."""


class Credential(NamedTuple):
    """A token as one of its secrets leads to it.

    `valid` is the decision where nothing stands against it, `refused` the one of a token that is deleted or disabled.
    The secret works before `stops_at` and the token before `expires_at`, both in microseconds since 1970 (UTC).
    `networks`: from where it may be used; empty for anywhere.
    """

    valid: Decision
    refused: Decision | None
    stops_at: int
    expires_at: int
    networks: tuple[Network, ...]


class ModulePaths:
    """Which modules a request target needs, by the catalogue."""

    def __init__(self, rows: Iterable[tuple[str, str, str]] = (), *, base_path: str = "", unmatched: str = "refuse"):
        """`rows`: path prefix, slug and name of a module; `base_path` and `unmatched` as in the settings."""
        self._base_path = base_path
        self._unmatched = unmatched
        self._prefixes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        for prefix, slug, name in rows:
            self._prefixes[prefix] = slug
            self.names[slug] = name
        self._folded = {prefix.casefold(): slug for prefix, slug in self._prefixes.items()}
        self.remembered: dict[str, Needed] = {}

    def needed(self, target: str) -> Needed:
        """The modules that a target needs; remembered where it is short."""
        try:
            return self.remembered[target]
        except KeyError:
            slugs = self._modules(target, self._base_path, self._unmatched)
            if len(target) <= LONGEST_REMEMBERED:
                if len(self.remembered) >= _REMEMBERED_PATHS:
                    self.remembered.clear()
                self.remembered[target] = slugs
            return slugs

    def needed_also(self, target: str) -> list[Needed]:
        """What a target needs if it is in a module, with the base path and without; nothing if it is in none."""
        return [self._modules(target, base_path, "allow") for base_path in ("", self._base_path)]

    def _modules(self, target: str, base_path: str, unmatched: str) -> Needed:
        """Every module that some reader of the target could take it for.

        A path with dot segments or empty ones is one thing to a server that resolves them and another to one that
        routes by the text. Where both are modules, both are needed; so is one that only differs in case.
        """
        try:
            path = normalise(target)
            as_written = literal(target)
        except AmbiguousPath:
            return None
        below = without_base(path, base_path)
        module = _module(below, self._prefixes)
        others = [None if below is None else _module(below.casefold(), self._folded)]
        if as_written != path:
            others.insert(0, _module(without_base(as_written, base_path), self._prefixes))
        slugs = tuple(dict.fromkeys(slug for slug in (module, *others) if slug is not None))
        if module is None:
            return () if unmatched == "allow" and not slugs else None
        return slugs


def decide(
    credential: Credential, needed: Needed, names: Mapping[str, str], *, now: int, client: str | None
) -> Decision:
    """Whether the credential is good `now` (microseconds since 1970), from the address `client`, for these modules."""
    valid, refused, stops_at, expires_at, networks = credential
    if stops_at <= now:
        return Decision(Reason.WRONG_SECRET)
    if refused is not None:
        return refused
    if expires_at <= now:
        return Decision(Reason.EXPIRED, valid.token)
    if networks and not addresses.within(client, networks):
        return Decision(Reason.NETWORK, valid.token)
    assert valid.token is not None
    return lacking_module(valid.token, needed, names) or valid


def lacking_module(token: TokenInfo, needed: Needed, names: Mapping[str, str]) -> Decision | None:
    """The refusal of a token that lacks one of the needed modules, with its name; None where it has them all."""
    if needed is None:
        return Decision(Reason.MODULE, token)
    if token.modules != EVERY_MODULE:
        for slug in needed:
            if slug not in token.modules:
                return Decision(Reason.MODULE, token, names.get(slug, slug))
    return None


def _module(path: str | None, prefixes: Mapping[str, str]) -> str | None:
    return None if path is None else module_of(path, prefixes)

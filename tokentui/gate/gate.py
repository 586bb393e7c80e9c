"""The gate in process: reads the token behind a key and decides. Writes nothing."""

from __future__ import annotations

import hmac
import ipaddress
import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tokentui import keys, masterkey
from tokentui.context import Actor, Context
from tokentui.database import open_database
from tokentui.errors import MasterKeyError, NoSuchToken
from tokentui.gate import paths
from tokentui.gate.decision import Decision, Reason, TokenInfo
from tokentui.models import Meta, Module, ModulePath, Secret
from tokentui.records import Status, TokenRecord
from tokentui.settings import load
from tokentui.tokens import rows
from tokentui.vault import Vault, Verifier

_DUMMY = b"\x00" * 32


class Gate:
    """Decides about requests. Safe to share between threads."""

    def __init__(self, database: str, master_key_file: str | Path | None = None, *, base_path: str = "") -> None:
        """Opens `database` (a URL or a path) with the master key in a file, or where the settings have it.

        Raises DatabaseError and MasterKeyError.
        """
        settings = replace(load(database=database), base_path=base_path)
        environ = dict(os.environ)
        if master_key_file is not None:
            environ["TOKENTUI_MASTER_KEY_FILE"] = str(master_key_file)
            environ.pop("TOKENTUI_MASTER_KEY", None)
        opened = open_database(settings.database_url, busy_timeout=settings.busy_timeout, upgrade=False)
        self._begin(Context(opened, settings, Actor("gate"), environ=environ))

    @classmethod
    def from_config(cls) -> Gate:
        """A gate on the database and the master key of the settings."""
        settings = load()
        opened = open_database(settings.database_url, busy_timeout=settings.busy_timeout, upgrade=False)
        return cls.from_context(Context(opened, settings, Actor("gate")))

    @classmethod
    def from_context(cls, context: Context) -> Gate:
        """A gate on an open context."""
        gate = cls.__new__(cls)
        gate._begin(context)
        return gate

    def _begin(self, context: Context) -> None:
        self._context = context
        self._verifier = _verifier(context)

    def verify(
        self, authorization: str | None, *, method: str = "GET", path: str | None = None, client: str | None = None
    ) -> Decision:
        """What the gate says of a request with this `Authorization` header; `path` None asks about the key alone.

        `method` is not looked at yet: permissions are by module. `client` is the address that the request came from.
        """
        try:
            key = keys.parse_authorization(authorization or "")
        except keys.ChecksumMismatch:
            return Decision(Reason.CHECKSUM)
        except keys.MalformedKey:
            return Decision(Reason.MALFORMED)
        with self._context.database.read() as session:
            token, matches = self._look_up(session, key)
            if token is None:
                return Decision(Reason.UNKNOWN)
            if not matches:
                return Decision(Reason.WRONG_SECRET)
            return self._decide(session, token, path, client)

    def permits(self, authorization: str | None, module: str, *, client: str | None = None) -> Decision:
        """As `verify`, for a module named by its slug instead of a path."""
        decision = self.verify(authorization, client=client)
        if not decision.allowed or decision.token is None:
            return decision
        allowed = decision.token.modules == ("*",) or module in decision.token.modules
        return decision if allowed else Decision(Reason.MODULE, decision.token, module)

    def _look_up(self, session: Session, key: keys.Key) -> tuple[TokenRecord | None, bool]:
        """The token of an ID and whether its secret matches. An unknown ID is compared with a dummy, as long."""
        digest = self._verifier.digest(key.text)
        try:
            token = rows.find(session, self._context, key.token_id)
        except NoSuchToken:
            token = None
        now = self._context.now()
        live = select(Secret.digest).where(Secret.token_id == key.token_id, Secret.stops_at > now)
        stored = list(session.scalars(live)) or [_DUMMY]
        # Every one is compared: how many there are, and which it was, must not show in the time.
        matches = [hmac.compare_digest(digest, each) for each in stored]
        return token, any(matches)

    def _decide(self, session: Session, token: TokenRecord, path: str | None, client: str | None) -> Decision:
        info = TokenInfo(
            token.label,
            token.name,
            token.external_id,
            token.extension_slug,
            ("*",) if token.all_modules else token.modules,
        )
        refused = {
            Status.DELETED: Reason.DELETED,
            Status.DISABLED: Reason.DISABLED,
            Status.EXPIRED: Reason.EXPIRED,
        }.get(token.status)
        if refused is not None:
            return Decision(refused, info)
        if token.networks and not _inside(client, token.networks):
            return Decision(Reason.NETWORK, info)
        if path is None:
            return Decision(Reason.VALID, info)
        allowed, module = self._module(session, info, path)
        return Decision(Reason.VALID if allowed else Reason.MODULE, info, None if allowed else module)

    def _module(self, session: Session, info: TokenInfo, target: str) -> tuple[bool, str | None]:
        """Whether the path is open to the token, and the module that covers it."""
        try:
            path = paths.without_base(paths.normalise(target), self._context.settings.base_path)
        except paths.AmbiguousPath:
            return False, None
        prefixes = {each.prefix: each.module_slug for each in session.scalars(select(ModulePath))}
        module = None if path is None else paths.module_of(path, prefixes)
        if module is None:
            return self._context.settings.unmatched == "allow", None
        if info.modules == ("*",) or module in info.modules:
            return True, module
        return False, session.scalar(select(Module.name).where(Module.slug == module))


def _inside(client: str | None, networks: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network) for network in networks)


def _verifier(context: Context) -> Verifier:
    """The vault, without making anything: a gate must not be the one that makes the master key."""
    key = masterkey.load(context.settings.home, context.environ)
    if key is None:
        raise MasterKeyError("there is no master key", "make a token first, or set TOKENTUI_MASTER_KEY_FILE")
    vault = Vault(key)
    with context.database.read() as session:
        known = session.get(Meta, "key_check")
    if known is not None and known.value != vault.check_value():
        raise MasterKeyError("this master key is not the one of this database", "set TOKENTUI_MASTER_KEY_FILE")
    return vault

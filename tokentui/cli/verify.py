"""`tokentui verify`: what the gate decides about a key."""

from __future__ import annotations

import re
import sys

import click

from tokentui import catalog, validation
from tokentui.cli.completing import complete_modules
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.state import State
from tokentui.crypto import key_format
from tokentui.errors import UsageError
from tokentui.gate import Decision, Gate
from tokentui.ui.text import safe_text

_HEADER = re.compile(r"\s*authorization\s*:", re.IGNORECASE)


@click.command()
@click.option("--module", metavar="SLUG", shell_complete=complete_modules, help="May it use this module?")
@click.option("--method", metavar="M", help="The method of a request; with --path.")
@click.option("--path", metavar="P", help="The path of a request, such as /agreements/.")
@click.option("--ip", metavar="A", help="The address that the request comes from.")
@json_option
@click.pass_obj
def verify_command(
    state: State, module: str | None, method: str | None, path: str | None, ip: str | None, as_json: bool
) -> int:
    """Say what the gate would say of a key; changes nothing.

    Reads a key or a header's value from standard input.

    \b
    tokentui key SU-631-646-036 | tokentui verify --method GET --path /agreements/
    """
    if module is not None and (method is not None or path is not None):
        raise UsageError("choose --module, or --method and --path")
    if (method is None) != (path is None):
        raise UsageError("--method and --path go together")
    if module is not None:
        slugs = {permitted.slug for permitted in catalog.load(state.context).modules}
        validation.modules([module], known=slugs)
    if ip is not None:
        ip = validation.address(ip)
    header = _header()
    gate = Gate.from_context(state.context)
    if module is not None:
        decision = gate.permits(header, module, client=ip)
    else:
        decision = gate.verify(header, method=method or "GET", path=path, client=ip)
    token_id = decision.token.id if decision.token is not None else _token_id(header)
    if as_json:
        print_json(
            {"allowed": decision.allowed, "status": decision.status, "reason": decision.reason.value, "id": token_id}
        )
    else:
        print_line(_line(decision, token_id))
    return 0 if decision.allowed else 1


def _header() -> str:
    """What stands on standard input: a key alone, a header's value, or the whole header line."""
    text = _HEADER.sub("", sys.stdin.read(100_000).strip(), count=1).strip()
    return text if " " in text else f"ApiKey {text}"


def _token_id(header: str) -> str | None:
    try:
        return key_format.format_id(key_format.parse_authorization(header).token_id)
    except key_format.MalformedKey:
        return None


def _line(decision: Decision, token_id: str | None) -> str:
    parts = [str(decision.status), decision.reason.value]
    if token_id is not None:
        parts.append(token_id)
    if decision.module:
        parts.append(f"lacks {safe_text(decision.module)}")
    return "  ".join(parts)

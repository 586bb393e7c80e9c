"""`tokentui audit --check`: tells whether the record was tampered with, and which entries."""

from __future__ import annotations

from tokentui.audit import noted_head
from tokentui.audit.check import AuditCheck, Tampering, check
from tokentui.cli.messages import say_error
from tokentui.cli.output import print_json, print_line
from tokentui.cli.state import State
from tokentui.ui import wording


def check_audit(state: State, *, accept: bool, as_json: bool) -> int:
    """Checks the whole audit, prints what it saw, and notes the head for the next check; 1 where it was tampered with.

    `accept`: what was noted before is not asked for, as after a backup was restored.
    """
    context = state.context
    result = check(context, None if accept else noted_head.read(context))
    if result.head is not None and not result.tampering:
        noted_head.note(context, result.head, context.now())
    if as_json:
        print_json(_object(result))
    else:
        print_line(_summary(result))
        if result.head is not None:
            print_line(f"head: entry {result.head.entry_id}, {result.head.link.hex()}")
    for tampering in result.tampering:
        say_error(_line(tampering))
    return 1 if result.tampering else 0


def _summary(result: AuditCheck) -> str:
    parts = [f"{_entries(result.entries)}, {wording.thousands(result.bound)} bound"]
    if result.unproven:
        parts.append(f"{wording.thousands(result.unproven)} written without the master key: not proven")
    parts.append("tampered with" if result.tampering else "nothing was changed")
    return "; ".join(parts)


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{wording.thousands(number)} entries"


def _line(tampering: Tampering) -> str:
    if tampering.entry == 0:
        return f"audit: {tampering.message}"
    if tampering.entry == tampering.last:
        return f"audit: entry {tampering.entry} {tampering.message}"
    return f"audit: entries {tampering.entry} to {tampering.last}: {tampering.message}"


def _object(result: AuditCheck) -> dict[str, object]:
    return {
        "ok": not result.tampering,
        "entries": result.entries,
        "bound": result.bound,
        "unproven": result.unproven,
        "head": None if result.head is None else {"entry": result.head.entry_id, "link": result.head.link.hex()},
        "tampering": [
            {"first": tampering.entry, "last": tampering.last, "message": tampering.message}
            for tampering in result.tampering
        ],
    }

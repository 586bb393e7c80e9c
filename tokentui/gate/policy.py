"""Which modules a path needs: every one that some reader of the path could take it for."""

from __future__ import annotations

from tokentui.gate.request.path import AmbiguousPath, literal, module_of, normalise, without_base
from tokentui.gate.store.cache import Rules


def needed(rules: Rules, target: str, *, base: str, unmatched: str) -> tuple[str, ...] | None:
    """The slugs of the modules that a request target needs; None: nobody may.

    A path with dot segments or empty ones is one thing to a server that resolves them and another to one that routes
    by the text. Where both are modules, both are needed.
    """
    try:
        path = normalise(target)
        as_written = literal(target)
    except AmbiguousPath:
        return None
    below = without_base(path, base)
    module = None if below is None else module_of(below, rules.prefixes)
    found = [] if module is None else [module]
    if as_written != path:
        other_below = without_base(as_written, base)
        other = None if other_below is None else module_of(other_below, rules.prefixes)
        if other is not None and other not in found:
            found.append(other)
    folded = None if below is None else _in_any_case(below, rules)
    if module is None:
        return () if unmatched == "allow" and not found and folded is None else None
    if folded is not None and folded not in found:
        found.append(folded)
    return tuple(found)


def _in_any_case(path: str, rules: Rules) -> str | None:
    """The module for which a server that ignores case could take a path."""
    return module_of(path.casefold(), {prefix.casefold(): slug for prefix, slug in rules.prefixes.items()})

"""Which modules a path needs: every one that some reader of the path could take it for."""

from __future__ import annotations

from tokentui.gate import paths
from tokentui.gate.reader import Rules


def needed(rules: Rules, target: str, *, base: str, unmatched: str) -> tuple[str, ...] | None:
    """The slugs of the modules that a request target needs; None: nobody may.

    A path with dot segments or empty ones is one thing to a server that resolves them and another to one that routes
    by the text. Where both are modules, both are needed.
    """
    try:
        path = paths.normalise(target)
        literal = paths.literal(target)
    except paths.AmbiguousPath:
        return None
    below = paths.without_base(path, base)
    module = None if below is None else paths.module_of(below, rules.prefixes)
    found = [] if module is None else [module]
    if literal != path:
        other_below = paths.without_base(literal, base)
        other = None if other_below is None else paths.module_of(other_below, rules.prefixes)
        if other is not None and other not in found:
            found.append(other)
    if module is None and not (unmatched == "allow" and not found and not _covered_in_another_case(below, rules)):
        return None
    return tuple(found)


def _covered_in_another_case(path: str | None, rules: Rules) -> bool:
    """Whether a server that ignores case could take an unmatched path for a module's."""
    folded = {prefix.casefold(): slug for prefix, slug in rules.prefixes.items()}
    return path is not None and paths.module_of(path.casefold(), folded) is not None

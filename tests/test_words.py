"""Names are nouns and verbs that anyone reads: words that were given up do not come back."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).name

LOOSE = {"each", "found", "way", "known"}
"""No noun by itself: a name says what is found or known."""

KEPT = {("tokentui/validation.py", "known")}
"""A keyword that other programs use."""

RETIRED = {
    "IndexGone", "beside", "likely", "walked", "WALK", "Moments", "Look", "Taken", "acted", "subjects", "_meant",
    "_PATIENCE", "_TOGETHER", "_AT_ONCE", "_LIVING", "stock", "moment_text", "moment_json", "has_tokens",
    "set_options_of", "_Way", "_beyond", "_walked", "_searched",
}  # fmt: skip
"""Names of functions, classes, methods and constants that needed their docstring."""

WRITTEN = re.compile(
    r"\bIndexGone\b|\bMoved\.(?:asked|look|mark)\b|\b[Gg]ate\.beside\b|\b(?:Recorder|recorder)\.note\b|\bintake\.take\b"
    r"|\bOutcome\.known\b|\bReader\.(?:likely|whole)\b|\b_(?:Way|walked|beyond|PATIENCE|TOGETHER|AT_ONCE|LIVING)\b"
    r"|\bquery\.Moments\b|\bcolumns\.Look\b|\bChoice\.Taken\b|\bmoment_(?:text|json)\b|\bset_options_of\b"
)
"""The same as a text may name them."""

SAME_MEANING = {"Column", "TokenMiddleware"}
"""A column of a table that is printed or drawn; the middleware for ASGI and the one for WSGI."""


def tracked(pattern: str) -> list[Path]:
    """The repository's files of this kind, without the links to folders."""
    listed = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the repository, parsed, by its path."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in tracked("*.py")}


def definitions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions, classes, and what a module or a class assigns, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        if isinstance(node, (ast.Module, ast.ClassDef)):
            for statement in node.body:
                targets: list[ast.expr] = []
                if isinstance(statement, ast.Assign):
                    targets = statement.targets
                elif isinstance(statement, ast.AnnAssign):
                    targets = [statement.target]
                yield from ((target.id, target.lineno) for target in targets if isinstance(target, ast.Name))


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The definitions, and each parameter, variable and attribute that is given a value."""
    yield from definitions(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def test_no_name_is_a_loose_word() -> None:
    loose = {
        f"{path}:{line}: {name}"
        for path, tree in trees().items()
        for name, line in names(tree)
        if name.strip("_").lower() in LOOSE and (path, name) not in KEPT
    }
    assert not loose


def test_no_name_that_was_given_up_is_defined() -> None:
    retired = {
        f"{path}:{line}: {name}"
        for path, tree in trees().items()
        for name, line in definitions(tree)
        if name in RETIRED
    }
    assert not retired


def test_no_text_names_what_was_given_up() -> None:
    """Comments, docstrings and pages alike."""
    files = [path for pattern in ("*.py", "*.md", "*.toml", "*.tcss", "Makefile") for path in tracked(pattern)]
    written = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files
        if path.name != HERE
        for match in WRITTEN.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(files) > 400
    assert not written


def test_a_class_name_has_one_meaning() -> None:
    """Over all of the program; what a widget posts is named within its class, as Textual does it."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path, tree in trees().items():
        if path.startswith(("tokentui/", "screens/")):
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and node.name not in SAME_MEANING:
                    places[node.name].append(path)
    assert not {name: paths for name, paths in places.items() if len(paths) > 1}


def test_a_file_has_one_subject() -> None:
    """At most 400 lines, tests too; half of the files have at most 120."""
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in trees()}
    assert not {path: length for path, length in lengths.items() if length > 400}
    program = sorted(length for path, length in lengths.items() if path.startswith(("tokentui/", "screens/")))
    assert program[len(program) // 2] <= 120

"""`tokentui completion`: prints the scripts for shells, and answers what they ask."""

from __future__ import annotations

import re
import sys
from importlib import resources

import click
from click.shell_completion import CompletionItem, ShellComplete

from tokentui.ui.text import fit, safe_text

_SOURCED = {
    "bash": "source <(tokentui completion bash)     # in ~/.bashrc",
    "zsh": "source <(tokentui completion zsh)      # in ~/.zshrc, behind compinit",
    "fish": "tokentui completion fish | source      # in ~/.config/fish/config.fish",
}
"""How each shell reads its script."""

_MEANING_CELLS = 50
_WORD = re.compile(r"""(?:[^\s\\"']|\\.?|"(?:[^"\\]|\\.?)*(?:"|$)|'[^']*(?:'|$))+""")
_PIECE = re.compile(r"""\\(?P<escaped>.?)|"(?P<double>(?:[^"\\]|\\.?)*)"?|'(?P<single>[^']*)'?|(?P<plain>[^\\"'])""")


@click.group(
    help="Completion of commands, options, IDs, modules and filters in a shell.\n\n\b\n" + "\n".join(_SOURCED.values())
)
def completion_command() -> None:
    pass


def _add_shell(shell: str) -> None:
    @completion_command.command(shell, help=f"Print the script for {shell}.\n\n\b\n{_SOURCED[shell]}")
    def script() -> None:
        sys.stdout.write(resources.files("tokentui.cli").joinpath(f"completion.{shell}").read_text("utf-8"))


for _shell in _SOURCED:
    _add_shell(_shell)


@completion_command.command(hidden=True)
def offer() -> None:
    """What the scripts ask: reads the line up to the cursor, prints what could stand there.

    Each line has a kind (`plain`, `file`, `dir`), a value and its meaning, with tabs between. What is typed comes by
    standard input: it may hold a key, and other users see arguments.
    """
    words, incomplete = split_line(sys.stdin.read(100_000).removesuffix("\n"))
    for item in offered(words, incomplete):
        meaning = fit(safe_text(item.help or ""), _MEANING_CELLS).rstrip()
        sys.stdout.write(f"{item.type}\t{safe_text(item.value)}\t{meaning}\n")


def split_line(line: str) -> tuple[list[str], str]:
    """The words between the program's name and the cursor, and the word at the cursor, without their quotes."""
    matches = list(_WORD.finditer(line))
    words = [_unquoted(match[0]) for match in matches]
    incomplete = words.pop() if matches and matches[-1].end() == len(line) else ""
    program = next((index for index, word in enumerate(words) if word.rpartition("/")[2] == "tokentui"), 0)
    return words[program + 1 :], incomplete


def offered(words: list[str], incomplete: str) -> list[CompletionItem[str]]:
    """What could stand at the cursor behind these words."""
    from tokentui.cli.main import cli

    try:
        return ShellComplete(cli, {}, "tokentui", "").get_completions(words, incomplete)
    except (click.ClickException, click.exceptions.Exit):
        return []


def _unquoted(word: str) -> str:
    return "".join(
        re.sub(r'\\([\\"$`])', r"\1", match["double"])
        if match["double"] is not None
        else match["escaped"] or match["single"] or match["plain"] or ""
        for match in _PIECE.finditer(word)
    )

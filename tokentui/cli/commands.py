"""Which commands there are: the help lists them and the shell completes them without an import of any."""

from __future__ import annotations

COMMANDS = {
    "list": ("tokentui.cli.listing", "Tokens, filtered and sorted."),
    "show": ("tokentui.cli.tokens", "One token."),
    "create": ("tokentui.cli.tokens", "Make a token and print its key."),
    "edit": ("tokentui.cli.tokens", "New properties and permissions; the secret stays."),
    "key": ("tokentui.cli.keys", "Print a token's key; recorded in the audit."),
    "rotate": ("tokentui.cli.keys", "A new secret now; the old one stops at once or after an overlap."),
    "renew": ("tokentui.cli.keys", "A new expiry and a new secret."),
    "stop-old": ("tokentui.cli.keys", "End an overlap now: the old key stops."),
    "enable": ("tokentui.cli.changes", "Let disabled tokens work again."),
    "disable": ("tokentui.cli.changes", "Stop tokens until they are enabled."),
    "delete": ("tokentui.cli.changes", "Delete tokens; they can be restored."),
    "restore": ("tokentui.cli.changes", "Bring deleted tokens back."),
    "purge": ("tokentui.cli.changes", "Remove deleted tokens for good."),
    "tidy": ("tokentui.cli.changes", "Disable the tokens that nobody uses any more."),
    "verify": ("tokentui.cli.verify", "Say what the gate would say of a key; changes nothing."),
    "stats": ("tokentui.cli.usage", "Responses by day and class."),
    "usage": ("tokentui.cli.usage_import", "Count responses from an access log."),
    "audit": ("tokentui.cli.audit", "Who did what when."),
    "leaks": ("tokentui.cli.leaks", "Find keys in files and logs, and say which are live."),
    "notify": ("tokentui.cli.notify", "Tell people and programs which tokens expire soon."),
    "catalog": ("tokentui.cli.catalog", "Extensions and modules."),
    "import": ("tokentui.cli.imports", "Tokens from JSON lines, with the keys that they have."),
    "export": ("tokentui.cli.tokens", "Tokens as JSON lines, without their keys."),
    "serve": ("tokentui.cli.serve", "The gate over HTTP, for a proxy to ask."),
    "demo": ("tokentui.cli.demo", "Open the app on sample tokens in a throwaway database."),
    "vault": ("tokentui.cli.vault", "The master key: a backup, a passphrase, a new one, the part that verifies."),
    "db": ("tokentui.cli.db", "Upgrade, check, back up or restore the database."),
    "doctor": ("tokentui.cli.doctor", "Check the set-up and say what to do about each finding."),
    "completion": ("tokentui.cli.completion", "Completion in bash, zsh or fish."),
    "help": ("tokentui.cli.help", "The commands, or what one of them does."),
    "version": ("tokentui.cli.help", "The version of the program."),
}
"""Each command's module and its line in the help; the function there has the command's name with `_command`."""

"""`python -m tokentui` is the command `tokentui`."""

from tokentui.cli.main import main

main()

"""`python -m tokentui` is the command `tokentui`."""

from tokentui.cli.main import main

if __name__ == "__main__":  # a process that `leaks` starts imports this module as well
    main()

"""The details of one token, a tab a file."""

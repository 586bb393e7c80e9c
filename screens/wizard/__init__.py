"""The creation wizard, a step a file."""

"""The dialogs of what can be done to tokens."""

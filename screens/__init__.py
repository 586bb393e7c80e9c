"""The screens of the terminal app. Always imported as `tokentui.screens`."""

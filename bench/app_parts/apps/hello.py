"""Bare Textual hello-world."""

from textual.app import App
from textual.widgets import Static


class Hello(App):
    def compose(self):
        yield Static("READY-MARK hello")


Hello().run()

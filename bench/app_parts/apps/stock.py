"""Textual's own DataTable with as many tokens as the argument says, all of them in it, as most programs use it."""

import sys
from datetime import date, timedelta

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = ("Name", "ID", "Extension", "Permissions", "Created", "Expires", "Status")
WORDS = ("Billing", "Catalog", "Invoice", "Partner", "Price list", "Support desk", "Warehouse")
FIRST = date(2025, 1, 1)


class Stock(App[None]):
    """A screen that is the table alone."""

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        for number in range(int(sys.argv[1])):
            day = FIRST + timedelta(days=number % 700)
            name = f"{WORDS[number % len(WORDS)]} export {number}"
            label = f"SU-{number % 1000:03}-{number // 1000 % 1000:03}-{number * 7 % 1000:03}"
            status = ("active", "expiring", "expired", "disabled")[number % 4]
            table.add_row(name, label, "Custom", "5 modules", str(day), str(day + timedelta(days=90)), status)


Stock().run()

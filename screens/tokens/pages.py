"""The window of rows that the table holds: pages by number, the least used forgotten. Pure: others fetch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from tokentui.records import TokenRecord

SIZE = 128
MOST_PAGES = 12
"""Pages kept: a screenful either way of wherever the cursor has been lately, and no more however long the list."""


@dataclass
class Pages:
    """Rows by their index in the list. `total` is the length of the list."""

    total: int = 0
    _pages: OrderedDict[int, tuple[TokenRecord, ...]] = field(default_factory=OrderedDict)

    def row(self, index: int) -> TokenRecord | None:
        """The row, or None where its page is not here."""
        page = self._pages.get(index // SIZE)
        if page is None:
            return None
        self._pages.move_to_end(index // SIZE)
        offset = index % SIZE
        return page[offset] if offset < len(page) else None

    def put(self, number: int, rows: tuple[TokenRecord, ...]) -> None:
        """Keeps a page, and forgets the one that was not looked at for longest, but neither end of the list."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        if len(self._pages) > MOST_PAGES:
            ends = (0, self.last - 1, self.last)
            del self._pages[next(other for other in self._pages if other not in ends)]

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(0, self.total - 1) // SIZE

    def missing(self, first: int, last: int) -> Iterator[int]:
        """The numbers of the pages between two indexes that are not here."""
        last = min(last, self.total - 1)
        for number in range(max(first, 0) // SIZE, last // SIZE + 1 if last >= 0 else 0):
            if number not in self._pages:
                yield number

    def between(self, first: int, last: int) -> Iterator[tuple[int, tuple[TokenRecord, ...]]]:
        """The pages that are here and have rows from one index up to, but not with, another; with their numbers."""
        for number in range(first // SIZE, -(-last // SIZE)):
            if number in self._pages:
                yield number, self._pages[number]

    def before(self, number: int) -> TokenRecord | None:
        """The row just before a page, where its page is here: the key that the page is fetched by."""
        page = self._pages.get(number - 1)
        return page[-1] if page and len(page) == SIZE else None

    def after(self, number: int) -> TokenRecord | None:
        """The row just after a page, where its page is here."""
        page = self._pages.get(number + 1)
        return page[0] if page else None

    def rows(self) -> Iterator[TokenRecord]:
        """All rows that are here, in no order."""
        return chain.from_iterable(self._pages.values())

    def clear(self) -> None:
        """Forgets every page; the total stays until it is known anew."""
        self._pages.clear()

"""What the services take on a database of many tokens: pages, filters, counts, jumps, bulk actions and streams.

    python bench/service.py                       # makes a sample of a million tokens first: minutes
    python bench/service.py --home DIRECTORY      # or takes the tokens.db and the master.key of a home that is there
    python bench/service.py --home DIRECTORY --only counts

Each figure is the median of seven runs: by the clock, and in processor time of the thread, which other programs on a
busy machine leave nearly alone. Nothing that is measured changes the sample but the bulk actions, which are undone.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tokentui import demo
from tokentui.bootstrap import open_context
from tokentui.context import Context
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec, Sort, SortField, cursor_of
from tokentui.records import Action, Status
from tokentui.settings import load
from tokentui.tokens import bulk, reads

RUNS = 7
BULK = 10_000
FILTERS = (
    "tutorial", "nothing-has-this", "12345", "bridge 99999", "SU-631-646", "-tutorial", "the runbook", "status:active",
    "status:expiring", "status:expired", "status:disabled", "status:deleted", "ext:zapier", "module:helpdesk",
    "owner:finance", "owner:nobody", "name:99999", "id:631-646", "external:crm-70", "by:bob", "by:nobody",
    "created:<7d", "created:>690d", "expires:<1d", "expires:never", "unused:>90d", "unused:<1d", "rotated:<4d",
    "rotated:>1y", "requests:>1000", "requests:0", "errors:>10", "network:any", "network:limited",
    "overlap:yes", "overlap:no",
)  # fmt: skip

Work = Callable[[], Any]


def median(work: Work) -> tuple[float, float]:
    """Milliseconds by the clock, and of the thread's processor time."""
    work()
    clock, processor = [], []
    for _ in range(RUNS):
        started, used = time.perf_counter(), time.thread_time()
        work()
        clock.append(time.perf_counter() - started)
        processor.append(time.thread_time() - used)
    return statistics.median(clock) * 1000, statistics.median(processor) * 1000


def page_works(context: Context) -> Iterator[tuple[str, Work]]:
    """Each order: its first page, one in the middle by key, its end, and a jump of the scrollbar."""
    total = counts.count(context, ListSpec())
    for field in SortField:
        for sort in (Sort(field), Sort(field, descending=True)):
            spec = ListSpec(sort=sort)
            name = f"{'-' if sort.descending else ''}{field}"
            yield f"page: first by {name}", partial(pages.page, context, spec)
            yield f"page: last by {name}", partial(pages.page, context, spec, from_end=True)
            if sort.descending:
                continue
            deep = pages.page(context, spec, after=counts.seek(context, spec, total // 3), limit=1)[0]
            cursor = cursor_of(deep, spec)
            yield f"page: by key, in the middle by {name}", partial(pages.page, context, spec, after=cursor)
            yield f"jump: to a third by {name}", partial(counts.seek, context, spec, total // 3)
            yield f"rank: of a row at a third by {name}", partial(counts.rank, context, spec, cursor)


def filter_works(context: Context) -> Iterator[tuple[str, Work]]:
    """The first page of each field of the filter, of words, and of each status; and how many rows that are."""
    for query in FILTERS:
        yield f"filter: {query}", partial(pages.page, context, ListSpec(query))
        yield f"count: of {query}", partial(counts.count, context, ListSpec(query))
    for status in Status:
        yield f"status: {status}", partial(pages.page, context, ListSpec(statuses=(status,)))
    yield "filter: tutorial by name", partial(pages.page, context, ListSpec("tutorial", sort=Sort(SortField.NAME)))


def count_works(context: Context) -> Iterator[tuple[str, Work]]:
    """What the status line shows, and how long the list is."""
    yield "counts: by status", partial(reads.count_by_status, context)
    yield "counts: next change of a status", partial(reads.next_status_change, context)
    yield "counts: of the whole list", partial(counts.count, context, ListSpec())


def measure_bulk(context: Context) -> None:
    """Changes `BULK` tokens in one transaction and undoes it; each action once."""
    spec = ListSpec(statuses=(Status.ACTIVE,), sort=Sort(SortField.CREATED))
    ids = [token.id for token in pages.stream(context, spec, limit=BULK)]
    for action in (Action.DISABLE, Action.ENABLE, Action.DELETE, Action.RESTORE, Action.ROTATE):
        started, used = time.perf_counter(), time.thread_time()
        done = len(bulk.apply(context, action, ids).done)
        clock, processor = time.perf_counter() - started, time.thread_time() - used
        print(f"{f'bulk: {action} {done} tokens':46}{clock:8.2f} s  {processor:8.2f} s", flush=True)


def run(context: Context, only: str) -> None:
    """Measures all whose name begins with `only`."""
    print(f"{'':46}{'clock':>10}{'processor':>13}")
    for works in (count_works, page_works, filter_works):
        for name, work in works(context):
            if name.startswith(only):
                clock, processor = median(work)
                print(f"{name:46}{clock:8.2f} ms {processor:9.2f} ms", flush=True)
    if "bulk".startswith(only):
        measure_bulk(context)


def main() -> None:
    """Measures a home's database, or a sample of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="such as page, jump, rank, filter, count, status, counts or bulk")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokentui-bench-") as place:
        home = given.home or Path(place) / "home"
        environ = {"HOME": str(home.parent), "TOKENTUI_HOME": str(home)}
        started = time.perf_counter()
        context = open_context(load(environ), environ=environ)
        print(f"opened, and upgraded where it was older, in {time.perf_counter() - started:.1f} s")
        if given.home is None:
            started = time.perf_counter()
            demo.build(context, tokens=given.tokens)
            print(f"{given.tokens} tokens made in {time.perf_counter() - started:.1f} s")
        run(context, given.only)
        context.close()


if __name__ == "__main__":
    main()

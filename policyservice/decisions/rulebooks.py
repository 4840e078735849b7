"""Published rulebooks made ready to decide with, kept per process by their digest.

A rulebook is immutable and found by its content, so a copy in memory is never stale: any process may keep it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, select

from policyservice.costs.compare import CostModel
from policyservice.db import tables
from policyservice.decisions import cost_versions
from policyservice.domain.errors import NotFound
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.matcher import DurableMatcher
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")

_KEPT = 8
"""How many rulebooks stay ready; more than are ever in use at once, so that none in use is closed."""


class Ready(NamedTuple):
    """A rulebook with its costs, and both evaluators compared."""

    book: CompiledRulebook
    evaluate: Evaluate


class Rulebooks:
    """The rulebooks of one process; safe to share between threads."""

    def __init__(self) -> None:
        self._building = Lock()
        self._books: OrderedDict[tuple[str, int], CompiledRulebook] = OrderedDict()
        self._matchers: OrderedDict[str, DurableMatcher] = OrderedDict()

    def ready(self, conn: Connection, digest: str, costs: int) -> Ready:
        """A rulebook for live decisions: durable_rules and the compiled rules compared on each.

        Raises:
            NotFound: no rulebook of that digest, or no such version of the costs, was published.
        """
        book = self.plain(conn, digest, costs)
        with self._building:
            matcher = self._matchers.get(digest)
            if matcher is None:
                matcher = self._matchers[digest] = DurableMatcher(book.rulebook)
                _keep_last(self._matchers, lambda matcher: matcher.close())
            self._matchers.move_to_end(digest)
        return Ready(book, CheckedMatcher(book.rules, matcher).evaluate)

    def plain(self, conn: Connection, digest: str, costs: int) -> CompiledRulebook:
        """A rulebook with the compiled evaluator alone: for replays, previews and options of the past.

        Raises:
            NotFound: no rulebook of that digest, or no such version of the costs, was published.
        """
        with self._building:
            book = self._books.get((digest, costs))
            if book is None:
                model = CostModel(cost_versions.read(conn, costs), costs)
                book = self._books[digest, costs] = CompiledRulebook(stored(conn, digest), model)
                book.prepare_costs()
                _keep_last(self._books, lambda _: None)
            self._books.move_to_end((digest, costs))
        return book

    def close(self) -> None:
        """Free what durable_rules holds; the rulebooks can be made ready again."""
        with self._building:
            for matcher in self._matchers.values():
                matcher.close()
            self._matchers.clear()
            self._books.clear()


def stored(conn: Connection, digest: str) -> Rulebook:
    """The rulebook of a digest, read from its published text.

    Raises:
        NotFound: none of that digest was published.
    """
    table = tables.rulebook
    files = conn.execute(select(table.c.files).where(table.c.digest == digest)).scalar_one_or_none()
    if files is None:
        raise NotFound("rulebook", digest)
    return load(files)


def _keep_last(kept: OrderedDict[_Key, _Kept], close: Callable[[_Kept], None]) -> None:
    while len(kept) > _KEPT:
        _, dropped = kept.popitem(last=False)
        close(dropped)

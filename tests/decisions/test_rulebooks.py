from __future__ import annotations

import pytest

from policyservice.db.session import Database
from policyservice.decisions import cost_versions, publishing, rulebooks
from policyservice.decisions.rulebooks import Rulebooks, stored
from policyservice.domain.errors import NotFound
from tests.decisions.factories import RULES, a_rulebook, sources
from tests.fakes import NOON

COSTS = (
    "costs:\n  - reasons: [delivery.*]\n    parameters:\n      u: {value: 0.7, low: 0.55, high: 0.85, source: own}\n"
)


@pytest.fixture
def digests(sqlite_db: Database) -> list[str]:
    """Three rulebooks that were published, the last with costs of its own."""
    changed = [{}, {"rules": RULES.replace("up_to: 5.00", "up_to: 6.00")}, {"costs": COSTS}]
    with sqlite_db.transaction() as conn:
        return [
            publishing.publish(conn, sources(**files), author="a", because="b", now=NOON).digest for files in changed
        ]


def test_a_published_rulebook_reads_back_as_it_was_loaded(sqlite_db, digests):
    with sqlite_db.reading() as conn:
        assert stored(conn, digests[0]) == a_rulebook()


def test_a_rulebook_is_made_ready_once(sqlite_db, digests):
    books = Rulebooks()
    with sqlite_db.reading() as conn:
        first = books.ready(conn, digests[0], 1)
        assert books.ready(conn, digests[0], 1).book is first.book
        assert books.plain(conn, digests[0], 1) is first.book
    books.close()


def test_a_rulebook_under_other_costs_estimates_by_them(sqlite_db, digests):
    books = Rulebooks()
    with sqlite_db.reading() as conn:
        one, two = books.plain(conn, digests[2], 1), books.plain(conn, digests[2], 2)
    assert (one.costs.version, two.costs.version) == (1, 2)
    assert one.rulebook == two.rulebook


def test_only_so_many_stay_ready(sqlite_db, digests, monkeypatch):
    monkeypatch.setattr(rulebooks, "_KEPT", 2)
    books = Rulebooks()
    with sqlite_db.reading() as conn:
        made = [books.ready(conn, digest, 1) for digest in digests]
        assert books.ready(conn, digests[2], 1).book is made[2].book
        again = books.ready(conn, digests[0], 1)
    assert again.book is not made[0].book
    assert again.evaluate({"reason": "delivery.late", "order.days_late": 1}, 739000, "EUR").fired == ("came-late",)
    books.close()


def test_what_was_never_published_is_not_found(sqlite_db, digests):
    books = Rulebooks()
    with sqlite_db.reading() as conn:
        with pytest.raises(NotFound):
            books.plain(conn, "sha256:0", 1)
        with pytest.raises(NotFound):
            books.plain(conn, digests[0], 9)


def test_cost_parameters_read_back_exactly(sqlite_db, digests):
    published = a_rulebook(costs=COSTS).costs
    with sqlite_db.reading() as conn:
        read = cost_versions.read(conn, 2)
    assert [(each.reasons, dict(each.values)) for each in read] == [
        (each.reasons, dict(each.values)) for each in published
    ]

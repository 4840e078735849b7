from __future__ import annotations

import pytest

from policyservice.db.session import Database
from policyservice.domain.errors import PseudonymKeyMismatch
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.key import pseudonyms, take_out
from tests.decisions.factories import a_key, a_shop, decide

OUTSIDE = "k" * 32


def of(db: Database, given: str | None = None) -> str:
    return pseudonyms(db, given).of(PersonalKind.CUSTOMER, "C-1")


def test_the_key_that_the_schema_was_made_with_serves_every_process(any_db):
    another = Database(any_db.url)
    assert of(any_db) == of(another)
    another.dispose()


def test_a_key_held_outside_is_taken_while_nothing_stands_in_the_log(any_db):
    own = of(any_db)
    with_outside = of(any_db, OUTSIDE)

    assert with_outside != own
    assert of(any_db, OUTSIDE) == with_outside
    with pytest.raises(PseudonymKeyMismatch):
        of(any_db)
    assert of(any_db, "l" * 32) != with_outside  # still nothing in the log


def test_a_log_that_has_begun_refuses_another_key(any_db):
    shop = a_shop(any_db)
    decide(shop, a_key(shop), "k")
    own = of(any_db)

    with pytest.raises(PseudonymKeyMismatch, match="POLICYSERVICE_PSEUDONYM_KEY"):
        of(any_db, OUTSIDE)
    assert of(any_db) == own
    shop.rulebooks.close()


def test_a_key_that_was_taken_out_is_the_key_from_outside(any_db):
    shop = a_shop(any_db)
    decide(shop, a_key(shop), "k")
    own = of(any_db)
    with any_db.transaction() as conn:
        taken = take_out(conn)
        assert take_out(conn) is None

    assert of(any_db, taken) == own
    with pytest.raises(PseudonymKeyMismatch):
        of(any_db)
    shop.rulebooks.close()

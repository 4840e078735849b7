"""Nothing of a person stands in the log, before or after; after an erasure nothing stands anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from policyservice.access import keys
from policyservice.cases import escalations
from policyservice.db import tables
from policyservice.decisions import log
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replay import replay
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.decisions.searching import LogFilters, search
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import FieldProblem, UnknownAgent
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.ledger.reconcile import reconcile
from policyservice.privacy.check import check
from policyservice.privacy.erase import erase
from policyservice.resolutions.escalations import Resolution, resolve
from tests.decisions.factories import a_key, a_shop, decide, pseudonym
from tests.privacy.planted import (
    AGENT,
    CUSTOMER,
    ERASABLE,
    NAME,
    PLANTED,
    REFERENCES,
    TEXTS,
    asked,
    deal,
    standing_in,
    standing_in_files,
    step,
)

ALL = set(tables.metadata.tables)
OF_CUSTOMER = (*REFERENCES, *TEXTS[:5], *TEXTS[6:])


def differing(shop) -> list[str]:
    with shop.db.reading() as conn:
        return [replayed.id for replayed in replay(conn, Rulebooks()) if replayed.differences]


def books_agree(shop) -> bool:
    with shop.db.reading() as conn:
        return not reconcile(conn, shop.zone)


def rows(shop, table) -> int:
    with shop.db.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_no_reference_name_or_text_stands_outside_the_tables_that_can_be_erased(shop, key):
    deal(shop, key)

    assert standing_in(shop.db, ALL - ERASABLE) == set()
    assert standing_in(shop.db, ALL) >= {("personal_reference", CUSTOMER), ("agent", NAME), ("personal_text", TEXTS[0])}


def test_after_erasure_nothing_of_the_customer_stands_anywhere(shop, key):
    deal(shop, key)
    erased = erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")

    assert (erased.reference_count, erased.text_count) == (len(REFERENCES), 9)  # the note is the grant's reason, too
    assert standing_in(shop.db, ALL, OF_CUSTOMER) == set()
    assert erased.traces_cleared


def test_sqlite_keeps_no_trace_in_free_pages_or_in_its_write_ahead_log(sqlite_db):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    deal(shop, key)
    for number in range(40):  # enough for pages to split
        asked(shop, key, 100 + number, customer=CUSTOMER, case=f"Planted-Case-1{number}", justification="pad " * 400)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    erase(shop, PersonalKind.AGENT, AGENT, "left the company")

    assert standing_in_files(sqlite_db, [*PLANTED, "pad pad"]) == set()
    assert standing_in_files(sqlite_db, ["came-late"]) == {"came-late"}


def test_the_log_replays_and_reconciles_after_an_erasure(shop, key):
    deal(shop, key)
    before = rows(shop, tables.decision), rows(shop, tables.entry)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    erase(shop, PersonalKind.AGENT, AGENT, "left the company")

    assert (rows(shop, tables.decision), rows(shop, tables.entry)) == before
    assert differing(shop) == []
    assert books_agree(shop)


def test_erasing_again_changes_nothing_and_is_recorded_once(shop, key):
    deal(shop, key)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    again = erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 13")

    assert not again.anything
    assert rows(shop, tables.erasure) == 1


def test_erasing_somebody_who_is_not_known_changes_and_records_nothing(shop, key):
    assert not erase(shop, PersonalKind.CUSTOMER, "nobody", "ticket 12").anything
    assert rows(shop, tables.erasure) == 0


def test_the_record_of_an_erasure_names_a_pseudonym_and_how_much_it_was(shop, key):
    deal(shop, key)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")

    with shop.db.reading() as conn:
        row = conn.execute(select(tables.erasure)).one()
    assert (row.kind, row.pseudonym) == ("customer", pseudonym(shop, CUSTOMER))
    assert (row.reference_count, row.text_count, row.at) == (len(REFERENCES), 9, shop.clock.now())
    assert standing_in(shop.db, ["erasure"], ["ticket"]) == set()


@pytest.mark.parametrize("because", ["", "  ", f"as {CUSTOMER.upper()} wished"])
def test_an_erasure_needs_a_reason_that_does_not_name_the_person(shop, key, because):
    deal(shop, key)
    with pytest.raises(FieldProblem):
        erase(shop, PersonalKind.CUSTOMER, CUSTOMER, because)

    assert ("personal_reference", CUSTOMER) in standing_in(shop.db, ALL)


def test_a_customer_who_was_erased_still_meets_the_same_limits(shop, key):
    for number in range(3):
        asked(shop, key, number, customer=CUSTOMER, amount="1.00", case=f"T-{number}", order=f"O-{number}")
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    fourth = asked(shop, key, 4, customer=CUSTOMER, amount="1.00", case="T-4", order="O-4")

    with shop.db.reading() as conn:
        decision = log.read(conn, fourth).decision
    assert decision.outcome is Outcome.ESCALATE
    assert decision.binding_limit is not None
    assert decision.binding_limit.limit == "credit-times"


def test_what_was_erased_can_still_be_given_back_and_goes_on_under_its_pseudonym(shop, key):
    dealings = deal(shop, key)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    step(shop, key, dealings.granted, "commit")
    asked(shop, key, 9, customer=pseudonym(shop, CUSTOMER), amount="1.00")

    with shop.db.reading() as conn:
        request = unmasked(conn, log.read(conn, dealings.given).request)
        mine = search(conn, LogFilters(customer=pseudonym(shop, CUSTOMER))).items
    assert request.customer == pseudonym(shop, CUSTOMER)
    assert request.justification is None
    assert len(mine) == 4
    assert rows(shop, tables.personal_reference) == 3 + 2  # the agents, and the case and order of the last one
    assert books_agree(shop)


def test_an_escalation_of_an_erased_customer_is_granted_under_the_same_pseudonym(shop, key):
    escalated = asked(shop, key, 1, customer=CUSTOMER, amount="90.00", justification=TEXTS[0])
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    with shop.db.reading() as conn:
        escalation = escalations.of_decisions(conn, [escalated])[escalated]
    wanted = Resolution("granted", "liisa")
    resolve(shop, escalation.id, wanted, key, Idempotency("/v1/x", "k", "f"), lambda resolved: "{}")

    with shop.db.reading() as conn:
        granted = log.read(conn, str(escalations.get(conn, escalation.id).result_decision_id))
    assert granted.request.customer == pseudonym(shop, CUSTOMER)
    assert granted.request.order == pseudonym(shop, "O-1", "order")


def test_an_agent_is_taken_off_the_register_and_out_of_bindings(shop, key):
    deal(shop, key)
    bound = a_key(shop, agents=(AGENT, "teppo"))
    alone = a_key(shop, agents=(AGENT,))
    erased = erase(shop, PersonalKind.AGENT, AGENT, "left the company")

    assert erased.register_count == 3
    words = [
        AGENT,
        NAME,
        *(text for text in TEXTS if text not in ("planted note", "planted verified")),
    ]  # others said so
    assert standing_in(shop.db, ALL, words) == set()
    with shop.db.reading() as conn:
        left = {each.id: each.agents for each in keys.list_all(conn)}
    assert (left[bound.id], left[alone.id]) == (("teppo",), ())
    with pytest.raises(UnknownAgent):
        decide(shop, key, "after", agent=AGENT)
    assert ("personal_reference", CUSTOMER) in standing_in(shop.db, ALL)


def test_others_keep_what_is_theirs(shop, key):
    deal(shop, key)
    asked(shop, key, 50, customer="Other-Customer", case="Other-Case", order="Other-Order", justification="other words")
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")

    kept = {
        word for _, word in standing_in(shop.db, ALL, ["Other-Customer", "Other-Case", "Other-Order", "other words"])
    }
    assert kept == {"Other-Customer", "Other-Case", "Other-Order", "other words"}


@pytest.mark.parametrize(("kind", "reference"), [("case", REFERENCES[1]), ("order", "Planted-Order")])
def test_whoever_stands_behind_a_case_or_an_order_can_be_erased_by_it(shop, key, kind, reference):
    deal(shop, key)
    erase(shop, PersonalKind(kind), reference, "ticket 12")

    assert standing_in(shop.db, ALL, [reference, TEXTS[0], "Planted-Payment"]) == set()


def test_decisions_and_erasures_at_once_lose_nothing_but_what_was_erased(shop, key):
    deal(shop, key)
    begin = Barrier(4, timeout=30)

    def ask(worker: int) -> list[str]:
        begin.wait()
        return [
            asked(
                shop, key, 1000 * worker + n, customer=CUSTOMER, case=f"N-{worker}-{n}", order=f"M-{n}", amount="1.00"
            )
            for n in range(8)
        ]

    def forget() -> int:
        begin.wait()
        return sum(erase(shop, PersonalKind.CUSTOMER, CUSTOMER, f"ticket {n}").anything for n in range(8))

    with ThreadPoolExecutor(4) as pool:
        erasing = [pool.submit(forget), pool.submit(forget)]
        made = [pool.submit(ask, worker) for worker in (1, 2)]
        ids = [decision for each in made for decision in each.result(timeout=120)]
        assert sum(each.result(timeout=120) for each in erasing) >= 1

    assert len(set(ids)) == 16
    assert differing(shop) == []
    assert books_agree(shop)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "the last word")
    assert standing_in(shop.db, ALL, OF_CUSTOMER) == set()


def test_a_text_or_reference_that_was_changed_after_it_was_logged_shows(shop, key):
    deal(shop, key)
    with shop.db.reading() as conn:
        assert check(conn, shop.pseudonyms).changed == ()
    text, reference = tables.personal_text, tables.personal_reference
    with shop.db.transaction() as conn:
        conn.execute(text.update().where(text.c.body == TEXTS[0]).values(body="another justification"))
        conn.execute(reference.update().where(reference.c.plain == CUSTOMER).values(plain="Somebody-Else"))

    with shop.db.reading() as conn:
        checked = check(conn, shop.pseudonyms)
        logged = unmasked(conn, search(conn, LogFilters(case=REFERENCES[1])).items[0].request)
    assert logged.justification == "another justification"
    assert len(checked.changed) == 2
    assert pseudonym(shop, CUSTOMER) in checked.changed
    assert (checked.references, checked.texts) == (8, 10)

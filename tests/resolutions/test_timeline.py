"""One timeline of a case or a customer, newest first, across channels and sources, page by page; by index alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from policyservice.access.keys import ApiKey
from policyservice.cases.contacts import Told
from policyservice.cases.promises import StepKind
from policyservice.cases.verified import VerifiedFacts
from policyservice.db import prepared
from policyservice.db.session import Database
from policyservice.decisions import settle, verifying
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.whose import Whose
from policyservice.domain.errors import FieldProblem, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.resolutions import case_view, contacts, promises
from policyservice.resolutions.contacts import TakenContact
from policyservice.resolutions.outcomes import Report, record
from policyservice.resolutions.promises import MadePromise, TakenStep
from policyservice.resolutions.rising import rise_overdue
from policyservice.resolutions.timeline.entry import Wanted
from policyservice.resolutions.timeline.pages import SOURCES, cases_of, place_of, timeline
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, render
from tests.fakes import NOON
from tests.resolutions.incident import linked, opened


@pytest.fixture
def shop(any_db: Database) -> Iterator[Runtime]:
    runtime = a_shop(any_db)
    yield runtime
    runtime.rulebooks.close()


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop)


def idempotency(name):
    return Idempotency("/v1/x", name, "f")


def speak(shop, key, name, case="T-1", **changes):
    said = TakenContact(**{"agent": "maija", "channel": "phone", **changes})
    contacts.take(shop, case, said, key, idempotency(name), lambda contact: "{}")


def live(shop, key):
    """A contact, a decision that contradicts a system, a promise, a settlement; a minute between each."""
    with shop.db.transaction() as conn:
        said = VerifiedFacts("ERP", NOON, None, {"order.days_late": 9})
        verifying.put(shop, conn, PersonalKind.ORDER, "O-1", said)
    speak(shop, key, "c1")
    shop.clock.advance(minutes=1)
    decided = decide(shop, key, "d1").decision_id
    shop.clock.advance(minutes=1)
    made = MadePromise("teppo", "a call", NOON + timedelta(days=1))
    promised = promises.make(shop, "T-1", made, key, idempotency("p1"), lambda one, steps: one.id).body
    shop.clock.advance(minutes=1)
    settle.commit(shop, decided, key, idempotency("s1"), render)
    shop.clock.advance(minutes=1)
    kept = TakenStep("teppo")
    promises.step(shop, promised, StepKind.KEPT, kept, key, idempotency("p2"), lambda one, steps: "{}")
    shop.clock.advance(minutes=1)
    speak(shop, key, "c2", channel="email", told=(Told.ANSWER, Told.END))
    return decided, promised


def of_case(shop, seen_by=None, **changes):
    whose = Whose(case=pseudonym(shop, "T-1", "case"), seen_by=seen_by)
    with shop.db.reading() as conn:
        return timeline(conn, Wanted(whose, **changes))


def of_customer(shop, seen_by=None, **changes):
    whose = Whose(customer=pseudonym(shop, "C-1"), seen_by=seen_by)
    with shop.db.reading() as conn:
        whose = replace(whose, cases=cases_of(conn, whose))
        return timeline(conn, Wanted(whose, **changes))


ALL = ["contact", "promise_step", "settlement", "promise", "decision", "conflict", "contact"]


def test_everything_that_happened_is_there_newest_first_for_the_case_and_for_the_customer(shop, key):
    live(shop, key)

    assert [entry.kind for entry in of_case(shop).entries] == ALL
    assert [entry.kind for entry in of_customer(shop).entries] == ALL  # the first contact named no customer yet
    assert [entry.channel for entry in of_case(shop).entries if entry.kind == "contact"] == ["email", "phone"]


@pytest.mark.parametrize("size", range(1, 9))
def test_pages_of_any_size_give_each_entry_once(shop, key, size):
    live(shop, key)
    seen, cursor = [], None
    while True:
        page = of_customer(shop, limit=size, behind=place_of(cursor) if cursor else None)
        seen += page.entries
        cursor = page.next
        if cursor is None:
            break
        assert len(page.entries) == size

    assert [entry.kind for entry in seen] == ALL


def test_entries_of_one_instant_are_told_apart_across_pages(shop, key):
    for number in range(5):
        speak(shop, key, f"c{number}")
        decide(shop, key, f"d{number}", amount="0.10", remedy="credit", customer=f"C-{number}")
    whole = [entry.id for entry in of_case(shop).entries]
    seen, cursor = [], None
    for _ in range(20):
        page = of_case(shop, limit=3, behind=place_of(cursor) if cursor else None)
        seen += [entry.id for entry in page.entries]
        cursor = page.next
        if cursor is None:
            break

    assert seen == whole
    assert len(whole) == len(set(whole)) == 10


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-06-01T09:00:00Z", "2026-06-01T09:00:00Z~99~a", "2026-06-01T09:00:00Z~1~a", "x~0~a", "~~"]
)
def test_what_was_not_handed_out_is_no_cursor(cursor):
    with pytest.raises(FieldProblem, match="is not a cursor"):
        place_of(cursor)


def test_a_bound_key_sees_its_own_contacts_and_the_rest_once_it_has_decided(shop, key):
    live(shop, key)
    phone = a_key(shop, teams=("phone",))
    assert of_case(shop, seen_by=phone).entries == ()
    with shop.db.reading() as conn, pytest.raises(NotFound):
        case_view.of_case(conn, "T-1", seen_by=phone)

    speak(shop, phone, "c9", agent="liisa")
    assert [entry.kind for entry in of_case(shop, seen_by=phone).entries] == ["contact"]
    decide(shop, phone, "d9", agent="liisa", case="T-2", order="O-2")
    assert len(of_case(shop, seen_by=phone).entries) == len(ALL) + 1


def test_a_case_shows_both_its_paths_side_by_side(shop, key):
    decided, _ = live(shop, key)
    with shop.db.reading() as conn:
        story = case_view.of_case(conn, "T-1")

    path = story.communication
    assert (path.answered_at, path.told_next_at, path.told_end_at) == (shop.clock.now(), None, shop.clock.now())
    (step,) = story.decided
    assert (step.decision, step.outcome, step.is_done) == (decided, "allow", True)


def test_a_case_shows_its_customers_orders_and_decisions_and_one_of_which_nothing_is_known_is_not_found(shop, key):
    first, second = decide(shop, key, "d1").decision_id, decide(shop, key, "d2", amount="90.00").decision_id
    decide(shop, key, "d3", case="T-3", customer="C-2", order=None)
    with shop.db.reading() as conn:
        case, other = case_view.of_case(conn, "T-1"), case_view.of_case(conn, "T-3")
        with pytest.raises(NotFound):
            case_view.of_case(conn, "T-9")

    assert (case.customers, case.orders) == ((pseudonym(shop, "C-1"),), (pseudonym(shop, "O-1", "order"),))
    assert [past.id for past in case.decisions] == [second, first]
    assert (other.customers, other.orders) == ((pseudonym(shop, "C-2"),), ())


def test_an_escalated_case_waits_for_whoever_decides_and_a_case_of_words_alone_is_one_too(shop, key):
    decide(shop, key, "d", amount="90.00")
    speak(shop, key, "c", case="T-3")
    with shop.db.reading() as conn:
        (step,) = case_view.of_case(conn, "T-1").decided
        words = case_view.of_case(conn, "T-3")

    assert (step.outcome, step.is_done, step.by) == ("escalate", False, None)
    assert step.waits_for is not None
    assert (words.decisions, len(words.timeline.entries)) == ((), 1)


def test_known_facts_say_who_stated_them_and_verified_ones_stand_before(shop, key):
    decide(shop, key, "d1", facts={"order.days_late": 4, "order.category": "meal"})
    shop.clock.advance(minutes=1)
    decide(shop, key, "d2", facts={"order.days_late": 5}, agent="teppo")
    with shop.db.transaction() as conn:
        verifying.put(shop, conn, PersonalKind.ORDER, "O-1", VerifiedFacts("ERP", NOON, "EUR", {"order.paid": "7.00"}))
    with shop.db.reading() as conn:
        known = {fact.name: fact for fact in case_view.of_case(conn, "T-1").known}

    late, category, paid = known["order.days_late"], known["order.category"], known["order.paid"]
    assert (late.value, late.agent, late.source) == (5, pseudonym(shop, "teppo", "agent"), None)
    assert (category.value, category.agent) == ("meal", pseudonym(shop, "maija", "agent"))
    assert (paid.value, paid.currency, paid.source, paid.agent) == ("7.00", "EUR", "ERP", None)


def test_what_was_heard_afterwards_stands_in_the_timeline_of_its_case_and_customer(shop, key):
    decided = str(decide(shop, key, "d1").decision_id)
    shop.clock.advance(minutes=1)
    at = shop.clock.now().isoformat()
    score = {"score": 2, "lowest": 1, "highest": 5}
    record(shop, [Report({"kind": "satisfaction", "at": at, "decision": decided, **score}, "tool")])
    shop.clock.advance(minutes=1)
    at = shop.clock.now().isoformat()
    record(shop, [Report({"kind": "churn", "at": at, "customer": "C-1", "left": True}, "tool")])
    record(shop, [Report({"kind": "repeat_contact", "at": at, "case": "T-9"}, "tool")])  # nobody's here

    assert [(one.kind, one.details.get("outcome")) for one in of_case(shop).entries] == [
        ("outcome", "satisfaction"),
        ("decision", "allow"),
    ]
    heard = [one for one in of_customer(shop).entries if one.kind == "outcome"]
    assert [(one.case, one.details["left"], one.details["score"]) for one in heard] == [
        (None, True, None),
        (pseudonym(shop, "T-1", "case"), None, 2),
    ]


def test_what_happened_to_an_escalation_and_the_incident_behind_the_case_stand_in_the_timeline(shop, key):
    decide(shop, key, "more", amount="90.00", customer="C-1")
    shop.clock.advance(minutes=300)
    rise_overdue(shop)
    shop.clock.advance(minutes=1)
    linked(shop, key, opened(shop, key), "T-1", customer="C-1")

    for found in (of_case(shop), of_customer(shop)):
        steps = [one for one in found.entries if one.kind == "escalation_step"]
        assert [one.details["step"] for one in steps][-1] == "rise"
        (incident,) = [one for one in found.entries if one.kind == "incident"]
        assert (incident.details["how"], incident.details["status"]) == ("hand", "open")


@pytest.mark.parametrize("whose", [of_case, of_customer])
def test_no_source_reads_a_whole_table(shop, key, whose, monkeypatch):
    """By the plans of the databases: on PostgreSQL with scans of whole tables made dear, as in a large log."""
    live(shop, key)
    asked = []
    run = prepared._run

    def note(connection, sql, given):
        asked.append((sql, given))
        return run(connection, sql, given)

    with monkeypatch.context() as patched:
        patched.setattr(prepared, "_run", note)
        whose(shop)

    asked = [(sql, given) for sql, given in asked if sql.startswith("SELECT")]
    assert len(asked) >= len(SOURCES)
    for statement, given in asked:
        assert _scans(shop.db, statement, given) == [], statement


def _scans(db, statement, given):
    with db.reading() as conn:
        if db.is_sqlite:
            plan = [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(given))]
            return [line for line in plan if line.startswith("SCAN") and not line.startswith("SCAN json_each")]
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", given)]
        return [line for line in plan if "Seq Scan" in line]

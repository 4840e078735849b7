from __future__ import annotations

from policyservice.decisions import log
from policyservice.decisions.masking import mask, unmasked
from policyservice.decisions.replay import replay
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.case import Request
from policyservice.domain.decision import Outcome
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.kept import keep_now
from policyservice.personal.key import of_key
from tests.decisions.factories import RULES, a_key, a_shop, decide, sources
from tests.fakes import NOON

ASKED = Request(
    reason="delivery.late",
    remedy="credit",
    currency="EUR",
    amount_minor=700,
    agent="maija",
    case="T-1",
    customer="C-1",
    order="O-1",
    channel="chat",
    incident="storm",
    justification="as agreed",
    facts={"note.words": "call her back", "order.days_late": 4},
)
WORDS = {"note.words": frozenset({"urgent"})}


def test_references_and_texts_are_taken_out_and_nothing_else():
    pseudonyms = of_key("key")
    request, personal = mask(pseudonyms, ASKED, WORDS)

    assert request.customer == pseudonyms.of(PersonalKind.CUSTOMER, "C-1")
    assert [reference.plain for reference in personal.references] == ["maija", "C-1", "T-1", "O-1"]
    assert sorted(sealed.body for sealed in personal.texts) == ["as agreed", "call her back"]
    assert {request.justification, request.facts["note.words"]} == {sealed.seal for sealed in personal.texts}
    assert (request.channel, request.incident, request.amount_minor) == ("chat", "storm", 700)
    assert request.facts["order.days_late"] == 4


def test_what_is_not_given_stays_not_given():
    request, personal = mask(of_key("key"), Request("delivery.late", "credit", "EUR"), WORDS)

    assert request == Request("delivery.late", "credit", "EUR")
    assert personal == ((), ())


def test_a_word_of_the_rulebook_stays_as_it_is():
    facts = {"note.words": "urgent"}
    request, personal = mask(of_key("key"), Request("delivery.late", "credit", "EUR", facts=facts), WORDS)

    assert request.facts == facts
    assert personal.texts == ()


def test_a_masked_request_is_unmasked_for_as_long_as_it_is_kept(any_db):
    request, personal = mask(of_key("key"), ASKED, WORDS)
    with any_db.transaction() as conn:
        lost = unmasked(conn, request)
        keep_now(conn, personal, now=NOON)
        keep_now(conn, personal._replace(texts=()), now=NOON)
        assert unmasked(conn, request) == ASKED
    assert (lost.customer, lost.justification) == (request.customer, None)
    assert lost.facts == {"order.days_late": 4}


def test_rules_see_the_words_they_name_and_a_text_that_is_there(any_db):
    rules = RULES.replace("order.days_late: {at_least: 1}", "note.words: {one_of: [urgent, very urgent]}")
    shop = a_shop(any_db, rules=sources(rules=rules))
    key = a_key(shop)
    outcomes = {}
    for words in ("urgent", "very urgent", "not at all", ...):
        facts = {} if words is ... else {"note.words": words}
        reply = decide(shop, key, f"k {words}", facts=facts, amount="1.00", customer=f"C {words}")
        with shop.db.reading() as conn:
            stored = log.read(conn, str(reply.decision_id))
        outcomes[words] = (stored.decision.outcome, stored.decision.facts.get("note.words"))

    assert outcomes["urgent"] == (Outcome.ALLOW, "urgent")
    assert outcomes["very urgent"] == (Outcome.ALLOW, "very urgent")
    assert outcomes["not at all"][0] is Outcome.ESCALATE
    assert str(outcomes["not at all"][1]).startswith("txt_")
    assert outcomes[...] == (Outcome.ESCALATE, None)
    with shop.db.reading() as conn:
        assert [replayed.differences for replayed in replay(conn, Rulebooks())] == [()] * 4
    shop.rulebooks.close()

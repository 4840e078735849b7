"""This answer is wrong: an objection reaches whoever owns the rule, and is answered once."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from policyservice.cases import objections
from policyservice.cases.objections import ObjectionFilters, Verdict
from policyservice.domain.errors import NotAllowed, NotFound, ObjectionAnswered, UnknownAgent
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.shown import texts
from policyservice.privacy.erase import erase
from policyservice.privacy.export import export
from policyservice.resolutions.objections import answer, object_to
from policyservice.runtime import Runtime
from tests.decisions.factories import PACK, RULES, a_key, a_shop, decide, pseudonym, sources


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


def decided(shop: Runtime, key, **changes: object) -> str:
    return str(decide(shop, key, "k", **changes).decision_id)


def listed(shop: Runtime, **filters: object) -> list[str]:
    with shop.db.reading() as conn:
        return [each.id for each in objections.listed(conn, ObjectionFilters(**filters))]  # type: ignore[arg-type]


def test_an_objection_names_the_rule_and_goes_to_who_decides_beyond_where_nobody_is_named(shop):
    key = a_key(shop)
    raised = object_to(shop, decided(shop, key), "maija", "Four days is two weeks in this heat.", key)

    assert raised.is_new
    assert (raised.objection.rule, raised.objection.owner) == ("came-late", "management")
    assert listed(shop, owner="management", is_open=True) == [raised.objection.id]
    assert listed(shop, owner="nobody") == []


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"pack.yaml": PACK + "owner: policy-team\n"}, "policy-team"),
        (
            {"rules/shop.yaml": RULES.replace("  - id: came-late\n", "  - id: came-late\n    owner: logistics\n")},
            "logistics",
        ),
    ],
)
def test_the_owner_is_the_rules_else_the_packs(any_db, files, owner: str):
    shop = a_shop(any_db, rules={"shop": {**sources()["shop"], **files}})
    key = a_key(shop)

    assert object_to(shop, decided(shop, key), "maija", "No.", key).objection.owner == owner


def test_the_same_sentence_again_is_the_same_objection(shop):
    key = a_key(shop)
    decision = decided(shop, key)
    first, again = (object_to(shop, decision, "maija", "Too little.", key) for _ in range(2))
    other = object_to(shop, decision, "teppo", "Too little.", key)

    assert (again.objection.id, again.is_new) == (first.objection.id, False)
    assert other.is_new
    assert listed(shop, decision_id=decision) == [first.objection.id, other.objection.id]


def test_an_objection_is_answered_once_and_by_another(shop):
    key = a_key(shop)
    raised = object_to(shop, decided(shop, key), "maija", "Too little.", key).objection
    with pytest.raises(NotAllowed):
        answer(shop, raised.id, "maija", Verdict.STANDS, "I was right.", key)

    answered = answer(shop, raised.id, "liisa", Verdict.RULE_CHANGES, "From Monday on.", key)

    assert answered.answer is not None
    assert answered.answer.agent == pseudonym(shop, "liisa", "agent")
    assert (listed(shop, is_open=True), listed(shop, is_open=False)) == ([], [raised.id])
    with pytest.raises(ObjectionAnswered):
        answer(shop, raised.id, "teppo", Verdict.STANDS, "No.", key)
    with shop.db.reading() as conn:
        assert objections.get(conn, raised.id) == answered


def test_nobody_unknown_or_outside_the_keys_binding_objects_or_answers(shop):
    key = a_key(shop)
    decision = decided(shop, key)
    mine, others = (a_key(shop, Role.MANAGER, teams=(team,)) for team in ("web", "phone"))
    raised = object_to(shop, decision, "maija", "Too little.", mine).objection

    with pytest.raises(UnknownAgent):
        object_to(shop, decision, "stranger", "No.", key)
    with pytest.raises(NotAllowed):
        object_to(shop, decision, "liisa", "No.", mine)
    with pytest.raises(NotFound):
        object_to(shop, decision, "liisa", "No.", others)
    with pytest.raises(NotFound):
        answer(shop, raised.id, "liisa", Verdict.STANDS, "No.", others)
    with pytest.raises(NotFound):
        object_to(shop, "dec_none", "maija", "No.", key)
    with pytest.raises(NotFound):
        answer(shop, "obj_none", "liisa", Verdict.STANDS, "No.", key)


def test_the_sentences_are_exported_and_erased_with_the_customer_and_with_who_wrote_them(shop):
    key = a_key(shop)
    raised = object_to(shop, decided(shop, key), "maija", "planted objection", key).objection
    answered = answer(shop, raised.id, "liisa", Verdict.STANDS, "planted answer", key)
    assert answered.answer is not None
    seals = {raised.note, answered.answer.note}
    (of_agent,) = export(shop, PersonalKind.AGENT, "maija")["objections"]
    (of_customer,) = export(shop, PersonalKind.CUSTOMER, "C-1")["objections"]
    assert (of_agent["note"], of_customer["answer"]["note"]) == ("planted objection", "planted answer")

    erase(shop, PersonalKind.AGENT, "maija", "left us")
    with shop.db.reading() as conn:
        assert set(texts(conn, seals).values()) <= {"planted answer"}
    erase(shop, PersonalKind.CUSTOMER, "C-1", "ticket 9")
    with shop.db.reading() as conn:
        assert texts(conn, seals) == {}

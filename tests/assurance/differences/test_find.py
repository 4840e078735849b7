"""A change that alters answers is told by its classes, each with a case decided by both rulebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from policyservice.assurance import policy_tests
from policyservice.assurance.differences import classes
from policyservice.assurance.differences.find import Differences, differences
from policyservice.assurance.differences.telling import as_json, told
from policyservice.costs.compare import CostModel
from policyservice.domain.decision import Outcome, Received
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.rulebook.load import load
from tests.properties.rulebooks import Draw, a_book
from tests.rulebook.factories import a_rule, rules, sources

DAY = date(2026, 6, 1)


def compiled(overlay: Mapping[str, str]) -> CompiledRulebook:
    rulebook = load(sources(overlay))
    return CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))


def found(old: Mapping[str, str], new: Mapping[str, str]) -> Differences:
    return differences(compiled(old), compiled(new), day=DAY)


def answers(differences: Differences) -> list[tuple[str, str, Outcome, int | None, Outcome, int | None]]:
    return [
        (c.reason, c.remedy, c.old.outcome, c.old.amount_minor, c.new.outcome, c.new.amount_minor)
        for c in differences.classes
    ]


def lost(least: int, up_to: str, more: str = "") -> dict[str, str]:
    when = f"{{reason: shop.lost, order.days_late: {{at_least: {least}}}}}"
    return rules(a_rule("lost", when=when, then=f"[{{permit: {{remedy: credit, up_to: {up_to}}}}}{more}]"))


def test_the_same_rules_in_other_words_differ_in_no_answer() -> None:
    same = lost(2, "5.00")

    assert not found(same, {path: "# a comment\n" + text for path, text in same.items()}).any
    reworded = {path: text.replace("say: {en: a, fi: b}", "say: {en: Sorry, fi: b}") for path, text in same.items()}
    told_of = found(same, reworded)
    assert (told_of.classes, told_of.undecided) == ((), ())
    assert [(one.kind, one.changed) for one in told_of.declared] == [("rules", ("lost",))]


def test_a_higher_sum_is_one_class_for_every_trust_level_with_both_answers() -> None:
    raised = found(lost(2, "5.00"), lost(2, "6.00"))

    assert answers(raised) == [("shop.lost", "credit", Outcome.ALLOW, 500, Outcome.ALLOW, 600)]
    (one,) = raised.classes
    assert (one.trust_levels, one.more, one.old_rules, one.new_rules) == (("new", "lead"), 1, ("lost",), ("lost",))


def test_a_moved_bound_is_told_by_a_case_between_the_two_bounds() -> None:
    moved = found(lost(2, "5.00"), lost(3, "5.00"))

    (one,) = moved.classes
    assert (one.old.outcome, one.new.outcome, one.more) == (Outcome.ALLOW, Outcome.ESCALATE, -1)
    assert one.case.facts == {"order.days_late": 2}
    assert (one.old_rules, one.new_rules) == (("lost",), ())


def test_a_sum_above_what_a_limit_leaves_changes_only_for_levels_beyond_it() -> None:
    (one,) = found(lost(2, "20.00"), lost(2, "20.01")).classes

    assert one.trust_levels == ("lead",)  # agent-day leaves `new` 20.00


def test_a_limit_that_is_turned_is_told_where_its_bound_binds() -> None:
    limits = sources()["base"]["limits.yaml"]
    rule = lost(2, "5.00")

    lowered = found(rule, rule | {"base/limits.yaml": limits.replace("new: 20.00", "new: 4.99")})
    assert {one.trust_levels for one in lowered.classes} == {("new",)}
    assert any(row[3:] == (500, Outcome.ALLOW, 499) for row in answers(lowered))


def test_what_was_escalated_beyond_a_cap_and_is_now_forbidden_is_told_of_requests_for_a_sum() -> None:
    owed = a_rule("owed", when="{reason: shop.lost}", then="[{entitle: {remedy: credit, amount: 5.00}}]", basis="law")
    never = a_rule("never", when="{reason: shop.lost}", then="[{forbid: {remedy: credit}}]")

    (one,) = found(rules(owed), rules(owed, never)).classes
    assert (one.old.outcome, one.new.outcome) == (Outcome.ESCALATE, Outcome.DENY)
    assert one.case.amount_minor is not None
    assert one.case.amount_minor > 500


def test_a_basis_that_changes_is_a_difference_although_the_sum_is_the_same() -> None:
    (one,) = found(lost(2, "5.00"), {p: t.replace("goodwill", "policy") for p, t in lost(2, "5.00").items()}).classes

    assert (one.old.basis, one.new.basis, one.more) == ("goodwill", "policy", 0)


def test_what_is_added_and_removed_by_name_is_listed() -> None:
    vocabulary = sources()["base"]["vocabulary.yaml"]
    wider = {"base/vocabulary.yaml": vocabulary.replace("[meal, apparel]", "[apparel, book, meal]")}
    added = rules(a_rule("gift", when="{reason: shop.lost, order.category: apparel}")) | wider

    told_of = found({}, added)
    assert {one.kind: (one.added, one.removed, one.changed) for one in told_of.declared} == {
        "facts": ((), (), ("order.category",)),
        "rules": (("gift",), (), ()),
    }
    (one,) = told_of.classes
    assert one.case.facts == {"order.category": "apparel"}


def test_an_example_is_a_policy_test_that_the_new_rules_fulfil_and_the_old_ones_do_not() -> None:
    old, new = lost(2, "5.00"), lost(3, "7.00")
    told_of = found(old, new)
    document = as_json(told_of, load(sources(new)))
    examples = [one["example"] for one in document["classes"]]  # type: ignore[attr-defined]

    assert len(examples) == 2
    for example in examples:
        pasted = {"base/tests/pasted.yaml": "cases:\n" + example}
        assert policy_tests.run(load(sources(new | pasted))) == []
        assert len(policy_tests.run(load(sources(old | pasted)))) == 1
        assert any(example.rstrip() in paragraph for paragraph in told(told_of, load(sources(new))))


@pytest.mark.parametrize("seed", range(25))
def test_where_generated_rulebooks_answer_otherwise_a_class_is_told_of_it(seed: int) -> None:
    draw = Draw(seed)
    case = draw.case()
    rest = case.rules[1:] if draw.often(0.5) else (*case.rules, *draw.rules(name="added"))
    old, new = a_book(*case.rules), a_book(*rest)
    told_of = differences(old, new, day=DAY)
    known = {(c.reason, c.remedy, c.old.outcome, c.new.outcome, c.more) for c in told_of.classes}
    open_to_doubt = {(one.picked.reason, one.picked.remedy) for one in told_of.undecided}
    for _ in range(60):
        request = replace(draw.request(case.rules, asks=False), justification=None)
        context = replace(case.context, limits=(), received=Received())
        before, after = (decide(book, request, context) for book in (old, new))
        if (before.outcome, before.amount_minor) != (after.outcome, after.amount_minor):
            given = [(one.available_minor or 0) for one in (before, after)]
            allowed = [one.outcome is Outcome.ALLOW for one in (before, after)]
            more = (given[1] > given[0]) - (given[1] < given[0]) if all(allowed) else allowed[1] - allowed[0]
            about = (request.reason, request.remedy)
            assert about in open_to_doubt or (*about, before.outcome, after.outcome, more) in known


@pytest.mark.parametrize("seed", range(25))
def test_a_generated_rulebook_does_not_differ_from_itself(seed: int) -> None:
    case = Draw(seed).case()

    assert not differences(a_book(*case.rules), a_book(*reversed(case.rules)), day=DAY).any


def test_more_classes_than_are_told_are_said_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classes, "MOST_CLASSES", 1)
    steps = (a_rule(f"r{n}", when=f"{{reason: shop.lost, order.days_late: {n}}}") for n in range(2))
    told_of = found({}, rules(*steps))

    assert [one.more_than_told for one in told_of.undecided] == [True, True]  # for each trust level
    assert any("there are more classes" in paragraph for paragraph in told(told_of, load(sources())))
    monkeypatch.setattr(classes, "MOST_CLASSES", 4)
    assert found({}, rules(a_rule(when="{reason: shop.lost}"))).undecided == ()


def test_of_a_fact_whose_type_differs_only_cases_without_it_are_compared() -> None:
    vocabulary = sources()["base"]["vocabulary.yaml"]
    other = vocabulary.replace("note.kind: {type: text", "note.kind: {type: integer")
    given, absent = (
        f"{{reason: shop.lost, note.kind: {{present: {word}}}, order.items: 1}}" for word in ("true", "false")
    )

    assert found({}, rules(a_rule(when=given)) | {"base/vocabulary.yaml": other}).classes == ()
    (one,) = found({}, rules(a_rule(when=absent)) | {"base/vocabulary.yaml": other}).classes
    assert one.case.facts == {"order.items": 1}


def demanding(above: str) -> dict[str, str]:
    when = "{reason: shop.lost, order.days_late: {at_least: 2}}"
    then = "[{permit: {remedy: credit, up_to: 5.00}}]"
    return rules(a_rule("lost", when=when, then=then, more=f"    verify_above: {above}\n"))


def test_a_moved_sum_above_which_facts_are_verified_is_told_by_what_may_be_given_unverified() -> None:
    moved = found(demanding("3.00"), demanding("2.99"))

    assert [(one.kind, one.changed) for one in moved.declared] == [("rules", ("lost",))]
    assert answers(moved) == [("shop.lost", "credit", Outcome.ALLOW, 300, Outcome.ALLOW, 299)]
    (one,) = moved.classes
    assert (one.more, one.old_rules, one.case.verified) == (-1, ("lost",), frozenset())


def test_a_demand_that_is_new_is_told_and_one_that_the_pack_had_made_before_changes_no_answer() -> None:
    settings = sources()["base"]["pack.yaml"] + "verify_above: 3.00\n"
    pack = {"base/pack.yaml": settings}

    assert answers(found(lost(2, "5.00"), demanding("3.00"))) == [
        ("shop.lost", "credit", Outcome.ALLOW, 500, Outcome.ALLOW, 300)
    ]
    assert found(lost(2, "5.00") | pack, demanding("3.00") | pack).classes == ()


def test_other_facts_to_verify_are_told_by_a_case_with_the_one_and_not_the_other() -> None:
    changed = found(demanding("3.00"), demanding("{amount: 3.00, facts: [order.paid]}"))

    given = {
        (one.old.available_minor, one.new.available_minor): one.case.verified & {"order.paid", "order.days_late"}
        for one in changed.classes
    }
    assert given == {(500, 300): frozenset({"order.days_late"}), (300, 500): frozenset({"order.paid"})}

"""What the engine cannot hold is a problem with its place, before anything is published."""

from dataclasses import replace

from policyservice.assurance.engine_bounds import problems
from policyservice.rulebook.model import AllOf, Compare, Op, Place
from tests.engine.models import a_fact, a_rule, a_rulebook

PLACE = Place("shop/rules/all.yaml", 3, 5)


def test_a_rule_that_durable_rules_cannot_hold_is_named_with_its_place():
    facts = [a_fact(f"g.{number}") for number in range(250)]
    wide = AllOf(tuple(Compare(fact.name, Op.AT_LEAST, 1) for fact in facts))
    narrow = AllOf(wide.of[:50])
    book = a_rulebook(a_rule("narrow", narrow), replace(a_rule("wide", wide), place=PLACE), facts=facts)

    (problem,) = problems(book)

    assert problem.startswith("shop/rules/all.yaml:3:5: ")


def test_a_rulebook_within_the_bounds_has_no_problem():
    fact = a_fact("g.one")

    assert problems(a_rulebook(a_rule("narrow", Compare("g.one", Op.AT_LEAST, 1)), facts=[fact])) == []

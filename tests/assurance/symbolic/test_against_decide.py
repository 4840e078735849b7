"""The formulas answer every case as `decide()` does: generated rulebooks, and each policy test of the packs."""

from __future__ import annotations

from pathlib import Path

import pytest
import z3
from hypothesis import given, settings

from policyservice.assurance.policy_tests import as_context, as_request
from policyservice.assurance.symbolic import basis
from policyservice.assurance.symbolic.answer import Answer, case_of
from policyservice.assurance.symbolic.findings import Findings
from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.domain.vocabulary import Basis
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import Compare, Effect, EffectKind, FactRef, FirstKnown, Fixed, Op, Unpriced
from tests.assurance.symbolic import fixed
from tests.assurance.symbolic.fixed import as_limits, outcome
from tests.properties.rulebooks import LATE, Draw, a_book, a_context, a_rule
from tests.properties.running import QUICK, seeds

RULES = Path(__file__).parents[3] / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/pack.yaml"))


def assert_alike(book: CompiledRulebook, request: Request, context: Context) -> None:
    decided = decide(book, request, context)
    level = context.agent.trust_level if context.agent is not None else None
    symbols = case_of(book, request.reason, request.currency, level)
    answer = Answer(book, Findings(symbols), request.remedy, as_limits(context))
    asked = request.amount_minor
    found = answer.open() if asked is None else answer.asked(z3.IntVal(asked))
    rests_on = basis.of_open(answer, found.allow) if asked is None else basis.of_answer(answer, found.allow, asked)
    values = fixed.Fixed(answer, book.rulebook, request, context, decided)

    assert outcome(found, values) == decided.outcome.value
    assert values.truth(found.stretched) is decided.stretched
    assert values.number(rests_on) == (0 if decided.basis is None else basis.CODES[decided.basis])
    if decided.available_minor is not None:
        assert values.number(answer.available) == decided.available_minor


@settings(QUICK, max_examples=400)
@given(seeds)
def test_generated_rulebooks_are_answered_alike(seed: int):
    case = Draw(seed).case(asks=seed % 4 > 0)

    assert_alike(case.book, case.request, case.context)


def test_a_sum_beside_a_claim_without_one_rests_on_what_gives_the_sum():
    asked_for = Compare("reason", Op.IS, LATE)
    owed = Effect(EffectKind.ENTITLE, Basis.POLICY, remedy="credit", amount=Fixed(24))
    unpriced = FirstKnown((FactRef("order.price"), Unpriced()))
    unknown = Effect(EffectKind.ENTITLE, Basis.LAW, remedy="credit", amount=unpriced, cumulative=True)
    request = Request(LATE, "credit", "EUR", open_amount=True)

    for effects in ((owed, unknown), (unknown,)):
        rules = [a_rule(f"r{number}", asked_for, effect) for number, effect in enumerate(effects)]
        assert_alike(a_book(*rules), request, a_context())


@pytest.mark.parametrize("pack", PACKS)
def test_every_policy_test_of_a_pack_is_answered_alike(pack: str):
    rulebook = load_folders([RULES / pack])
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
    for test in rulebook.tests:
        assert_alike(book, as_request(test), as_context(rulebook, test))

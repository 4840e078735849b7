"""What twelve rules with four conditions take in either evaluator: `python -m tests.engine.measure`."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from policyservice.domain.vocabulary import FactType
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.rulebook.model import Op, Rulebook
from tests.engine.models import TODAY, Compare, a_fact, a_rule, a_rulebook, a_tier, at_least, eq, every


def twelve_rules() -> Rulebook:
    """Twelve rules for one reason, each with four conditions beside it."""
    rules = [
        a_rule(
            f"rule-{number}",
            every(
                eq("reason", "late"),
                at_least("order.days", number),
                Compare("order.paid", Op.AT_MOST, 10_000 - number),
                eq("order.kind", "abcd"[number % 4]),
                at_least("customer.tier", "regular"),
            ),
        )
        for number in range(12)
    ]
    facts = [
        a_fact("order.days"),
        a_fact("order.paid", FactType.MONEY),
        a_fact("order.kind", FactType.CODE, values=tuple("abcd")),
        a_tier(),
    ]
    return a_rulebook(*rules, facts=facts)


CASE = {"reason": "late", "order.days": 6, "order.paid": 700, "order.kind": "b", "customer.tier": "loyal"}


def microseconds(call: Callable[[], object], times: int) -> float:
    """The best of five rounds, per call, in time of this process: others may be using the machine."""
    rounds = []
    for _ in range(5):
        begun = process_time()
        for _ in range(times):
            call()
        rounds.append((process_time() - begun) / times * 1e6)
    return min(rounds)


def main() -> None:
    """Print both."""
    book = twelve_rules()
    compiled, durable = compile_rules(book), DurableMatcher(book)
    cases = {
        "two fire": CASE,
        "none fires": {**CASE, "order.kind": "d", "order.days": 0},
        "all unknown": {"reason": "late"},
    }
    for name, case in cases.items():
        one = microseconds(lambda case=case: compiled.evaluate(case, TODAY, "EUR"), 5000)
        other = microseconds(lambda case=case: durable.match(case, TODAY, "EUR"), 500)
        print(f"{name}: evaluate {one:.1f} us, DurableMatcher.match {other:.1f} us")
    durable.close()


if __name__ == "__main__":
    main()

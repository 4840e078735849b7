"""durable_rules, used as its examples show, gives wrong answers; the adapter falls into none of its numbered traps."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
import tomllib
from decimal import Decimal
from pathlib import Path
from random import Random

import durable_rules_engine
import pytest

from policyservice.domain.errors import EngineFault
from policyservice.domain.vocabulary import FactType
from policyservice.engine.chunks import bounds_exceeded
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.forms import LONGEST_TEXT, Properties
from policyservice.engine.matcher import DurableMatcher
from policyservice.engine.pieces import MOST_AT_ONCE, MOST_PROPERTIES
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, Rulebook
from tests.engine.models import TODAY, a_fact, a_rule, a_rulebook, a_tier, at_least, eq, every

PAID, DAYS, NOTE = a_fact("order.paid", FactType.MONEY), a_fact("order.days"), a_fact("note.kind", FactType.TEXT)
FACTS = [PAID, DAYS, NOTE, a_fact("order.gift", FactType.BOOLEAN), a_tier()]


@pytest.fixture
def matcher():
    """Makes matchers and closes them."""
    made: list[DurableMatcher] = []

    def make(*whens: Condition, facts=(), book: Rulebook | None = None) -> DurableMatcher:
        rules = [a_rule(f"rule-{number}", when) for number, when in enumerate(whens)]
        made.append(DurableMatcher(book or a_rulebook(*rules, facts=[*FACTS, *facts])))
        return made[-1]

    yield make
    for one in made:
        one.close()


def matched(matcher: DurableMatcher, **facts) -> tuple[str, ...]:
    """The rules for a late parcel; `order_days=3` is the fact order.days."""
    given = {"reason": "late", **{name.replace("_", ".", 1): value for name, value in facts.items()}}
    return matcher.match(given, TODAY, "EUR")


def many(number: int) -> list[str]:
    """The ids of so many rules, sorted."""
    return sorted(f"rule-{place}" for place in range(number))


# --- wrong answers ---------------------------------------------------------------------------------------


def test_trap_1_a_comparison_with_a_missing_fact_does_not_fire(matcher):
    whens = [Compare("order.paid", op, 500) for op in (Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN, Op.AT_LEAST, Op.IS_NOT)]
    one = matcher(*whens, Compare("order.paid", Op.NONE_OF, (1, 2)), Not(eq("order.paid", 500)))

    assert matched(one) == ()
    assert matched(one, order_paid=500) == ("rule-0", "rule-3", "rule-5")


def test_trap_2_values_of_another_type_are_refused_and_never_compared_by_spelling(matcher):
    one = matcher(at_least("order.days", 100), eq("order.gift", True), eq("note.kind", "5"))

    for name, value in (("order.days", "9"), ("order.days", True), ("order.days", 200.0), ("order.gift", 1)):
        with pytest.raises(EngineFault, match=name):
            one.match({"reason": "late", name: value}, TODAY, "EUR")
    with pytest.raises(EngineFault, match=r"note\.kind"):
        matched(one, note_kind=5)
    assert matched(one, note_kind="5") == ("rule-2",)
    assert one.rebuilt == 0


def test_trap_3_every_rule_that_holds_fires_not_only_the_first(matcher):
    one = matcher(*(at_least("order.days", days) for days in range(12)))

    assert matched(one, order_days=11) == tuple(many(12))


def test_trap_4_an_alternative_with_several_true_branches_fires_once(matcher):
    one = matcher(AnyOf(tuple(at_least("order.days", days) for days in range(5))))

    assert matched(one, order_days=9) == ("rule-0",)


def test_trap_5_the_order_of_the_rules_does_not_matter(matcher):
    rules = [a_rule(f"rule-{days}", at_least("order.days", days)) for days in range(20)]
    answers = set()
    for seed in range(5):
        Random(seed).shuffle(rules)
        answers.add(matched(matcher(book=a_rulebook(*rules, facts=FACTS)), order_days=9))

    assert answers == {tuple(many(10))}


def test_trap_6_one_session_and_one_fact_id_serve_every_decision(matcher):
    one = matcher(eq("order.days", 7))

    for days in range(1500):
        assert matched(one, order_days=days) == (("rule-0",) if days == 7 else ())
    assert sessions(one) == {"0"}


@pytest.mark.long
def test_trap_6_no_fact_is_taken_for_one_already_observed_over_100_000_distinct_ones(matcher):
    one = matcher(at_least("order.days", 0))

    for days in range(100_000):
        assert matched(one, order_days=days) == ("rule-0",)
    assert one.rebuilt == 0


def test_trap_6_no_two_properties_share_a_hash_with_each_other_or_with_a_word_of_the_library():
    names = Properties()
    facts = [f"g.{number}" for number in range(3000)]
    properties = [kind(fact) for fact in facts for kind in (names.value, names.presence)]
    words = ["s", "d", "c", "id", "sid", "$s", "$forward", "$m", "m", "$and", "$or", "$ex", "$nex", "$lt", "$lte"]
    words += ["$gt", "$gte", "$eq", "$neq", "$mt", "$imt", "$iall", "$iany", "$add", "$sub", "$mul", "$div", "$i"]

    hashes = [fnv_1a(name) for name in properties + words]

    assert fnv_1a("id") == 926444256  # as the library has it
    assert len(set(hashes)) == len(hashes)


def fnv_1a(text: str) -> int:
    """The library's hash of a property's name."""
    found = 2166136261
    for byte in text.encode():
        found = (found ^ byte) * 16777619 % 2**32
    return found


def test_trap_7_no_fact_of_one_decision_joins_with_the_next(matcher):
    one = matcher(every(at_least("order.days", 1), at_least("order.paid", 1)))

    assert matched(one, order_days=5) == ()
    assert matched(one, order_paid=5) == ()
    assert matched(one, order_days=5, order_paid=5) == ("rule-0",)
    assert left_behind(one) == []


def test_trap_8_texts_are_compared_for_equality_only_to_their_very_end(matcher):
    texts = [
        "abc",
        "abcd",
        "ab",
        "",
        "ä",
        "a\u0308",
        'quo"te',
        "back\\",
        "back\\\\",
        "true",
        "null",
        "x" * LONGEST_TEXT,
    ]
    one = matcher(*(eq("note.kind", text) for text in texts))

    for place, text in enumerate(texts):
        assert matched(one, note_kind=text) == (f"rule-{place}",)
    assert matched(one, note_kind="abcde") == ()


def test_trap_8_a_text_as_long_as_the_library_counts_is_not_taken_for_a_short_one(matcher):
    one = matcher(eq("note.kind", "abc"), Compare("note.kind", Op.IS_NOT, "abc"))

    for length in (LONGEST_TEXT + 1, 65_536, 65_539, 1_000_000):
        assert matched(one, note_kind=("abc" + "x" * length)[:length]) == ("rule-1",)


def test_trap_8_ordered_codes_compare_by_rank_and_not_by_spelling(matcher):
    one = matcher(at_least("customer.tier", "regular"), Compare("customer.tier", Op.LESS_THAN, "regular"))

    assert matched(one, customer_tier="new") == ("rule-1",)  # "new" < "regular" by spelling, too, but
    assert matched(one, customer_tier="regular") == ("rule-0",)
    assert matched(one, customer_tier="loyal") == ("rule-0",)  # "loyal" < "regular" by spelling


def test_trap_8_not_a_number_is_refused_so_that_a_forbidding_rule_cannot_be_dodged(matcher):
    one = matcher(at_least("order.paid", 1))

    with pytest.raises(EngineFault):
        matched(one, order_paid=float("nan"))


# --- lost results, crashes, bounds -----------------------------------------------------------------------


def test_trap_9_no_thread_of_the_library_runs(matcher):
    before = threading.active_count()
    one = matcher(at_least("order.days", 1))
    matched(one, order_days=1)

    assert threading.active_count() == before


def test_trap_9_four_callers_lose_nothing(matcher):
    one = matcher(*(eq("order.days", days) for days in range(4)))
    wrong: list[object] = []

    def call(days: int) -> None:
        for _ in range(150):
            if (answer := matched(one, order_days=days)) != (f"rule-{days}",):
                wrong.append(answer)

    threads = [threading.Thread(target=call, args=(days,)) for days in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert one.rebuilt == 0


def test_traps_9_to_11_the_host_of_the_library_with_its_threads_and_its_actions_is_not_used():
    started = "import sys, policyservice.engine.matcher; print('durable.engine' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"


def test_trap_10_an_error_amid_the_actions_is_a_fault_and_does_not_stay(matcher, monkeypatch):
    one = matcher(*(at_least("order.days", days) for days in (1, 1, 1)))
    once = failing_once(monkeypatch, "complete_and_start_action", SystemError("exception caught"), after=1)

    with pytest.raises(EngineFault, match="exception caught"):
        matched(one, order_days=1)
    assert once == []
    assert one.rebuilt == 1
    assert matched(one, order_days=1) == ("rule-0", "rule-1", "rule-2")


def test_trap_12_an_action_that_is_begun_and_never_completed_does_not_make_the_next_decision_wait(matcher, monkeypatch):
    one = matcher(at_least("order.days", 1))
    failing_once(monkeypatch, "complete_and_start_action", KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        matched(one, order_days=1)
    began = time.monotonic()
    assert matched(one, order_days=1) == ("rule-0",)
    assert time.monotonic() - began < 30  # the library keeps such a session silent for a minute


def test_trap_12_a_match_without_an_action_is_a_fault(matcher, monkeypatch):
    one = matcher(at_least("order.days", 1))
    with monkeypatch.context() as patched:
        patched.setattr(durable_rules_engine, "start_action_for_state", lambda *_: None)
        with pytest.raises(EngineFault):  # the rebuild runs into the same, and says so
            matched(one, order_days=1)
    assert matched(one, order_days=1) == ("rule-0",)


@pytest.mark.parametrize("code", [2, 3, 4])
def test_an_answer_that_is_neither_a_match_nor_none_is_a_fault(matcher, monkeypatch, code):
    one = matcher(at_least("order.days", 1))
    answers = [(code, 1)]
    assert_fact = durable_rules_engine.assert_fact
    monkeypatch.setattr(durable_rules_engine, "assert_fact", lambda *a: answers.pop() if answers else assert_fact(*a))

    with pytest.raises(EngineFault, match=f"answered by {code}"):
        matched(one, order_days=1)
    assert one.rebuilt == 1
    assert matched(one, order_days=1) == ("rule-0",)


def test_trap_13_hundreds_of_rules_true_at_once_all_fire(matcher):
    one = matcher(*(at_least("order.days", days) for days in range(300)))

    assert matched(one, order_days=299) == tuple(many(300))
    assert all(chunk.at_once <= MOST_AT_ONCE for chunk in one._chunks.all)


def test_trap_13_alternatives_that_are_all_true_do_not_overflow_either(matcher):
    wide = every(*(AnyOf((at_least("order.days", n), at_least("order.paid", n))) for n in range(3)))
    one = matcher(*(every(wide, at_least("order.days", number)) for number in range(40)))

    assert matched(one, order_days=50, order_paid=50) == tuple(many(40))


def test_trap_13_600_different_first_conditions_end(matcher):
    one = matcher(*(eq("order.days", days) for days in range(600)))

    assert matched(one, order_days=599) == ("rule-599",)


def test_trap_13_300_rules_on_one_single_condition_do_not_crash(matcher):
    one = matcher(*([eq("order.days", 1)] * 300))

    assert matched(one, order_days=1) == tuple(many(300))


def test_trap_13_one_rule_with_more_codes_than_a_rule_set_holds_is_split(matcher):
    codes = tuple(f"code-{number}" for number in range(1200))
    kind = a_fact("order.kind", FactType.CODE, values=codes)
    one = matcher(
        Compare("order.kind", Op.ONE_OF, codes[:1000]), Compare("order.kind", Op.NONE_OF, codes[:150]), facts=[kind]
    )

    assert matched(one, order_kind=codes[999]) == ("rule-0", "rule-1")
    assert matched(one, order_kind=codes[1000]) == ("rule-1",)
    assert matched(one, order_kind=codes[0]) == ("rule-0",)


def test_trap_13_a_rule_that_cannot_be_split_small_enough_is_named_before_it_is_used():
    facts = [a_fact(f"g.{number}") for number in range(MOST_PROPERTIES + 1)]
    fits = every(*(at_least(fact.name, 1) for fact in facts[: MOST_PROPERTIES // 2]))
    too_large = every(*(at_least(fact.name, 1) for fact in facts))
    book = a_rulebook(a_rule("fits", fits), a_rule("too-large", too_large), facts=facts)

    assert set(bounds_exceeded(book)) == {"too-large"}
    with pytest.raises(EngineFault, match="too-large"):
        DurableMatcher(book)


def test_trap_14_more_decisions_than_the_library_has_sessions_use_one(matcher):
    one = matcher(at_least("order.days", 1))

    for _ in range(1100):
        assert matched(one, order_days=1) == ("rule-0",)
    assert sessions(one) == {"0"}


def test_trap_15_a_rule_about_an_absent_fact_does_not_match_the_engines_own_state(matcher):
    one = matcher(Compare("order.days", Op.PRESENT, False), AllOf(()), Not(Compare("order.paid", Op.PRESENT, True)))

    assert matched(one) == ("rule-0", "rule-1", "rule-2")
    assert matched(one, order_days=1, order_paid=1) == ("rule-1",)


@pytest.mark.parametrize("value", [Decimal("1"), 1e30, float("inf"), None, [1], {"a": 1}])
def test_trap_16_what_the_library_cannot_read_is_refused_before_it(matcher, value):
    one = matcher(at_least("order.paid", 1))

    with pytest.raises(EngineFault, match=r"order\.paid"):
        matched(one, order_paid=value)
    assert one.rebuilt == 0


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_trap_16_half_a_character_is_refused_without_touching_the_engine(matcher, text):
    one = matcher(eq("note.kind", "a"))

    with pytest.raises(EngineFault, match="half a character"):
        matched(one, note_kind=text)
    assert one.rebuilt == 0


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\x01", "\x02", "\u2028", "\U0001f600"])
def test_trap_16_odd_characters_are_texts_like_any_other(matcher, text):
    one = matcher(eq("note.kind", text), Compare("note.kind", Op.IS_NOT, text))

    assert matched(one, note_kind=text) == ("rule-0",)
    assert matched(one, note_kind="other") == ("rule-1",)


def test_trap_16_a_case_with_more_facts_than_a_message_holds_is_told_in_parts(matcher):
    facts = [a_fact(f"g.f{number}") for number in range(600)]
    one = matcher(*(every(*(at_least(f.name, 1) for f in facts[n : n + 60])) for n in range(0, 600, 60)), facts=facts)

    given = {"reason": "late", **{fact.name: 1 for fact in facts}}

    assert one.match(given, TODAY, "EUR") == tuple(many(10))
    assert one.match({**given, "g.f0": 0}, TODAY, "EUR") == tuple(many(10)[1:])


@pytest.mark.parametrize("name", ["id", "sid", "$s", "s", "m.id", "order.$and", 'quo"te'])
def test_trap_16_facts_may_have_the_names_that_the_library_keeps_to_itself(matcher, name):
    one = matcher(eq(name, 1), facts=[a_fact(name)])

    assert one.match({"reason": "late", name: 1}, TODAY, "EUR") == ("rule-0",)
    assert one.match({"reason": "late", name: 2}, TODAY, "EUR") == ()


def test_trap_17_no_match_is_an_empty_answer(matcher):
    assert matched(matcher(at_least("order.days", 1)), order_days=0) == ()


def test_trap_17_a_matcher_can_be_built_again_from_the_same_rulebook(matcher):
    book = a_rulebook(a_rule("rule-0", at_least("order.days", 1)), facts=FACTS)

    for _ in range(3):
        one = matcher(book=book)
        one._rebuild()
        assert matched(one, order_days=1) == ("rule-0",)


def test_trap_17_memory_stays_flat_over_reloads():
    book = a_rulebook(*(a_rule(f"r{n}", at_least("order.days", n)) for n in range(120)), facts=FACTS)

    def reload() -> None:
        one = DurableMatcher(book)
        matched(one, order_days=60)
        one.close()

    assert growth_in_kib(reload, warm_up=5, times=40) < 8_000  # one alone takes some 3,000


def test_memory_stays_flat_over_decisions(matcher):
    one = matcher(*(at_least("order.days", days) for days in range(12)))

    assert growth_in_kib(lambda: matched(one, order_days=9), warm_up=200, times=1500) < 2_000


@pytest.mark.long
def test_memory_stays_flat_over_many_decisions_and_reloads():
    book = a_rulebook(*(a_rule(f"r{n}", at_least("order.days", n)) for n in range(120)), facts=FACTS)
    compiled = compile_rules(book)

    def reload() -> None:
        one = DurableMatcher(book)
        for days in range(150):
            findings = compiled.evaluate({"reason": "late", "order.days": days}, TODAY, "EUR")
            assert matched(one, order_days=days) == findings.fired
        one.close()

    assert growth_in_kib(reload, warm_up=20, times=600) < 8_000


def test_trap_18_the_package_asks_for_a_python_that_can_import_the_library():
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert pyproject["project"]["requires-python"] == ">=3.11,<3.13"
    assert sys.version_info < (3, 13)


def test_a_matcher_that_never_matched_anything_can_be_closed():
    # A session in which no action ever ran frees pointers that were never set, and takes the process with it.
    for _ in range(60):
        DurableMatcher(a_rulebook(a_rule("rule-0", at_least("order.days", 1)), facts=FACTS)).close()


# --- looking inside --------------------------------------------------------------------------------------


def sessions(one: DurableMatcher) -> set[str]:
    """The sessions that the rule sets of a matcher ever used."""
    return {json.loads(durable_rules_engine.get_state(handle, None))["sid"] for handle in one._handles.values()}


def left_behind(one: DurableMatcher) -> list[object]:
    """The facts that the rule sets of a matcher still hold."""
    handles = one._handles.values()
    return [fact for handle in handles for fact in json.loads(durable_rules_engine.get_facts(handle, None))]


def failing_once(monkeypatch, function: str, error: BaseException, *, after: int = 0) -> list[BaseException]:
    """Have a function of the library raise, once, after so many calls; empties the list that it answers with."""
    waiting, calls, real = [error], iter(range(1_000_000)), getattr(durable_rules_engine, function)

    def fails(*arguments):
        if waiting and next(calls) == after:
            raise waiting.pop()
        return real(*arguments)

    monkeypatch.setattr(durable_rules_engine, function, fails)
    return waiting


def growth_in_kib(call, *, warm_up: int, times: int) -> int:
    """How much the process grew over `times` calls after `warm_up` ones, in KiB."""
    for _ in range(warm_up):
        call()
    before = resident_kib()
    for _ in range(times):
        call()
    return resident_kib() - before


def resident_kib() -> int:
    """The memory this process has now; where the system does not tell, the most it ever had."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

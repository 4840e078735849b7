"""durable_rules behind one narrow interface: the first evaluator, and the only file that knows the library.

The library is not safe as its own examples use it; what is done here, and why:
its C functions without its Python host, since that starts timer threads which run actions of their own, swallows what
goes wrong in actions, and takes three times as long; one lock; one session, used again and again, since sessions are
found by a short hash and are never quite freed; one fixed fact id, asserted, collected and retracted, since facts
outlive the call and join with later ones; of an action nothing but its name, which says which rule matched. Values are
typed strictly before they are sent, since the library compares across types by spelling; integers are exact within 64
bits and refused beyond, since it would cut them; texts are only compared for equality. On any surprise everything is
thrown away and built anew, and the caller gets an EngineFault.

Chaining goes by strata: assert, collect, retract, and assert again with what was concluded.

Source: decision.md section 4. Each trap has its test in tests/engine/test_traps.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock

import durable_rules_engine as durable

from policyservice.domain.errors import EngineFault
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.chaining import Case, DerivedFacts, Route, exact
from policyservice.engine.chunks import Chunk, Chunks, durable_condition
from policyservice.engine.forms import CURRENCY, DAY, SHARD
from policyservice.engine.shards import REASON
from policyservice.rulebook.model import ProvidedBy, Rulebook

_FACT_ID = "case"
_SMOKE = -1
_MATCHED, _UNMATCHED = 0, 1  # what the library answers a fact with
_NO_FACTS = "[]"
_JSON = json.JSONEncoder(ensure_ascii=False).encode
_RETRACTED = _JSON({"id": _FACT_ID})
_PYTHON_TYPES: dict[FactType, type] = {
    FactType.BOOLEAN: bool,
    FactType.INTEGER: int,
    FactType.MONEY: int,
    FactType.DATE: int,
    FactType.CODE: str,
    FactType.TEXT: str,
}


class DurableMatcher:
    """A rulebook in durable_rules. Thread-safe by one lock; holds memory of the C library until `close()`.

    Raises:
        EngineFault: a rule is beyond the library's bounds; see `engine.chunks.bounds_exceeded`.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._chunks = Chunks(rulebook)
        if self._chunks.too_large:
            rule, why = next(iter(self._chunks.too_large.items()))
            raise EngineFault(f"The rule {rule} is too large for the engine. {why}")
        self._lock = Lock()
        self._handles: dict[int, int] = {}  # the library's rule sets, by number of the chunk
        self._is_open = False
        self._closed = False
        self._routes: dict[str, Route] = {}
        self._facts = DerivedFacts(rulebook, self._chunks)
        self._carried = {chunk.number: _carried(chunk, self._chunks.names.by_name) for chunk in self._chunks.all}
        self.rebuilt = 0
        self._open()

    def match(self, given: Mapping[str, FactValue], day: int, currency: str) -> tuple[str, ...]:
        """Ids of the rules that fire, sorted. `given`, `day` and `currency` as for `CompiledRules.evaluate`.

        Raises:
            EngineFault: the library failed or surprised, a value is nothing it can hold, or rules conclude two
                values for one fact.
        """
        known = _checked(given, self._rulebook)
        with self._lock:
            if self._closed:
                raise EngineFault("The matcher is closed.")
            if not self._is_open:
                self._rebuild()
            return self._match(known, day, currency)

    def close(self) -> None:
        """Give back what the C library holds; afterwards `match` raises."""
        with self._lock:
            self._closed = True
            self._release()

    # --- one decision --------------------------------------------------------------------------------

    def _match(self, given: dict[str, FactValue], day: int, currency: str) -> tuple[str, ...]:
        reason = str(given[REASON]) if given.get(REASON) in self._chunks.shards.fixed else ""
        route = self._routes.get(reason)
        if route is None:
            route = self._routes[reason] = Route(self._chunks, self._rulebook, reason)
        case = Case(given, day, currency, route)
        for stratum in range(self._chunks.strata.count):
            self._facts.resolve(case, stratum)
            for chunk in route.chunks[stratum]:
                for number in self._collect(chunk, self._fact(chunk, case)):
                    piece = chunk.pieces[number]
                    (case.holding if piece.holds else case.failing).add(piece.rule)
            case.pick(stratum)
        self._facts.resolve(case, self._chunks.strata.count)
        return tuple(sorted(case.fired))

    def _fact(self, chunk: Chunk, case: Case) -> dict[str, FactValue]:
        """What one rule set is told: only what its rules ask about, and nothing that is not known."""
        fact: dict[str, FactValue] = {"id": _FACT_ID, SHARD: chunk.number, DAY: case.day, CURRENCY: case.currency}
        values, presences = self._carried[chunk.number]
        for name, carrier in values:
            if name in case.known:
                fact[carrier] = case.known[name]
        for name, carrier in presences:
            fact[carrier] = name in case.known and name not in case.presumed
        return fact

    def _collect(self, chunk: Chunk, fact: dict[str, FactValue]) -> set[int]:
        """The places of the pieces that match; whatever goes wrong, no fact and no session in doubt stays behind."""
        try:
            return self._asserted(self._handles[chunk.number], fact)
        except Exception as surprise:
            self._rebuild()
            raise EngineFault(f"The rule engine failed ({type(surprise).__name__}: {surprise}).") from surprise
        except BaseException:
            self._release()
            raise

    def _asserted(self, handle: int, fact: dict[str, FactValue]) -> set[int]:
        code, state = durable.assert_fact(handle, _JSON(fact))
        if code not in (_MATCHED, _UNMATCHED):
            raise RuntimeError(f"to assert a fact was answered by {code}")
        try:
            matched = _places(handle, state) if code == _MATCHED else set()
        finally:
            durable.retract_fact(handle, _RETRACTED)
        if durable.get_facts(handle, None) != _NO_FACTS:
            raise RuntimeError("a fact was left behind")
        return matched

    # --- building, releasing -------------------------------------------------------------------------

    def _open(self) -> None:
        self._is_open = True
        try:
            for chunk in self._chunks.all:
                rules = {str(place): durable_condition(chunk, piece) for place, piece in enumerate(chunk.pieces)}
                rules[str(_SMOKE)] = [{"m": {"$and": [{SHARD: _SMOKE}]}}]
                definition = _JSON({name: {"all": condition} for name, condition in rules.items()})
                handle = durable.create_ruleset(str(chunk.number), definition)
                self._handles[chunk.number] = handle
                self._begin_session(handle)
        except Exception as surprise:
            self._release()
            raise EngineFault(
                f"The rule engine refused the rules ({type(surprise).__name__}: {surprise})."
            ) from surprise

    def _begin_session(self, handle: int) -> None:
        """Make the one session of a rule set, by a first fact that runs an action, then one that no rule can match.

        A session in which no action ever ran holds pointers that the library never set and frees when it is deleted.
        """
        if self._asserted(handle, {"id": _FACT_ID, SHARD: _SMOKE}) != {_SMOKE}:
            raise RuntimeError("the first fact did not match")
        if self._asserted(handle, {"id": _FACT_ID}):
            raise RuntimeError("an empty fact matched")

    def _rebuild(self) -> None:
        self.rebuilt += 1
        self._release()
        self._open()

    def _release(self) -> None:
        """Sessions first, then rule sets: the other way round their memory is lost."""
        self._is_open = False
        handles, self._handles = self._handles, {}
        for handle in handles.values():
            try:
                durable.delete_state(handle, None)
            except Exception:  # a rule set whose session was never begun
                continue
            finally:
                durable.delete_ruleset(handle)


def _places(handle: int, state: int) -> set[int]:
    """The places of the rules that match: each has one action, which is begun, seen, and completed.

    An alternative matches once for every branch that is true.
    """
    begun = durable.start_action_for_state(handle, state)
    if not begun:
        raise RuntimeError("a rule matched and no action ran")
    places, message = set(), begun[1]
    while message:
        places.add(int(message[2 : message.index('"', 2)]))  # {"PLACE": {"m": {...}}}
        message = durable.complete_and_start_action(handle, state)
    return places


def _carried(chunk: Chunk, by_name: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The facts whose value, and those whose presence, a rule set asks about, each with its property."""
    pairs = [(by_name[name], name) for name in sorted(chunk.properties) if name in by_name]
    return [p for p in pairs if p[1].startswith("v")], [p for p in pairs if p[1].startswith("h")]


def _checked(given: Mapping[str, FactValue], rulebook: Rulebook) -> dict[str, FactValue]:
    """The given facts, each of exactly its declared type and within what the library compares exactly."""
    known: dict[str, FactValue] = {}
    for name, value in given.items():
        declared = rulebook.facts.get(name)
        wanted = str if name == REASON else _PYTHON_TYPES[declared.type] if declared is not None else None
        if wanted is None or (declared is not None and declared.provided_by is ProvidedBy.RULES):
            continue
        if type(value) is not wanted:
            raise EngineFault(f"The fact {name} is of type {type(value).__name__}, not {wanted.__name__}.")
        known[name] = exact(name, value)
    return known

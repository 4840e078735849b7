"""Conditions: facts against constants and parameters, combined by all, any and not."""

from __future__ import annotations

from collections.abc import Iterator

from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, ParameterRef
from policyservice.rulebook.problems import an
from policyservice.rulebook.read.names import REASON, FactKind
from policyservice.rulebook.read.reading import Reading, items, scalars
from policyservice.rulebook.read.values import value
from policyservice.rulebook.text.nodes import Kind, Mapped, Node, Scalar

_BY_ORDER = frozenset({Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN})
_WITH_ORDER = frozenset({FactType.INTEGER, FactType.MONEY, FactType.DATE})
_AMONG = {Op.IS: Op.ONE_OF, Op.IS_NOT: Op.NONE_OF, Op.ONE_OF: Op.ONE_OF, Op.NONE_OF: Op.NONE_OF}


def condition(reading: Reading, node: Mapped) -> Condition:
    """What a mapping demands: all of its entries. An entry that cannot be read is left out and was noted."""
    return _together([part for key, found in node.items() for part in _entry(reading, key, found)])


def _together(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _entry(reading: Reading, key: Scalar, node: Node) -> list[Condition]:
    match key.text:
        case "all":
            return [AllOf(_parts(reading, node))]
        case "any":
            return [AnyOf(_parts(reading, node))]
        case "not":
            return [Not(condition(reading, node))] if isinstance(node, Mapped) else []
    fact = fact_named(reading, key)
    return list(compares(reading, fact, node)) if fact is not None else []


def _parts(reading: Reading, node: Node) -> tuple[Condition, ...]:
    return tuple(condition(reading, part) for part in items(node) if isinstance(part, Mapped))


def fact_named(reading: Reading, node: Scalar) -> FactKind | None:
    """The fact of that name, declared, reckoned or `reason`; None, and a problem noted, where there is none."""
    names = reading.names
    fact = names.kind_of(node.text)
    if fact is None:
        reading.known("facts", node, {*names.facts, *names.reckoned})
    elif fact.currency is not None and fact.currency != reading.currency:
        reading.note(
            node.place,
            f"`{fact.name}` is reckoned with sums in {fact.currency}; this file is in {reading.currency}, and sums are "
            "never converted",
        )
        return None
    return fact


def compares(reading: Reading, fact: FactKind, node: Node) -> Iterator[Compare]:
    """The comparisons that a value, or a mapping of operators, makes with a fact."""
    if isinstance(node, Scalar):
        yield from _compare(reading, fact, Op.IS, node, node)
    elif isinstance(node, Mapped):
        for key, operand in node.items():
            yield from _compare(reading, fact, Op(key.text), key, operand)


def _compare(reading: Reading, fact: FactKind, op: Op, key: Scalar, operand: Node) -> Iterator[Compare]:
    if op is Op.PRESENT and isinstance(operand, Scalar):
        if fact.name == REASON:
            reading.note(key.place, "every case has a `reason`, so it is always present; take this out")
        else:
            yield Compare(fact.name, op, operand.value is True)
        return
    if op in _BY_ORDER and not _has_order(fact):
        without = " without an order" if fact.type is FactType.CODE else ""
        reading.note(
            key.place, f"`{op.value}` compares by order, but `{fact.name}` is {an(fact.type.value)} fact{without}"
        )
        return
    if fact.name == REASON and op in _AMONG:
        yield from _of_reason(reading, op, operand)
        return
    found = _constants(reading, fact, operand) if op in (Op.ONE_OF, Op.NONE_OF) else _single(reading, fact, operand)
    if found is not None:
        yield Compare(fact.name, op, found)


def _has_order(fact: FactKind) -> bool:
    return fact.type in _WITH_ORDER or (fact.type is FactType.CODE and fact.ordered)


def _single(reading: Reading, fact: FactKind, node: Node) -> FactValue | ParameterRef | None:
    return value(reading, node, fact) if isinstance(node, Scalar) else None


def _constants(reading: Reading, fact: FactKind, node: Node) -> tuple[FactValue, ...] | None:
    """The values of a list, in the order written; None where there is none."""
    found: list[FactValue] = []
    for item in _once(reading, node):
        if _is_parameter(reading, fact, item):
            reading.note(
                item.place, f"a list takes constants; `{item.text}` is a parameter: compare with it in an `any`"
            )
            continue
        one = value(reading, item, fact, parameters=False)
        if one is not None and not isinstance(one, ParameterRef):
            found.append(one)
    return tuple(found) or None


def _is_parameter(reading: Reading, fact: FactKind, node: Scalar) -> bool:
    if node.kind is not Kind.TEXT or fact.type in (FactType.TEXT, FactType.BOOLEAN):
        return False
    return node.text in reading.names.parameters and node.text not in fact.values


def _once(reading: Reading, node: Node) -> Iterator[Scalar]:
    """The scalars of a list; one that stands there twice is noted."""
    seen: set[tuple[Kind, str]] = set()
    for item in scalars(node):
        if (item.kind, item.text) in seen:
            reading.note(item.place, f"`{item.text}` stands in this list twice; take one out")
            continue
        seen.add((item.kind, item.text))
        yield item


def _of_reason(reading: Reading, op: Op, operand: Node) -> Iterator[Compare]:
    """Groups stand for the reasons in them, so that no rule depends on how reasons are called."""
    is_list = op in (Op.ONE_OF, Op.NONE_OF)
    nodes = list(_once(reading, operand)) if is_list else [operand] if isinstance(operand, Scalar) else []
    found: dict[str, None] = {}
    for node in nodes:
        if node.kind is not Kind.TEXT:
            value(reading, node, FactKind(REASON, FactType.CODE))  # notes what was expected
            continue
        found.update(dict.fromkeys(reading.reasons_of(node)))
    if not found:
        return
    if not is_list and not nodes[0].text.endswith(".*"):
        yield Compare(REASON, op, nodes[0].text)
    else:
        yield Compare(REASON, _AMONG[op], tuple(found))


def is_positive(found: Condition) -> bool:
    """Whether some fact must be compared for the condition to hold, in every branch of an `any`, not under `not`."""
    match found:
        case Compare(op=op, value=compared):
            return not (op is Op.PRESENT and compared is False)
        case AllOf(of=parts):
            return any(is_positive(part) for part in parts)
        case AnyOf(of=parts):
            return bool(parts) and all(is_positive(part) for part in parts)
        case Not():
            return False


def facts_in(found: Condition) -> frozenset[str]:
    """The facts that a condition compares."""
    return frozenset(compare.fact for compare in _compared(found))


def parameters_in(found: Condition) -> frozenset[str]:
    """The parameters that a condition compares with."""
    return frozenset(c.value.name for c in _compared(found) if isinstance(c.value, ParameterRef))


def _compared(found: Condition) -> Iterator[Compare]:
    match found:
        case Compare():
            yield found
        case Not(of=part):
            yield from _compared(part)
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from _compared(part)

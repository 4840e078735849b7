"""From the texts of packs to one checked, immutable rulebook; all problems at once, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from policyservice.domain.errors import FieldProblem, RulebookRefused
from policyservice.domain.limits import Limit, LimitSet
from policyservice.domain.money import exponent
from policyservice.rulebook.check.whole import check_whole
from policyservice.rulebook.digest import digest
from policyservice.rulebook.documents import Document, Documents, read_documents
from policyservice.rulebook.model import CostSet, Invariant, Pack, Place, PolicyTest, Rulebook
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.read.costs import cost_set, speed_target
from policyservice.rulebook.read.declarations import declare
from policyservice.rulebook.read.invariants import invariant
from policyservice.rulebook.read.limits import limit
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.pack import check_safe_floor, pack
from policyservice.rulebook.read.policy_tests import Ids, policy_test
from policyservice.rulebook.read.reading import Reading, items
from policyservice.rulebook.read.rules import Read, RuleReader
from policyservice.rulebook.source import Sources, read_packs
from policyservice.rulebook.text.nodes import Mapped, is_whole

OPENING_VERSION = 0


def load_folders(folders: Iterable[Path | str], *, currency: str | None = None) -> Rulebook:
    """The rulebook of the packs in some folders.

    Raises:
        RulebookRefused: a folder is no pack, or as `load`.
    """
    return load(read_packs([Path(folder) for folder in folders]), currency=currency)


def load(sources: Sources, *, currency: str | None = None) -> Rulebook:
    """The rulebook of some packs: pack -> path -> text.

    With `currency` every sum is read in that currency in place of the stated one, which needs as many decimals. The
    order of the packs does not matter.

    Raises:
        RulebookRefused: every problem, as "PACK/file:line:column: what is wrong, what to try", sorted.
    """
    if currency is not None:
        _require_currency(currency)
    problems = Problems()
    documents = read_documents(sources, currency, problems)
    names = Names(problems)
    packs = _packs(documents, names)
    names = declare(documents, packs, problems)
    for document in documents.of("pack"):
        check_safe_floor(_reading(document, names), document.root)
    rules = _rules(documents, names)
    limits = _limits(documents, names)
    costs = _costs(documents, names)
    targets = tuple(
        speed_target(_reading(document, names), node) for document, node in _nodes(documents, "costs", "targets")
    )
    tests = _tests(documents, names, rules, limits)
    invariants = _invariants(documents, names)
    check_whole(names, rules)
    problems.refuse()
    return Rulebook(
        packs=tuple(packs.values()),
        facts=names.facts,
        reckoned=names.reckoned,
        remedies=names.remedies,
        reasons=names.reasons,
        trust_levels=names.trust_levels,
        rules=tuple(read.rule for read in rules),
        parameters=names.parameters,
        opening_limits=LimitSet(OPENING_VERSION, limits),
        costs=costs,
        targets=targets,
        tests=tests,
        digest=digest(sources),
        invariants=invariants,
    )


def _require_currency(currency: str) -> None:
    try:
        exponent(currency)
    except FieldProblem as problem:
        raise RulebookRefused([f"'{currency}' {problem.errors[0].message}"]) from None


def _reading(document: Document, names: Names) -> Reading:
    return Reading(document.pack, document.currency, names)


def _packs(documents: Documents, names: Names) -> dict[str, Pack]:
    found = (pack(_reading(document, names), document.pack, document.root) for document in documents.of("pack"))
    return {pack.name: pack for pack in found}


def _nodes(documents: Documents, kind: str, key: str) -> Iterable[tuple[Document, Mapped]]:
    for document in documents.of(kind):
        for node in items(document.root.get(key)):
            if isinstance(node, Mapped):
                yield document, node


def _rules(documents: Documents, names: Names) -> list[Read]:
    """Every rule; a second one of an id is noted."""
    found: list[Read] = []
    first: dict[str, Place | None] = {}
    for document in documents.of("rules"):
        if not is_whole(document.root):
            names.unsure.add("rules")
        for read in RuleReader(_reading(document, names)).read(document.root):
            rule = read.rule
            if rule.id in first and rule.place is not None:
                names.problems.add(
                    rule.place, f"a second rule has the id `{rule.id}` (first at {first[rule.id]}); rename one"
                )
            first.setdefault(rule.id, rule.place)
            found.append(read)
    return found


def _limits(documents: Documents, names: Names) -> tuple[Limit, ...]:
    """Every opening limit; packs may state one of an id alike."""
    found: dict[str, tuple[Limit, Document, Place]] = {}
    for document, node in _nodes(documents, "limits", "limits"):
        if not is_whole(document.root):
            names.unsure.add("limits")
        stated = limit(_reading(document, names), node)
        known = found.setdefault(stated.id, (stated, document, node.place))
        if known[0] is stated:
            continue
        alike = replace(stated, title=known[0].title) == known[0]
        if known[1].pack == document.pack or not alike:
            names.problems.add(
                node.place,
                f"a second limit has the id `{stated.id}` (first at {known[2]}); rename one, or state both alike",
            )
    return tuple(stated for stated, _, _ in found.values())


def _costs(documents: Documents, names: Names) -> tuple[CostSet, ...]:
    return tuple(cost_set(_reading(document, names), node) for document, node in _nodes(documents, "costs", "costs"))


def _tests(
    documents: Documents, names: Names, rules: Sequence[Read], limits: tuple[Limit, ...]
) -> tuple[PolicyTest, ...]:
    ids = Ids(frozenset(read.rule.id for read in rules), frozenset(limit.id for limit in limits))
    return tuple(
        policy_test(_reading(document, names), node, document.root, ids)
        for document, node in _nodes(documents, "tests", "cases")
    )


def _invariants(documents: Documents, names: Names) -> tuple[Invariant, ...]:
    """Every invariant; a second one of an id is noted."""
    found: dict[str, Invariant] = {}
    for document, node in _nodes(documents, "invariants", "invariants"):
        stated = invariant(_reading(document, names), node)
        if stated is None:
            continue
        known = found.setdefault(stated.id, stated)
        if known is not stated:
            names.problems.add(
                node.place, f"a second invariant has the id `{stated.id}` (first at {known.place}); rename one"
            )
    return tuple(found.values())

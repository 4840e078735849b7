"""Takes what the company's own systems say of an order or a customer, one subject at a time or many."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from policyservice.cases import verified
from policyservice.cases.verified import VerifiedFacts
from policyservice.decisions.given_facts import collect, read_facts, shown
from policyservice.decisions.services import Services
from policyservice.decisions.values import a_reference, an_instant
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.money import exponent
from policyservice.domain.pseudonyms import ANY, PersonalKind
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import Rulebook

SUBJECTS = (PersonalKind.ORDER, PersonalKind.CUSTOMER)
_FIELDS = ("source", "at", "currency", "facts")
_BATCH = 500
_COLUMNS = ("ref", "source", "at", "currency")


def taken(raw: Mapping[str, object], rulebook: Rulebook, now: datetime) -> VerifiedFacts:
    """What a system says of one subject, checked against a rulebook's vocabulary.

    `raw` has `source` (the system's name), perhaps `at` (since when it says so; now when left out), `currency`
    (required where a fact is money) and `facts`, as a decision takes them; facts that only systems may provide are
    taken as well.

    Raises:
        InvalidRequest: every field at fault.
    """
    errors: list[FieldError] = [
        FieldError(str(name)[:80], "is unknown: not a field of this request.") for name in raw if name not in _FIELDS
    ]
    source = collect(errors, lambda: a_reference("source", raw.get("source")))
    at = collect(errors, lambda: _instant(raw.get("at"), now))
    facts = raw.get("facts")
    if not isinstance(facts, Mapping):
        raise InvalidRequest([*errors, FieldError("facts", "expected an object of facts by name.")])
    currency = collect(errors, lambda: _currency(raw.get("currency"), facts, rulebook))
    read_facts(facts, rulebook, currency, errors, from_systems=True)
    errors += [
        FieldError(f"facts.{shown(name)}", "is what this service has in the place of a text; send the text itself.")
        for name, value in facts.items()
        if isinstance(value, str) and ANY.fullmatch(value)
    ]
    if errors:
        raise InvalidRequest(errors)
    return VerifiedFacts(source or "", at or now, currency, dict(facts))


def put(services: Services, conn: Connection, kind: PersonalKind, ref: str, said: VerifiedFacts) -> None:
    """Keep what a system says of one subject instead of what was said before."""
    verified.put(conn, [(services.pseudonyms.of(kind, ref), said)], services.clock.now())


def import_lines(
    services: Services, conn: Connection, kind: PersonalKind, lines: Iterable[str], rulebook: Rulebook
) -> int:
    """Keep what a CSV text says of many subjects, all or none; how many.

    Its columns are `ref`, `source`, `at`, `currency` and then facts by name; an empty cell says nothing.

    Raises:
        InvalidRequest: every line at fault, as "line 3.facts.order.paid"; csv.Error: it is no CSV.
    """
    now = services.clock.now()
    batch: list[tuple[str, VerifiedFacts]] = []
    seen: set[str] = set()
    errors: list[FieldError] = []
    for where, raw in _rows(lines, rulebook):
        try:
            ref = a_reference("ref", raw.pop("ref"))
            subject = services.pseudonyms.of(kind, ref)
            if subject in seen:
                raise FieldProblem("ref", "stands in the file twice.")
            seen.add(subject)
            batch.append((subject, taken(raw, rulebook, now)))
        except InvalidRequest as refused:
            errors += [FieldError(f"{where}.{error.field}", error.message) for error in refused.errors]
        if len(batch) == _BATCH and not errors:
            verified.put(conn, batch, now)
            batch = []
    if errors:
        raise InvalidRequest(errors)
    verified.put(conn, batch, now)
    return len(seen)


def _instant(value: object, now: datetime) -> datetime:
    at = now if value is None else an_instant("at", value)
    if at > now:
        raise FieldProblem("at", "is in the future; it says since when this is known.")
    return at


def _currency(value: object, facts: Mapping[Any, object], rulebook: Rulebook) -> str | None:
    is_money = any(
        rulebook.facts[name].type is FactType.MONEY
        for name in facts
        if isinstance(name, str) and name in rulebook.facts
    )
    if value is None:
        if is_money:
            raise FieldProblem("currency", "is required beside facts that are money.")
        return None
    if not isinstance(value, str):
        raise FieldProblem("currency", "expected an ISO 4217 code such as 'EUR'.")
    exponent(value[:10])
    return value


def _rows(lines: Iterable[str], rulebook: Rulebook) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(lines, restkey="", strict=True)
    columns = tuple(reader.fieldnames or ())
    names = columns[len(_COLUMNS) :]
    if columns[: len(_COLUMNS)] != _COLUMNS or len(set(columns)) != len(columns):
        raise InvalidRequest(
            [FieldError("line 1", f"expected the columns {','.join(_COLUMNS)} and then facts by name, each once.")]
        )
    for row in reader:
        where = f"line {reader.line_num}"
        if "" in row or None in row.values():
            raise InvalidRequest([FieldError(where, f"expected {len(columns)} values.")])
        yield where, _raw(row, names, rulebook)


def _raw(row: Mapping[str, str], names: Sequence[str], rulebook: Rulebook) -> dict[str, Any]:
    cells = {name: cell.strip() for name, cell in row.items()}
    facts = {name: _value(cells[name], name, rulebook) for name in names if cells[name]}
    return {**{name: cells[name] or None for name in _COLUMNS}, "ref": cells["ref"], "facts": facts}


def _value(cell: str, name: str, rulebook: Rulebook) -> Any:
    """The cell as JSON would say it: a number, true or false where the fact is one, else a text."""
    fact = rulebook.facts.get(name)
    if fact is not None and fact.type in (FactType.INTEGER, FactType.BOOLEAN):
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return cell

"""Takes what was heard of a case afterwards: checked, pseudonymised, told apart from copies, and kept.

Nothing is lost: what names a case that is not known (yet) is kept and tied to it when it appears; what comes late or
contradicts an earlier record is kept beside it. Only an exact copy is not kept twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.exc import IntegrityError

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.cases import outcomes
from policyservice.cases.outcomes import Outcome, OutcomeKind, Score
from policyservice.db.tables import decision
from policyservice.decisions.services import Services, tell
from policyservice.decisions.sight import dealt_with
from policyservice.decisions.transactions import in_transaction
from policyservice.decisions.values import LONGEST_JUSTIFICATION, a_reference, a_text, an_instant
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, NotFound
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms, Reference
from policyservice.personal.kept import Personal, keep_now

AHEAD = timedelta(minutes=5)
"""How far the clock of another system may be ahead."""
SCORES = (-1000, 1000)
"""The scales that are taken, both ends included."""

_FIELDS = frozenset(
    {
        "kind",
        "at",
        "case",
        "customer",
        "decision",
        "ref",
        "source",
        "channel",
        "score",
        "lowest",
        "highest",
        "left",
        "note",
    }
)
_OF_ANSWERS, _OF_CHURN = ("score", "lowest", "highest"), ("left",)
_ABOUT = {"case": PersonalKind.CASE, "customer": PersonalKind.CUSTOMER}


class Taken(StrEnum):
    """What became of a record; the first that applies."""

    DUPLICATE = "duplicate"  # a copy of it was kept before
    CONTRADICTS = "contradicts"  # kept; an earlier one says otherwise
    UNKNOWN = "unknown"  # kept; nothing was decided about what it names, yet
    LATE = "late"  # kept; longer after the decision than outcomes count
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Report:
    """One outcome as it was told: raw values by the names of the API's fields, and who told it."""

    fields: Mapping[str, object]
    source: str
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report: the record that is kept, and how it was taken."""

    outcome: Outcome
    taken: Taken


@dataclass(frozen=True, slots=True)
class _Checked:
    outcome: Outcome
    personal: Personal


def record(
    services: Services,
    reports: list[Report],
    actor: ApiKey | None = None,
    first: Callable[[Connection], None] = lambda conn: None,
) -> list[Receipt]:
    """Keep what was told, all of it or, where one cannot be taken, none.

    A key that is bound to agents or teams tells of cases, customers and decisions that these have dealt with. `first`
    is done in the same transaction.

    Raises:
        InvalidRequest: fields at fault, with the place of the report where there are several.
        NotFound: a bound key names what it may not see, or what does not exist.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    now = services.clock.now()
    checked = _all_checked(services, reports, now)
    days = services.settings.outcome_days

    def work(conn: Connection) -> list[Receipt]:
        first(conn)
        for one in checked:
            _require_sight(conn, one.outcome, actor)
        return [_keep(conn, one, now, days) for one in checked]

    try:
        receipts = in_transaction(services.db, work)
    except IntegrityError:  # a copy came at the same moment: it is kept by now, and found
        receipts = in_transaction(services.db, work)
    for receipt in receipts:
        tell(services.hooks.outcome_taken, receipt.outcome.kind.value, receipt.taken.value)
    return receipts


def a_source(field: str, value: object) -> str:
    """The name of who tells: 1 to 60 letters, digits, dots, underscores and hyphens."""
    name = a_reference(field, value)
    if len(name) > 60 or not all(sign.isascii() and (sign.isalnum() or sign in "_.-") for sign in name):
        raise FieldProblem(field, "expected 1 to 60 letters, digits, '.', '_' and '-'.")
    return name


def fault_in(services: Services, report: Report) -> InvalidRequest | None:
    """What keeps a report from being taken, without keeping it; None for nothing."""
    try:
        _checked(services, report, services.clock.now())
    except InvalidRequest as refused:
        return refused
    return None


def _all_checked(services: Services, reports: list[Report], now: datetime) -> list[_Checked]:
    checked, errors = [], []
    for place, report in enumerate(reports):
        try:
            checked.append(_checked(services, report, now))
        except InvalidRequest as refused:
            where = f"{place}." if len(reports) > 1 else ""
            errors += [FieldError(where + error.field, error.message) for error in refused.errors]
    if errors:
        raise InvalidRequest(errors)
    return checked


def _keep(conn: Connection, one: _Checked, now: datetime, days: int) -> Receipt:
    found = one.outcome
    earlier = outcomes.copy_of(conn, found.source, found.content)
    if earlier is not None:
        return Receipt(replace(found, id=earlier), Taken.DUPLICATE)
    found = replace(found, contradicts=outcomes.contradicted(conn, found))
    decided = outcomes.last_decided(conn, found)
    outcomes.add(conn, found)
    keep_now(conn, one.personal, now=now)
    if found.contradicts is not None:
        return Receipt(found, Taken.CONTRADICTS)
    if decided is None:
        return Receipt(found, Taken.UNKNOWN)
    return Receipt(found, Taken.LATE if found.at > decided + timedelta(days=days) else Taken.KEPT)


def _require_sight(conn: Connection, found: Outcome, actor: ApiKey | None) -> None:
    """The same question whether it is another's or nobody's."""
    if actor is None or not is_bound(actor):
        return
    about = (
        (decision.c.case_ref, found.case),
        (decision.c.customer, found.customer),
        (decision.c.id, found.decision_id),
    )
    for column, value in about:
        if value is not None and not conn.execute(select(exists().where(column == value, dealt_with(actor)))).scalar():
            raise NotFound("case", value)


def _checked(services: Services, report: Report, now: datetime) -> _Checked:
    given = {name: value for name, value in report.fields.items() if value is not None}
    errors = [
        FieldError(name[:80], "is unknown: not a field of this request.") for name in given if name not in _FIELDS
    ]
    read: dict[str, Any] = {}
    for name, parse in _PARSERS.items():
        try:
            read[name] = parse(name, given[name]) if name in given else None
        except InvalidRequest as refused:
            errors += refused.errors
    if not errors:
        errors = _missing(read, given, now)
    if errors:
        raise InvalidRequest(errors)
    return _made(services, report, read, now)


def _missing(read: Mapping[str, Any], given: Mapping[str, object], now: datetime) -> list[FieldError]:
    errors = [FieldError(name, "is required.") for name in ("kind", "at") if read[name] is None]
    if not any(read[name] is not None for name in ("case", "customer", "decision")):
        errors.append(FieldError("case", "name a case, a customer or a decision."))
    if read["at"] is not None and read["at"] > now + AHEAD:
        errors.append(FieldError("at", "lies ahead; say when it happened."))
    is_answer, is_churn = read["kind"] is OutcomeKind.SATISFACTION, read["kind"] is OutcomeKind.CHURN
    if is_answer and read["score"] is None:
        errors.append(FieldError("score", "is required for satisfaction."))
    if is_churn and read["left"] is None:
        errors.append(FieldError("left", "is required for churn: true or false."))
    if read["kind"] is not None:
        others = (*(() if is_answer else _OF_ANSWERS), *(() if is_churn else _OF_CHURN))
        errors += [FieldError(name, "belongs to another kind; leave it out.") for name in others if name in given]
    return errors or _scale_errors(read)


def _scale_errors(read: Mapping[str, Any]) -> list[FieldError]:
    if read["score"] is None:
        return []
    lowest, highest = _scale(read)
    if lowest >= highest:
        return [FieldError("highest", "must be above lowest.")]
    if not lowest <= read["score"] <= highest:
        return [FieldError("score", f"expected {lowest} up to and including {highest}.")]
    return []


def _scale(read: Mapping[str, Any]) -> tuple[int, int]:
    lowest, highest = read["lowest"], read["highest"]
    return (0 if lowest is None else lowest), (100 if highest is None else highest)


def _made(services: Services, report: Report, read: Mapping[str, Any], now: datetime) -> _Checked:
    pseudonyms = services.pseudonyms
    about: dict[str, Reference] = {
        name: pseudonyms.reference(kind, read[name]) for name, kind in _ABOUT.items() if read[name] is not None
    }
    note = None if read["note"] is None else pseudonyms.seal(read["note"])
    score = None if read["score"] is None else Score(read["score"], *_scale(read))
    source = report.source if read["source"] is None else f"{report.source}/{read['source']}"
    found = Outcome(
        id=services.ids.new("out"),
        kind=read["kind"],
        at=read["at"],
        received_at=now,
        source=source,
        content="",
        case=about["case"].pseudonym if "case" in about else None,
        customer=about["customer"].pseudonym if "customer" in about else None,
        decision_id=read["decision"],
        ref_digest=None if read["ref"] is None else pseudonyms.digest("outcome ref", read["ref"]),
        channel=read["channel"],
        score=score,
        left=read["left"],
        note=note.seal if note else None,
        api_key=report.api_key,
    )
    personal = Personal(tuple(about.values()), (note,) if note else ())
    return _Checked(replace(found, content=_content(pseudonyms, found)), personal)


def _content(pseudonyms: Pseudonyms, found: Outcome) -> str:
    """The same for copies: everything that was told but the note, whose seal is never the same twice."""
    told = (
        found.kind.value,
        found.at.isoformat(),
        found.ref_digest,
        found.case,
        found.customer,
        found.decision_id,
        found.channel,
        found.score,
        found.left,
    )
    return pseudonyms.digest("outcome", repr(told))


def _a_kind(field: str, value: object) -> OutcomeKind:
    if not isinstance(value, str) or value not in [kind.value for kind in OutcomeKind]:
        raise FieldProblem(field, f"expected one of {', '.join(OutcomeKind)}.")
    return OutcomeKind(value)


def _a_number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not SCORES[0] <= value <= SCORES[1]:
        raise FieldProblem(field, f"expected an integer from {SCORES[0]} up to and including {SCORES[1]}.")
    return value


def _yes_or_no(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldProblem(field, "expected true or false.")
    return value


def _an_id(field: str, value: object) -> str:
    found = a_reference(field, value)
    if len(found) > 40:
        raise FieldProblem(field, "is not the id of a decision.")
    return found


def _a_note(field: str, value: object) -> str | None:
    """A text; one of blanks alone says nothing."""
    text = a_text(field, value, LONGEST_JUSTIFICATION, lines=True)
    return text if text.strip() else None


_PARSERS: Mapping[str, Callable[[str, object], object]] = {
    "kind": _a_kind,
    "at": an_instant,
    "case": a_reference,
    "customer": a_reference,
    "decision": _an_id,
    "ref": a_reference,
    "source": a_source,
    "channel": a_reference,
    "score": _a_number,
    "lowest": _a_number,
    "highest": _a_number,
    "left": _yes_or_no,
    "note": _a_note,
}

"""What everybody gets alike for an incident, and how much it may cost in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from policyservice.cases import incident_cases, incidents
from policyservice.cases.incident_cases import Counts
from policyservice.cases.incident_events import Event, EventKind
from policyservice.cases.incidents import Incident, SharedRemedy, State
from policyservice.decisions import compensation
from policyservice.decisions.given_facts import validate_facts
from policyservice.decisions.replies import Reply
from policyservice.decisions.services import Services
from policyservice.decisions.values import a_sum
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, WrongState
from policyservice.domain.money import exponent
from policyservice.resolutions.authority import rulebook_now
from policyservice.resolutions.checking import Checking
from policyservice.resolutions.incidents.steps import Call, do_step, going_on, require_whole


def set_remedy(
    services: Services,
    call: Call,
    incident_id: str,
    *,
    agent: object,
    remedy: object,
    amount: object,
    currency: object,
    budget: object,
    facts: Mapping[str, object] | None = None,
    note: object = None,
) -> Reply:
    """Say what everybody gets alike, and how much it may cost in all; `facts` hold for every case.

    It may be changed, as long as nothing of it was given: then only the budget may be.

    Raises:
        NotFound, InvalidRequest, NotAllowed, UnknownAgent: as `open_incident`.
        WrongState: nobody confirmed it, or it has ended.
    """
    require_whole(call.actor)
    now = services.clock.now()
    check = Checking()
    ref, text = check.reference("agent", agent) or "", check.text("note", note)
    name = check.reference("remedy", remedy) or ""
    if not isinstance(currency, str):
        check.note(FieldError("currency", "expected an ISO 4217 code such as 'EUR'."))
    check.done()
    sums = _sums({"amount": amount, "budget": budget}, str(currency))
    if sums["budget"] < sums["amount"]:
        raise FieldProblem("budget", "is less than the remedy of one case.")

    def work(conn: Connection, by: str, note_seal: str | None) -> tuple[Incident, Event]:
        before = going_on(conn, incident_id)
        if before.status is State.OPEN:
            raise WrongState(incident_id, before.status.value, before.changed_at, "Confirm it first.")
        rulebook = rulebook_now(conn, services)
        known = rulebook.remedies.get(name)
        if known is None or not known.has_amount:
            with_sums = sorted(each.name for each in rulebook.remedies.values() if each.has_amount)
            raise FieldProblem("remedy", f"expected one of {', '.join(with_sums)}.")
        found = validate_facts(facts or {}, rulebook, str(currency))
        shared = SharedRemedy(name, sums["amount"], str(currency), sums["budget"], found, now)
        _require_alike(conn, before, shared)
        after = replace(before, remedy=shared)
        incidents.save(conn, after)
        body = {
            "remedy": name,
            "amount_minor": shared.amount_minor,
            "currency": shared.currency,
            "budget_minor": shared.budget_minor,
        }
        return after, Event(EventKind.REMEDY, now, by, body=body, note=note_seal)

    reply = do_step(services, call, work, ref, text, now)
    compensation.forget(services.db)
    return reply


def _require_alike(conn: Connection, before: Incident, shared: SharedRemedy) -> None:
    counts = incident_cases.counts(conn, [before.id]).get(before.id, Counts())
    if before.remedy is None or counts.given == 0:
        return
    same = replace(before.remedy, budget_minor=shared.budget_minor, set_at=shared.set_at)
    if same != shared:
        raise FieldProblem(
            "remedy", "was given to some already, and everybody gets the same; only the budget may change."
        )


def _sums(given: Mapping[str, object], currency: str) -> dict[str, int]:
    exponent(currency)
    errors: list[FieldError] = []
    found: dict[str, int] = {}
    for name, value in given.items():
        try:
            found[name] = a_sum(name, value, currency, zero=False)
        except InvalidRequest as refused:
            errors += refused.errors
    if errors:
        raise InvalidRequest(errors)
    return found

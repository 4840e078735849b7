"""What a back-test found, as one JSON object: the terminal's tables and the HTML page show nothing that is not in it.

Money is a decimal string beside its currency. What was given is real arithmetic over the history; what stands under
"estimate" is an estimate, and the two are never added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policyservice.costs.line import VIEWS
from policyservice.domain.decision import Range
from policyservice.domain.money import decimal_string
from policyservice.previews.backtest.history import History
from policyservice.previews.backtest.run import Under
from policyservice.previews.backtest.tally import Row, Tallies, Tally
from policyservice.rulebook.model import Rulebook

MOST = 10
"""How many customers and agents are listed."""


@dataclass(frozen=True, slots=True)
class About:
    """What the report says of how the back-test was made.

    `read_in` is the currency that every sum of the rulebook was read in, `rules_as_of` the day whose rules decided;
    None where sums stand as stated, and where each request met the rules of its own day.
    """

    file: str
    trust_level: str
    stated_currencies: tuple[str, ...]
    read_in: str | None = None
    rules_as_of: date | None = None
    before_the_rules: bool = False  # as of a day because no rule was in force when the history began


def report(history: History, under: Under, tallies: Tallies, about: About) -> dict[str, Any]:
    """The report."""
    book = under.rulebook
    return {
        "rulebook": {
            "packs": [pack.name for pack in book.packs],
            "digest": book.digest,
            "rules": len(book.rules),
            "stated_currencies": list(about.stated_currencies),
            "read_in": about.read_in,
            "rules_as_of": about.rules_as_of.isoformat() if about.rules_as_of else None,
            "limits": f"opening limits, {len(under.limits.limits)}",
        },
        "history": {
            "file": about.file,
            "lines": history.lines,
            "requests": len(history.asked),
            "refused": len(history.refused),
            "refused_lines": [{"line": line.number, "faults": list(line.faults)} for line in history.refused],
            "from": history.asked[0].at.astimezone(under.zone).isoformat() if history.asked else None,
            "to": history.asked[-1].at.astimezone(under.zone).isoformat() if history.asked else None,
            "was_in_time_order": history.was_sorted,
        },
        "notes": _notes(history, under, about),
        "currencies": [_of_currency(tally, book) for _, tally in sorted(tallies.by_currency.items())],
    }


def _notes(history: History, under: Under, about: About) -> list[str]:
    """In words, what the reader has to know before any figure."""
    notes = []
    if about.read_in is not None:
        stated = ", ".join(about.stated_currencies)
        notes.append(
            f"Every sum of the rulebook and of its cost parameters is stated in {stated} and was read in "
            f"{about.read_in} as the same number. Nothing was converted."
        )
    if about.before_the_rules and about.rules_as_of is not None:
        notes.append(
            "No rule was in force yet when the history begins, so every request met the rules and parameters as they "
            f"stand on {about.rules_as_of} (choose another day with --rules-as-of)."
        )
    elif about.rules_as_of is not None:
        notes.append(f"Every request met the rules and parameters as they stand on {about.rules_as_of}.")
    else:
        notes.append("Each request met the rules and parameters in force on its own day.")
    if not history.was_sorted:
        notes.append("The lines were not in time order and were sorted by time; lines of one instant kept their order.")
    notes.append("What was allowed was held and committed at once; the opening limits were in force throughout.")
    notes.append(f"Days and months are those of {under.zone.key}.")
    notes.append(f"Agents whose trust level the history does not state had {about.trust_level or 'none'}.")
    if under.facts_verified:
        notes.append("The facts of the history were taken as verified by the company's own systems.")
    else:
        notes.append("The facts of the history were taken as stated by the caller, not verified.")
    return notes


def _of_currency(tally: Tally, book: Rulebook) -> dict[str, Any]:
    currency = tally.currency
    return {
        "currency": currency,
        "all": _row(tally.all, currency),
        "by_month": [{"month": month, **_row(row, currency)} for month, row in sorted(tally.months.items())],
        "by_reason": [{"reason": reason, **_row(row, currency)} for reason, row in _by_requests(tally.reasons)],
        "limits": [
            {"limit": limit, "scope": scope.value, "requests": times}
            for (limit, scope), times in sorted(tally.limits.items(), key=lambda item: (-item[1], item[0][0]))
        ],
        "because": [{**row, "means": _meaning(row["what"], book)} for row in _counted("what", tally.because)],
        "missing_facts": _counted("fact", tally.missing),
        "estimate": _estimate(tally, book),
        "customers": [{"customer": ref, **_row(row, currency)} for ref, row in _by_given(tally.customers)],
        "customers_in_all": len(tally.customers),
        "guests": _row(tally.guests, currency),
        "agents": [{"agent": ref, **_row(row, currency)} for ref, row in _by_given(tally.agents)],
        "agents_in_all": len(tally.agents),
    }


def _row(row: Row, currency: str) -> dict[str, Any]:
    return {
        "requests": row.requests,
        "allowed": row.allowed,
        "escalated": row.escalated,
        "denied": row.denied,
        "stretched": row.stretched,
        "asked": decimal_string(row.asked_minor, currency),
        "given": decimal_string(row.given_minor, currency),
        "entitled": decimal_string(row.entitled_minor, currency),
        "goodwill": decimal_string(row.goodwill_minor, currency),
        "cost_to_the_company": decimal_string(row.cost_minor, currency),
    }


def _by_requests(rows: Mapping[str, Row]) -> list[tuple[str, Row]]:
    return sorted(rows.items(), key=lambda item: (-item[1].requests, item[0]))


def _by_given(rows: Mapping[str, Row]) -> list[tuple[str, Row]]:
    """The ten that were given most; of equal ones the one with more requests, then by name."""
    return sorted(rows.items(), key=lambda item: (-item[1].given_minor, -item[1].requests, item[0]))[:MOST]


def _counted(key: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{key: name, "requests": times} for name, times in ordered]


_MEANINGS = {
    "no-rule": "no rule in force gives the remedy for this reason and these facts",
    "missing-facts": "a rule that might give it waits for facts that the history does not hold",
    "paid-unknown": "a refund, and what was paid is not known",
    "more-than-paid": "more is asked back than was paid",
    "rule-cap": "more is asked than the rules give",
    "limit": "a limit leaves less than is asked",
    "verify": "above the sum from which facts have to be verified",
    "justification-would-do": "would be allowed if the agent wrote why",
    "already-given": "the order or case received before what the rule owes",
    "closed-policy": "a closed policy says nothing of it",
    "unpriced": "the rules give no sum to hold the asked one against",
}


def _meaning(what: str, book: Rulebook) -> str:
    """In words, what spoke: a step of the decision, or the title of a rule."""
    titles = {f"rule {rule.id}": rule.title.en for rule in book.rules}
    return _MEANINGS.get(what) or titles.get(what, "")


def _estimate(tally: Tally, book: Rulebook) -> dict[str, Any]:
    found = tally.escalating.estimated(book.costs, dict(book.remedies), tally.currency)
    return {
        "decisions": found.decisions,
        "interval": "90 %, one draw of the uncertain parameters for all cases together",
        "parameters": found.parameters,
        "parameters_on_defaults": found.on_defaults,
        "views": {
            view: {"escalating": _range(escalation, tally.currency), "saving": _range(saving, tally.currency)}
            for view, (escalation, saving) in ((view, found.views[view]) for view in VIEWS)
        },
    }


def _range(found: Range, currency: str) -> dict[str, str]:
    return {name: decimal_string(getattr(found, name), currency) for name in ("expected", "low", "high")}

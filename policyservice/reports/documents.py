"""Reports as JSON documents: money as decimal strings with the currency beside it, references as the log has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from policyservice.costs.speed import Speed
from policyservice.domain.decision import Range
from policyservice.domain.money import decimal_string, exponent
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.behind import Behind
from policyservice.reports.breaking_even import BreakEven
from policyservice.reports.causes import Cause, Measured
from policyservice.reports.comparison import GRADE, Comparison, Estimate, Line
from policyservice.reports.evenness import Evenness, Group, band_bounds
from policyservice.reports.figures import PLACE, Path
from policyservice.reports.measures import CauseMeasure
from policyservice.reports.statistics.rates import Rates
from policyservice.reports.words import NOTES

BEHIND = "/v1/reports/comparison/decisions"


def comparison(found: Comparison, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """The comparison; each line has the address of the decisions behind it."""
    return {
        **_asked(found.wanted, zone),
        "by": [by.value for by in found.wanted.by],
        "items": [_line(line, found) for line in found.lines],
        "totals": [_line(line, found) for line in found.totals],
        "break_even": [_break_even(each) for each in found.break_even],
        "notes": _notes(language, "booked", "interval", "grade", "realised", "speed", "defaults", "break_even"),
    }


def causes(found: Iterable[Cause], wanted: Wanted, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """The root causes, the dearest first."""
    return {
        **_asked(wanted, zone),
        "items": [_cause(cause) for cause in found],
        "notes": _notes(language, "cost", "saves", "change"),
    }


def evenness(found: Evenness, wanted: Wanted, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """The most uneven groups."""
    return {
        **_asked(wanted, zone),
        "compared": found.compared,
        "uneven": found.uneven,
        "items": [_group(group) for group in found.groups],
        "notes": _notes(language, "like", "uneven"),
    }


def behind(found: Iterable[Behind], cursor: str | None) -> dict[str, Any]:
    """The decisions behind a total."""
    return {"items": [_decision(one) for one in found], "next": cursor}


def measure(found: CauseMeasure) -> dict[str, Any]:
    """One measure; `owner` is put in place by whoever shows it."""
    return {
        "id": found.id,
        "reason": found.reason,
        "taken_on": found.taken_on.isoformat(),
        "owner": {"agent": found.owner},
        "agent": found.agent,
        "at": found.at.isoformat().replace("+00:00", "Z"),
        "note": found.note,
    }


def share(value: Fraction | float | None) -> str | None:
    """A share as a decimal string with three decimals."""
    return None if value is None else f"{float(value):.3f}"


def ranges(found: Mapping[str, Range | None], currency: str) -> dict[str, Any]:
    """Ranges by view."""
    return {view: None if each is None else _range(each, currency) for view, each in found.items()}


def _asked(wanted: Wanted, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "since": wanted.period.since.isoformat(),
        "before": wanted.period.before.isoformat(),
        "time_zone": zone.key,
    }


def _notes(language: str, *names: str) -> dict[str, str]:
    return {name: NOTES[name].get(language) for name in names}


def _line(line: Line, found: Comparison) -> dict[str, Any]:
    cell, currency, total = line.cell, line.cell.currency, line.total
    return {
        "period": cell.period,
        "reason": cell.reason,
        "channel": cell.channel,
        "team": cell.team or None,
        "trust_level": cell.trust_level or None,
        "currency": currency,
        "decisions": {
            "all": total[PLACE["decisions"]],
            **{path.value: line.decisions(path) for path in Path},
        },
        "goodwill": _sums(line.booked("goodwill"), currency),
        "entitled": _sums(line.booked("entitled"), currency),
        "cost": _sums({name: total[PLACE[f"cost_{name}"]] for name in ("given", "reversed")}, currency),
        "estimate": {
            "grade": GRADE.value,
            "at_once": _estimate(line.estimate(Path.AT_ONCE), currency),
            "stretched": _estimate(line.estimate(Path.STRETCHED), currency),
            "escalated": _estimate(line.estimate(Path.ESCALATED), currency, saving=False),
            "on_defaults": {view: share(value) for view, value in line.resting.shares().items()},
        },
        "realised": _realised(line),
        "speed": speed(found.speed(line)),
        "behind": _address(line, found.wanted),
    }


def speed(found: Speed) -> dict[str, Any]:
    """How soon cases had their remedy, beside the target; null where too few cases tell."""
    target = found.target
    return {
        "cases": found.cases,
        "given": found.given,
        "median_minutes": found.median_minutes,
        "nine_in_ten_minutes": found.slow_minutes,
        "known": found.known,
        "first_contact": share(found.first_contact),
        "low": share(found.low),
        "high": share(found.high),
        "aimed": found.aimed,
        "within": share(found.within),
        "target": None
        if target is None
        else {
            "remedy_within_minutes": target.remedy_within_minutes,
            "first_contact": share(target.first_contact),
        },
        "met": found.is_met,
    }


def _estimate(found: Estimate, currency: str, *, saving: bool = True) -> dict[str, Any]:
    return {
        "decisions": found.decisions,
        "remedy": decimal_string(found.remedy, currency),
        "escalation": ranges(found.escalation, currency),
        "saving": ranges(found.saving, currency) if saving else None,
    }


def _realised(line: Line) -> dict[str, Any]:
    found, currency = line.realised, line.cell.currency
    unit: int = 10 ** exponent(currency)
    return {
        "answered": found.answered,
        "given": found.given,
        "refused": found.refused,
        "withdrawn": found.withdrawn,
        "recorded": found.recorded,
        "minutes_second_tier": _tenths(found.second_tier_seconds, 60),
        "minutes_above": _tenths(found.above_seconds, 60),
        "contacts": found.contacts,
        "minutes_contacts": _tenths(found.spoken_seconds, 60),
        "hours_waited": _tenths(found.waited_seconds, 3600),
        "work": decimal_string(round(found.labour * unit), currency),
        "remedies": decimal_string(line.answer_cost, currency),
    }


def _tenths(seconds: int, per: int) -> str:
    return str((Decimal(seconds) / per).quantize(Decimal("0.1")))


def _sums(amounts: Mapping[str, int], currency: str) -> dict[str, str]:
    return {name: decimal_string(minor, currency) for name, minor in amounts.items()}


def _range(found: Range, currency: str) -> dict[str, str]:
    return {bound: decimal_string(minor, currency) for bound, minor in found._asdict().items()}


def _address(line: Line, wanted: Wanted) -> str:
    """Where the decisions behind a line are listed: the filters of the report, and what the line is of."""
    cell, period = line.cell, wanted.period
    if cell.period is not None:
        period = _of(cell.period, period)
    own = {
        name: value
        for name in ("reason", "channel", "team", "trust_level")
        if (value := getattr(cell, name)) is not None
    }
    given = {**dict(wanted.filters), **own, "currency": cell.currency}
    return f"{BEHIND}?{urlencode({'since': period.since, 'before': period.before, **given})}"


def _of(starts: str, whole: Period) -> Period:
    """A day, or a month as far as it lies in a period."""
    if len(starts) > len("2026-06"):
        day = date.fromisoformat(starts)
        return Period(day, day + timedelta(days=1))
    first = date.fromisoformat(f"{starts}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(max(first, whole.since), min(following, whole.before))


def _break_even(found: BreakEven) -> dict[str, Any]:
    def money(minor: int | None) -> str | None:
        return None if minor is None else decimal_string(minor, found.currency)

    return {
        "reason": found.reason,
        "currency": found.currency,
        "grade": GRADE.value,
        "amounts": [{"remedies": list(each.remedies), **ranges(each.views, found.currency)} for each in found.amounts],
        "limits": [
            {
                "limit": each.limit,
                "remedies": list(each.remedies),
                "bounds": {level: money(bound) for level, bound in each.bounds.items()},
            }
            for each in found.limits
        ],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    currency = cause.currency
    return {
        "reason": cause.reason,
        "currency": currency,
        "decisions": cause.decisions,
        "cost": decimal_string(cause.cost, currency),
        "remedies": decimal_string(cause.remedies, currency),
        "work": decimal_string(cause.work_minor, currency),
        "saves": {"grade": cause.grade.value, **ranges(cause.saves, currency)},
        "trend": _rates(cause.trend),
        "owner": cause.owner,
        "measures": [_measured(each) for each in cause.measures],
    }


def _measured(found: Measured) -> dict[str, Any]:
    return {**measure(found.measure), "after": _rates(found.rates)}


def _rates(found: Rates) -> dict[str, Any]:
    return {
        "before": found.before,
        "days_before": found.days_before,
        "after": found.after,
        "days_after": found.days_after,
        "ratio": share(found.ratio),
        "low": share(found.low),
        "high": share(found.high),
        "change": found.change.value,
    }


def _group(group: Group) -> dict[str, Any]:
    currency = group.like.currency
    low, high = band_bounds(group.like.band)
    unit: int = 10 ** exponent(currency)
    return {
        "reason": group.like.reason,
        "currency": currency,
        "loss_from": decimal_string(round(low * unit), currency),
        "loss_before": None if high is None else decimal_string(round(high * unit), currency),
        "tier": group.like.tier or None,
        "by": group.who.value,
        "agent": group.name if group.who.value == "agent" else None,
        "team": group.name if group.who.value == "team" else None,
        "cases": len(group.cases),
        "mean": decimal_string(group.mean_minor, currency),
        "others": group.others,
        "others_mean": decimal_string(group.others_mean_minor, currency),
        "higher": share(group.higher),
        "p": f"{group.p:.2g}",
        "uneven": group.is_uneven,
        "decisions": [
            {"id": case.id, "case": case.case, "allowed": decimal_string(case.allowed_minor, currency)}
            for case in group.cases
        ],
    }


def _decision(one: Behind) -> dict[str, Any]:
    currency = one.currency
    return {
        "id": one.id,
        "at": one.at.isoformat().replace("+00:00", "Z"),
        "agent": one.agent,
        "case": one.case,
        "reason": one.reason,
        "path": one.path.value,
        "currency": currency,
        "goodwill": _sums(one.booked("goodwill"), currency),
        "entitled": _sums(one.booked("entitled"), currency),
        "cost": _sums({name: one.sums[PLACE[f"cost_{name}"]] for name in ("given", "reversed")}, currency),
    }


def grouped(by: Iterable[str]) -> tuple[By, ...]:
    """What a comparison is grouped by, from its names, each once."""
    return tuple(dict.fromkeys(By(name) for name in by))

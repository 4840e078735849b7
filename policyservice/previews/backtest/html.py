"""A back-test's report as one HTML page: charts of inline SVG, a table behind each, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from policyservice.previews.backtest.charts import Bar, Segment, bars
from policyservice.previews.backtest.style import STYLE

Report = Mapping[str, Any]

_OUTCOMES = ("allowed", "escalated", "denied")
_GIVEN = ("entitled", "goodwill")
_VIEWS = {"cash": "cash only", "churn": "with churn", "full": "in full"}


def page(report: Report) -> str:
    """The whole page, UTF-8 text."""
    rulebook, history = report["rulebook"], report["history"]
    title = f"Back-test of {', '.join(rulebook['packs'])}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='lead'>{_lead(rulebook, history)}</p>",
        f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in report['notes'])}</ul>",
        *(_currency(found) for found in report["currencies"]),
        _refused(history),
        f"<footer>Rules {escape(rulebook['digest'])}</footer>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _lead(rulebook: Report, history: Report) -> str:
    if not history["requests"]:
        return f"No request of {escape(history['file'])} could be taken."
    return (
        f"{_whole(history['requests'])} requests of {escape(history['file'])}, {history['from'][:10]} to "
        f"{history['to'][:10]}, run in time order through {rulebook['rules']} rules and their opening limits."
    )


def _currency(found: Report) -> str:
    currency, row = found["currency"], found["all"]
    figures = [
        ("allowed at once", _whole(row["allowed"]), _share(row["allowed"], row["requests"])),
        ("escalated", _whole(row["escalated"]), _share(row["escalated"], row["requests"])),
        ("denied", _whole(row["denied"]), _share(row["denied"], row["requests"])),
        (f"given at once, {currency}", _money(row["given"]), f"of {_money(row['asked'])} asked"),
        (f"of it goodwill, {currency}", _money(row["goodwill"]), "the rest was owed"),
    ]
    cards = "".join(f"<div><b>{a}</b><span>{b}</span><small>{c}</small></div>" for b, a, c in figures)
    return "".join(
        (
            f"<h2>{escape(currency)}</h2><div class='figures'>{cards}</div>",
            _outcomes("Answers by month", "month", found["by_month"]),
            _outcomes("Answers by reason", "reason", found["by_reason"]),
            _given(f"Given at once by month, {currency}", "month", found["by_month"]),
            _estimate(found),
            _counts("Limits that bound", "Requests in which each was named as binding.", "limit", found["limits"]),
            _counts("What spoke against allowing", "A request may have several.", "what", found["because"]),
            _counts("Facts that were missing", "Known, they might change the answer.", "fact", found["missing_facts"]),
            _given(f"The ten customers given most, {currency}", "customer", found["customers"]),
            _given(f"The ten agents who gave most, {currency}", "agent", found["agents"]),
        )
    )


def _outcomes(title: str, key: str, rows: Sequence[Report]) -> str:
    chart = [
        Bar(
            row[key],
            [Segment(kind, Decimal(row[kind]), _whole(row[kind])) for kind in _OUTCOMES],
            f"{_whole(row['requests'])} requests",
        )
        for row in rows
    ]
    table = _table((key, "requests", *_OUTCOMES, "asked", "given"), rows)
    return _section(title, _legend(_OUTCOMES), bars(title, chart), table)


def _given(title: str, key: str, rows: Sequence[Report]) -> str:
    if not rows:
        return ""
    chart = [
        Bar(
            row[key],
            [Segment(kind, Decimal(row[kind]), _money(row[kind])) for kind in _GIVEN],
            f"{_money(row['given'])} in {_whole(row['allowed'])} of {_whole(row['requests'])}",
        )
        for row in rows
    ]
    columns = (key, "requests", *_OUTCOMES, "asked", "given", *_GIVEN, "cost_to_the_company")
    return _section(title, _legend(_GIVEN), bars(title, chart), _table(columns, rows))


def _estimate(found: Report) -> str:
    """The estimates, lighter than what is real and on a scale of their own; what the remedies cost beside them."""
    estimate, currency = found["estimate"], found["currency"]
    spent = found["all"]["cost_to_the_company"]
    chart = [Bar("cost of what was given", [Segment("real", Decimal(spent), "")], f"{_money(spent)}")]
    rows = []
    for view, name in _VIEWS.items():
        for what, shown in (("escalating", "escalating"), ("saving", "saving")):
            part = estimate["views"][view][what]
            rows.append({"view": name, "estimate of": shown, **part})
            chart.append(
                Bar(
                    f"{shown}, {name}",
                    [Segment("estimate", Decimal(part["expected"]), "")],
                    f"estimate {_money(part['expected'])} ({_money(part['low'])} to {_money(part['high'])})",
                    (Decimal(part["low"]), Decimal(part["high"])),
                )
            )
    title = f"Had the {_whole(estimate['decisions'])} allowed requests been escalated: estimate, {currency}"
    note = (
        "<p>Cash only is labour and remedies; with churn adds customers lost; in full adds public complaints and "
        "outside bodies. Saving is what deciding at once costs less. "
        f"Light bars are estimates and are never added to what was given. Interval: {escape(estimate['interval'])}. "
        f"{estimate['parameters_on_defaults']} of {estimate['parameters']} cost parameters are defaults, not this "
        "company's own figures.</p>"
    )
    table = _table(("view", "estimate of", "expected", "low", "high"), rows)
    return _section(title, note, bars(title, chart), table)


def _counts(title: str, note: str, key: str, rows: Sequence[Report]) -> str:
    if not rows:
        return ""
    chart = [
        Bar(row[key], [Segment("count", Decimal(row["requests"]), "")], f"{_whole(row['requests'])} requests")
        for row in rows
    ]
    return _section(title, f"<p>{escape(note)}</p>", bars(title, chart), _table(tuple(rows[0]), rows))


def _refused(history: Report) -> str:
    if not history["refused"]:
        return ""
    rows = [{"line": found["line"], "what is wrong": "; ".join(found["faults"])} for found in history["refused_lines"]]
    table = _table(("line", "what is wrong"), rows)
    return f"<section><h3>{_whole(history['refused'])} line(s) that could not be taken</h3>{table}</section>"


def _section(title: str, note: str, chart: str, table: str) -> str:
    return f"<section><h3>{escape(title)}</h3>{note}{chart}<details><summary>Table</summary>{table}</details></section>"


def _legend(kinds: Sequence[str]) -> str:
    return f"<p class='legend'>{''.join(f'<span><i class={kind}></i>{kind}</span>' for kind in kinds)}</p>"


def _table(columns: Sequence[str], rows: Sequence[Report]) -> str:
    head = "".join(f"<th>{escape(column.replace('_', ' '))}</th>" for column in columns)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(str(row[column]))}</td>' for column in columns)}</tr>" for row in rows)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"


def _whole(number: int) -> str:
    return f"{number:,}"


def _money(amount: str) -> str:
    """Whole units with thousands apart: for labels; the tables have the exact sums."""
    return f"{round(Decimal(amount)):,}"


def _share(part: int, whole: int) -> str:
    return f"{round(Decimal(100) * part / whole) if whole else 0} %"

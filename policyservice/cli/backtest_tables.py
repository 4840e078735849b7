"""A back-test's report as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from policyservice.cli.terminal import table

Report = Mapping[str, Any]

_COUNTS = ("requests", "allowed", "escalated", "denied")
_SUMS = ("asked", "given", "entitled", "goodwill")
_VIEWS = {"cash": "cash only", "churn": "with churn", "full": "in full"}


def show(report: Report) -> None:
    """Print the report on standard output."""
    rulebook, history = report["rulebook"], report["history"]
    click.echo(f"Back-test of {', '.join(rulebook['packs'])} ({rulebook['rules']} rules) over {history['file']}")
    if history["requests"]:
        days = f"{history['from'][:10]} to {history['to'][:10]}"
        click.echo(f"{history['requests']} requests, {days}; {history['refused']} line(s) could not be taken")
    for note in report["notes"]:
        click.echo(f"- {note}")
    for found in report["currencies"]:
        _show_currency(found)


def _show_currency(found: Report) -> None:
    currency = found["currency"]
    everything = {"month": "all", **found["all"]}
    _rows(f"By month ({currency})", "month", [*found["by_month"], everything])
    _rows(f"By reason ({currency})", "reason", found["by_reason"])
    _show_money(found)
    _counts("Limits that bound (named as the one that binds)", "limit", found["limits"])
    _because(found["because"])
    _counts("Facts that were missing", "fact", found["missing_facts"])
    _show_estimate(found)
    _rows(f"The ten customers given most, of {found['customers_in_all']} ({currency})", "customer", found["customers"])
    _rows(f"The ten agents who gave most, of {found['agents_in_all']} ({currency})", "agent", found["agents"])


def _rows(title: str, key: str, rows: Sequence[Report]) -> None:
    columns = (key, *_COUNTS, *_SUMS)
    _title(title)
    table("", columns, [[str(row[column]) for column in columns] for row in rows], right=columns[1:])


def _show_money(found: Report) -> None:
    row, currency = found["all"], found["currency"]
    click.echo()
    click.echo(
        f"Given at once: {row['given']} {currency}, of it {row['entitled']} owed (law, contract, policy) and "
        f"{row['goodwill']} goodwill; cost to the company {row['cost_to_the_company']} {currency}. "
        f"{row['stretched']} decision(s) stretched."
    )


def _counts(title: str, key: str, rows: Sequence[Report]) -> None:
    if rows:
        _title(title)
        table("", (key, "requests"), [(str(row[key]), str(row["requests"])) for row in rows], right=("requests",))


def _because(rows: Sequence[Report]) -> None:
    if rows:
        _title("What spoke against allowing (a request may have several)")
        cells = [(row["what"], str(row["requests"]), row["means"]) for row in rows]
        table("", ("what", "requests", "means"), cells, right=("requests",))


def _show_estimate(found: Report) -> None:
    estimate, currency = found["estimate"], found["currency"]
    rows = []
    for view, name in _VIEWS.items():
        for what, shown in (("escalating", "escalating them"), ("saving", "saving by deciding at once")):
            part = estimate["views"][view][what]
            rows.append((name, shown, part["expected"], part["low"], part["high"]))
    _title(
        f"ESTIMATE, never to be added to what was given: the {estimate['decisions']} allowed requests, had they been "
        f"escalated ({currency})"
    )
    table(
        "",
        ("view", "what", "expected", "low", "high"),
        rows,
        right=("expected", "low", "high"),
    )
    click.echo(
        f"Interval: {estimate['interval']}. {estimate['parameters_on_defaults']} of {estimate['parameters']} cost "
        "parameters are defaults, not this company's own figures."
    )


def _title(text: str) -> None:
    click.echo(f"\n{text}")

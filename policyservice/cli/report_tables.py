"""Reports as tables for a terminal: the figures that are looked at first, in the language that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policyservice.reports.words import HEADINGS, VALUES

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""Title, columns, rows."""

_BOOKED = ("decisions", "escalated", "goodwill_given", "entitled_given", "held", "voided", "expired", "reversed")
_ESTIMATED = (
    "escalating",
    "saved_cash",
    "saved_churn",
    "saved_full",
    "stretched",
    "on_defaults",
    "answered",
    "minutes",
    "work",
)
_SPEED = ("began", "given", "median_minutes", "slow_minutes", "within", "first_contact", "of_known", "target", "met")
_GROUPS = ("period", "reason", "channel", "team", "trust_level")


def comparison_rows(document: Mapping[str, Any], spoken: str) -> Iterable[Table]:
    """What was booked, what is estimated and realised, and the speed, each with totals below; and the break-even."""

    def sped(line: Mapping[str, Any]) -> list[str]:
        return _speed(line, spoken)

    groups = [name for name in _GROUPS if _is_grouped(document, name)]
    for figures, told in ((_BOOKED, _booked), (_ESTIMATED, _estimated), (_SPEED, sped)):
        lines = [[*(line[name] or "–" for name in groups), line["currency"], *told(line)] for line in document["items"]]
        totals = [
            [
                *(_word("total", spoken) if not place else "" for place, _ in enumerate(groups)),
                line["currency"],
                *told(line),
            ]
            for line in document["totals"]
        ]
        yield "", [_word(name, spoken) for name in (*groups, "currency", *figures)], [*lines, *totals]
    columns = ("reason", "currency", "remedies", "cash", "churn", "full", "in_force")
    rows = [
        [
            found["reason"],
            found["currency"],
            ", ".join(amounts["remedies"]),
            *(_expected(amounts[view]) for view in ("cash", "churn", "full")),
            "; ".join(_bounds(limit) for limit in found["limits"]),
        ]
        for found in document["break_even"]
        for amounts in found["amounts"]
    ]
    yield "", [_word(name, spoken) for name in columns], rows


def speed_rows(lines: Iterable[Mapping[str, Any]], spoken: str) -> Table:
    """How soon cases had their remedy, by reason."""
    rows = [[line["reason"], line["currency"], *_speed(line, spoken)] for line in lines]
    return "", [_word(name, spoken) for name in ("reason", "currency", *_SPEED)], rows


def cause_rows(document: Mapping[str, Any], spoken: str) -> Iterable[Table]:
    """The causes, and the measures against them."""
    columns = ("reason", "currency", "decisions", "cost", "remedies", "work", "saves", "interval", "trend", "owner")
    rows = [
        [
            cause["reason"],
            cause["currency"],
            str(cause["decisions"]),
            cause["cost"],
            cause["remedies"],
            cause["work"],
            _expected(cause["saves"]["full"]),
            _interval(cause["saves"]["full"]),
            _change(cause["trend"], spoken),
            cause["owner"] or "–",
        ]
        for cause in document["items"]
    ]
    yield "", [_word(name, spoken) for name in columns], rows
    of_measures = ("reason", "taken_on", "owner", "before", "after", "ratio", "change", "measure")
    rows = [
        [
            cause["reason"],
            measure["taken_on"],
            measure["owner"],
            f"{measure['after']['before']} / {measure['after']['days_before']}",
            f"{measure['after']['after']} / {measure['after']['days_after']}",
            measure["after"]["ratio"] or "–",
            _change(measure["after"], spoken),
            measure["note"] or "–",
        ]
        for cause in document["items"]
        for measure in cause["measures"]
    ]
    yield "", [_word(name, spoken) for name in of_measures], rows


def evenness_rows(document: Mapping[str, Any], spoken: str) -> Iterable[Table]:
    """The most uneven groups."""
    columns = (
        "by",
        "reason",
        "loss",
        "currency",
        "tier",
        "cases",
        "mean",
        "others",
        "mean",
        "higher",
        "p",
        "uneven",
    )
    rows = [
        [
            group["agent"] or group["team"],
            group["reason"],
            f"{group['loss_from']}–{group['loss_before'] or ''}",
            group["currency"],
            group["tier"] or "–",
            str(group["cases"]),
            group["mean"],
            str(group["others"]),
            group["others_mean"],
            group["higher"],
            group["p"],
            VALUES["yes" if group["uneven"] else "no"].get(spoken),
        ]
        for group in document["items"]
    ]
    yield "", [_word(name, spoken) for name in columns], rows


def flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The figures of an item by their place, such as "estimate.at_once.saving.full.low"; of a list each by number."""
    found: dict[str, str] = {}
    for name, value in item.items():
        place = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{place}.")
        elif isinstance(value, list):
            found |= flat({str(number): each for number, each in enumerate(value, 1)}, f"{place}.")
        else:
            found[place] = "" if value is None else str(value)
    return found


def _booked(line: Mapping[str, Any]) -> list[str]:
    goodwill, entitled = line["goodwill"], line["entitled"]
    return [
        str(line["decisions"]["all"]),
        str(line["decisions"]["escalated"]),
        goodwill["given"],
        entitled["given"],
        *(f"{goodwill[name]} + {entitled[name]}" for name in ("held", "voided", "expired", "reversed")),
    ]


def _estimated(line: Mapping[str, Any]) -> list[str]:
    estimate, realised = line["estimate"], line["realised"]
    escalated, saving = estimate["escalated"]["escalation"], estimate["at_once"]["saving"]
    return [
        _with_interval(escalated["full"]),
        *(_with_interval(saving[view]) for view in ("cash", "churn", "full")),
        _expected(estimate["stretched"]["saving"]["full"]),
        estimate["on_defaults"]["full"] or "–",
        str(realised["answered"]),
        f"{realised['minutes_second_tier']} + {realised['minutes_above']}",
        realised["work"],
    ]


def _speed(line: Mapping[str, Any], spoken: str) -> list[str]:
    found = line["speed"]
    return [
        str(found["cases"]),
        str(found["given"]),
        *(_or_none(found[name]) for name in ("median_minutes", "nine_in_ten_minutes", "within", "first_contact")),
        f"{_of_share(found)} ({found['known']})",
        _aim(found["target"]),
        "–" if found["met"] is None else VALUES["yes" if found["met"] else "no"].get(spoken),
    ]


def _or_none(value: object) -> str:
    return "–" if value is None else str(value)


def _of_share(found: Mapping[str, Any]) -> str:
    return "–" if found["low"] is None else f"{found['low']} … {found['high']}"


def _aim(target: Mapping[str, Any] | None) -> str:
    if target is None:
        return "–"
    minutes, first_contact = target["remedy_within_minutes"], target["first_contact"]
    return ", ".join(each for each in (minutes and f"{minutes} min", first_contact) if each)


def _is_grouped(document: Mapping[str, Any], name: str) -> bool:
    return name in document["by"] or (name == "period" and bool({"day", "month"} & set(document["by"])))


def _expected(found: Mapping[str, str] | None) -> str:
    return "–" if found is None else found["expected"]


def _interval(found: Mapping[str, str] | None) -> str:
    return "–" if found is None else f"{found['low']} … {found['high']}"


def _with_interval(found: Mapping[str, str] | None) -> str:
    return "–" if found is None else f"{_expected(found)} ({_interval(found)})"


def _bounds(limit: Mapping[str, Any]) -> str:
    remedies = f" ({', '.join(limit['remedies'])})" if limit["remedies"] else ""
    return ", ".join(f"{level} {bound or '–'}" for level, bound in limit["bounds"].items()) + remedies


def _change(rates: Mapping[str, Any], spoken: str) -> str:
    return VALUES[rates["change"]].get(spoken)


def _word(name: str, spoken: str) -> str:
    return HEADINGS[name].get(spoken)

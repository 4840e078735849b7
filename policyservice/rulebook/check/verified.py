"""A rule that demands verified facts above a sum gives something that has one."""

from __future__ import annotations

from collections.abc import Sequence

from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.rules import Read


def check_verified(names: Names, read: Sequence[Read]) -> None:
    """Note each rule, and each table, with `verify_above` that gives no remedy with a sum."""
    together: dict[str, list[Read]] = {}
    for each in read:
        together.setdefault(each.rule.table or each.rule.id, []).append(each)
    for rows in together.values():
        stated = rows[0].rule.verify
        if stated is None or stated.place is None or not all(each.sound for each in rows):
            continue
        if not any(effect.amount is not None for each in rows for effect in each.rule.then):
            names.problems.add(
                stated.place, "`verify_above` bounds nothing: no effect here gives a remedy with a sum; take it out"
            )

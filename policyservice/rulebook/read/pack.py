"""A pack's own settings."""

from __future__ import annotations

from policyservice.rulebook.model import AnswerSteps, Pack, Stretch
from policyservice.rulebook.read.reading import Reading, items, title, whole, words
from policyservice.rulebook.text.nodes import Mapped, Scalar

_ANSWER_WITHIN_MINUTES = 1440
_BEYOND = "management"


def pack(reading: Reading, folder: str, node: Mapped) -> Pack:
    """The settings of the pack in a folder; it goes by the folder's name, which its own must be."""
    own = node.get("pack")
    if isinstance(own, Scalar) and own.text != folder:
        reading.note(own.place, f"the pack is called `{own.text}`, its folder `{folder}`; rename one of them")
    return Pack(
        name=folder,
        title=title(node),
        currency=reading.currency,
        closed=words(node, "otherwise") == "forbid",
        verify_above_minor=reading.sum_at(node, "verify_above"),
        stretch=_stretch(reading, node),
        safe_floor=_safe_floor(reading, node),
        hold_seconds=seconds(node, "hold_minutes"),
        answer_within_minutes=whole(node, "answer_within_minutes") or _ANSWER_WITHIN_MINUTES,
        answer_within_by_amount=answer_steps(reading, node),
        beyond=words(node, "beyond") or _BEYOND,
        owner=words(node, "owner"),
    )


def answer_steps(reading: Reading, node: Mapped) -> AnswerSteps:
    """From which sum on an escalation is due within how many minutes; a sum that stands there twice is noted."""
    steps: dict[int, int] = {}
    for step in items(node.get("answer_within_by_amount")):
        if not isinstance(step, Mapped):
            continue
        at_least, minutes = reading.sum_at(step, "at_least"), whole(step, "minutes")
        if at_least is None or minutes is None:
            continue
        if at_least in steps:
            reading.note(step.place, "this sum stands in the list twice; take one out")
        steps[at_least] = minutes
    return tuple(sorted(steps.items()))


def seconds(node: Mapped, key: str) -> int | None:
    """Seconds of the minutes under a key."""
    minutes = whole(node, key)
    return None if minutes is None else minutes * 60


def _stretch(reading: Reading, node: Mapped) -> Stretch | None:
    stated = node.get("stretch")
    if not isinstance(stated, Mapped):
        return None
    hard_cap, margin = reading.sum_at(stated, "hard_cap"), reading.sum_at(stated, "margin")
    return Stretch(hard_cap, margin) if hard_cap is not None and margin is not None else None


def _safe_floor(reading: Reading, node: Mapped) -> dict[str, int]:
    stated = node.get("safe_floor")
    if not isinstance(stated, Mapped):
        return {}
    sums = {key.text: reading.sum(value) for key, value in stated.items() if isinstance(value, Scalar)}
    return {remedy: minor for remedy, minor in sums.items() if minor is not None}


def check_safe_floor(reading: Reading, node: Mapped) -> None:
    """Note remedies of the safe floor that no catalogue has, or that have no sum."""
    stated = node.get("safe_floor")
    if not isinstance(stated, Mapped):
        return
    for key, _ in stated.items():
        known = reading.known("remedies", key, reading.names.remedies)
        if known and not reading.names.remedies[key.text].has_amount:
            reading.note(key.place, f"`{key.text}` has no sum (`amount: none`); leave it out of the safe floor")

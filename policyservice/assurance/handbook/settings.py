"""What a pack says for every case, in words: checks, stretching, the safe floor, holds, who decides beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import RemedyKind
from policyservice.rulebook.model import Pack, Remedy, WhenHoldEnds

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Advice:
    """A heading, a sentence, and a list beneath it."""

    heading: str
    text: str
    points: tuple[str, ...] = ()


def advice_of(writer: Writer, pack: Pack) -> tuple[Advice, ...]:
    """What a pack says for every case."""
    return tuple(_all(writer, pack))


def _all(writer: Writer, pack: Pack) -> Iterator[Advice]:
    say = writer.say
    yield Advice(
        say("beyond_heading"),
        say("beyond", who=writer.who(pack.beyond), duration=writer.duration(pack.answer_within_minutes)),
    )
    if any(remedy.kind is RemedyKind.REFUND for remedy in writer.rulebook.remedies.values()):
        yield Advice(say("refund_heading"), say("refund_bound"))
    if pack.verify_above_minor is not None:
        above = writer.money(pack.verify_above_minor, pack.currency)
        own = any(rule.verify is not None and rule.currency == pack.currency for rule in writer.rulebook.rules)
        yield Advice(say("verify_heading"), say("verify", amount=above), (say("verify_own"),) if own else ())
    if pack.stretch is not None:
        cap = writer.money(pack.stretch.hard_cap_minor, pack.currency)
        margin = writer.money(pack.stretch.margin_minor, pack.currency)
        yield Advice(say("stretch_heading"), say("stretch", cap=cap, margin=margin))
    yield _floor(writer, pack)
    if holds := tuple(_holds(writer, pack)):
        yield Advice(say("hold_heading"), *_hold(writer, pack, holds))


def _floor(writer: Writer, pack: Pack) -> Advice:
    if not pack.safe_floor:
        return Advice(writer.say("floor_heading"), writer.say("floor_none"))
    points = tuple(
        writer.say(
            "up_to",
            remedy=writer.text(writer.rulebook.remedies[remedy].title),
            amount=writer.money(minor, pack.currency),
        )
        for remedy, minor in pack.safe_floor.items()
    )
    return Advice(writer.say("floor_heading"), writer.say("floor"), points)


def _hold(writer: Writer, pack: Pack, holds: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if pack.hold_seconds is None:
        return "", holds
    usual = writer.say("hold", duration=writer.duration(pack.hold_seconds // _MINUTE))
    return usual, tuple(held for held in holds if held)


def _holds(writer: Writer, pack: Pack) -> Iterator[str]:
    if pack.hold_seconds is not None:
        yield ""
    for remedy in writer.rulebook.remedies.values():
        if remedy.pack == pack.name and (told := _of_remedy(writer, remedy)):
            yield told


def _of_remedy(writer: Writer, remedy: Remedy) -> str:
    title, commits = writer.text(remedy.title), remedy.when_hold_ends is WhenHoldEnds.COMMIT
    if remedy.hold_seconds is not None:
        duration = writer.duration(remedy.hold_seconds // _MINUTE)
        return writer.say("hold_commits" if commits else "hold_releases", remedy=title, duration=duration)
    return writer.say("hold_commits_plain", remedy=title) if commits else ""

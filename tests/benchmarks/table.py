"""One table of figures, each measured within the run, with its target and whether it was met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: what it is, its value as people read it, its target, and whether that was met."""

    what: str
    value: str
    target: str
    met: bool | None  # None: no target


Measure = Callable[[], list[Figure]]


def as_markdown(figures: list[Figure]) -> str:
    """The table as markdown."""
    lines = ["| figure | measured | target | met |", "|---|---:|---:|---|"]
    for figure in figures:
        met = {True: "yes", False: "**no**", None: ""}[figure.met]
        lines.append(f"| {figure.what} | {figure.value} | {figure.target} | {met} |")
    return "\n".join(lines)

"""Bars as inline SVG: horizontal, from zero, labelled where they end, in the page's own colours (light and dark)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

WIDTH = 920
_LABEL = 200  # room for names on the left
_END = 250  # room for what is said at the end of a bar
_ROW = 26
_BAR = 16
_TEXT = 12
_SIGN = 7  # about the width of a digit


class Segment(NamedTuple):
    """A part of a bar: the class that colours it, its size, and what is written in it where it fits."""

    kind: str
    size: Decimal
    text: str


class Bar(NamedTuple):
    """A bar of one or several segments from zero, what is written at its end, and for an estimate its interval."""

    label: str
    segments: Sequence[Segment]
    end: str
    interval: tuple[Decimal, Decimal] | None = None


def bars(title: str, rows: Sequence[Bar]) -> str:
    """One chart; all bars on one scale that begins at zero. What lies below zero is drawn to the left of it."""
    lowest, highest = _extent(rows)
    span = highest - lowest or Decimal(1)
    room = WIDTH - _LABEL - _END

    def x(value: Decimal) -> int:
        return _LABEL + int(room * (value - lowest) / span)

    zero, height = x(Decimal(0)), _ROW * len(rows) + 8
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" class="chart">',
        f'<line class="axis" x1="{zero}" y1="0" x2="{zero}" y2="{height}"/>',
    ]
    for place, row in enumerate(rows):
        top = 4 + place * _ROW
        middle = top + _BAR // 2 + 4
        parts.append(f'<text x="{_LABEL - 8}" y="{middle}" class="name">{escape(_short(row.label))}</text>')
        at = Decimal(0)
        for segment in row.segments:
            left, right = sorted((x(at), x(at + segment.size)))
            parts.append(_segment(segment, left, right, top, middle))
            at += segment.size
        reach = max(at, Decimal(0))
        if row.interval is not None:
            low, high = row.interval
            parts.append(_whisker(x(low), x(high), top))
            reach = max(reach, high)
        parts.append(f'<text x="{x(reach) + 8}" y="{middle}" class="end">{escape(row.end)}</text>')
    return "".join((*parts, "</svg>"))


def _extent(rows: Sequence[Bar]) -> tuple[Decimal, Decimal]:
    """The lowest and highest value drawn; zero is always among them."""
    values = [Decimal(0)]
    for row in rows:
        values.append(sum((segment.size for segment in row.segments), Decimal(0)))
        values.extend(row.interval or ())
    return min(values), max(values)


def _segment(segment: Segment, left: int, right: int, top: int, middle: int) -> str:
    width = right - left
    if width == 0:
        return ""
    title = f"<title>{escape(segment.text)}</title>"
    found = f'<rect class="{segment.kind}" x="{left}" y="{top}" width="{width}" height="{_BAR}">{title}</rect>'
    if len(segment.text) * _SIGN + 6 <= width:
        found += f'<text x="{(left + right) // 2}" y="{middle}" class="in {segment.kind}">{escape(segment.text)}</text>'
    return found


def _whisker(low: int, high: int, top: int) -> str:
    middle, above, below = top + _BAR // 2, top + 2, top + _BAR - 2
    return (
        f'<path class="whisker" d="M{low} {above}V{below}M{low} {middle}H{high}M{high} {above}V{below}">'
        "<title>90 % interval</title></path>"
    )


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"

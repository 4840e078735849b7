"""The tally of a history that was written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Written:
    """What was written.

    `risen` are escalations that reached the third tier. `lessened` are grants of less than was asked, `found_out` those
    that took facts found out since, `unable` grants that were drawn and had to be refusals.
    """

    requests: int = 0
    allowed: int = 0
    denied: int = 0
    answered: int = 0
    gave_up: int = 0
    risen: int = 0
    granted: int = 0
    lessened: int = 0
    found_out: int = 0
    unable: int = 0
    outcomes: int = 0

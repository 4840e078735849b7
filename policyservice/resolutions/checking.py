"""Raw fields of a step, checked together: every fault is named at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from policyservice.decisions.values import a_reference, a_text, an_instant
from policyservice.domain.errors import FieldError, InvalidRequest
from policyservice.resolutions.effort import Stated

MOST_MINUTES = 10_080
"""A week: more than that nobody works on one case in one piece."""
MOST_CONTACTS = 1000
_Value = TypeVar("_Value")


class Checking:
    """Collects what is wrong; `done` refuses where anything is."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def note(self, error: FieldError) -> None:
        """Remember a fault."""
        self._errors.append(error)

    def done(self) -> None:
        """Refuse, where there was a fault.

        Raises:
            InvalidRequest: names every field at fault.
        """
        if self._errors:
            raise InvalidRequest(self._errors)

    def reference(self, field: str, value: object) -> str | None:
        """A reference; None, and a fault remembered, for anything else."""
        return self._read(lambda: a_reference(field, value))

    def text(self, field: str, value: object, *, required: str | None = None) -> str | None:
        """A text that may be left out; `required` says why it may not."""
        if required is not None and (value is None or (isinstance(value, str) and not value.strip())):
            self.note(FieldError(field, f"is required: {required}"))
            return None
        return None if value is None else self._read(lambda: a_text(field, value, lines=True))

    def instant(self, field: str, value: object) -> datetime | None:
        """An instant; None, and a fault remembered, for anything else."""
        return self._read(lambda: an_instant(field, value))

    def whole(self, field: str, value: object, most: int, *, least: int = 0) -> int | None:
        """A whole number between two bounds, both included, that may be left out."""
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.note(FieldError(field, f"expected a whole number, {least} up to and including {most}."))
            return None
        return value

    def stated(self, minutes: object, contacts: object) -> Stated:
        """The work that somebody states."""
        worked = self.whole("minutes", minutes, MOST_MINUTES)
        return Stated(None if worked is None else worked * 60, self.whole("contacts", contacts, MOST_CONTACTS) or 0)

    def _read(self, read: Callable[[], _Value]) -> _Value | None:
        try:
            return read()
        except InvalidRequest as refused:
            self._errors += refused.errors
            return None

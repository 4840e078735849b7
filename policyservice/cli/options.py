"""Kinds of options that several commands take."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
"""A folder that exists."""


class Instant(click.ParamType[datetime]):
    """A date, which begins at midnight in the organisation's time zone, or an instant with its offset."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if len(value) == len("2026-12-01"):
                return datetime.combine(date.fromisoformat(value), time(), _zone()).astimezone(UTC)
            instant = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail(f"{value!r}: expected a date such as 2026-12-01, or 2026-12-01T08:00:00+02:00.", param, ctx)
        return instant.astimezone(UTC)


INSTANT = Instant()

DAY = click.DateTime(formats=["%Y-%m-%d"])
"""A date."""


def today() -> date:
    """The day that it is in the organisation's time zone."""
    return datetime.now(_zone()).date()


def author_option() -> Callable[[Command], Command]:
    """`--author`, the one who answers for a change: the user's name on this machine when left out."""
    return click.option("--author", default=_user, show_default="your user name", help="Who answers for the change.")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"uid {os.getuid()}"


def _zone() -> ZoneInfo:
    from policyservice.config import Settings  # here, since it loads the database's libraries

    return ZoneInfo(Settings.from_environment().timezone)

"""The service's log in tests: written as it is when it serves, and read by nobody unless a test asks for it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from policyservice.api import logging as logs


class _Nobody(io.TextIOBase):
    """Takes every line and keeps none."""

    def write(self, text: str, /) -> int:
        return len(text)


def unread() -> None:
    """Write events as the service does, for nobody; without this they are rendered for a terminal, at any length."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("info", cast(TextIO, _Nobody()))
    root.handlers[:] = handlers
    root.setLevel(level)


@contextmanager
def lines_of(level: str) -> Iterator[io.StringIO]:
    """What is logged within, from a level on, by the standard library's loggers too."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(level, stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
        unread()

"""How a command ends that was refused, or found something wrong."""

from __future__ import annotations

from typing import Any

import click


class Refused(click.ClickException):
    """One sentence on standard error, exit status 1; no traceback."""

    def show(self, file: Any = None) -> None:
        """Print the sentence."""
        click.echo(self.message, err=True)

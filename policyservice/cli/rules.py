"""`policyservice rules`: what is fair and owed, as text that is checked, tested, published."""

from __future__ import annotations

import click

from policyservice.cli.lazily import LazyGroup

_COMMANDS = {
    "check": ("checking", "check", "Report every problem of packs, and what is hardly meant."),
    "coverage": ("coverage", "coverage", "Show what of packs their policy tests exercise."),
    "diff": ("diff", "diff", "Say what a change of rules means for the answers."),
    "handbook": ("handbook", "handbook", "Write what staff may do, as one page."),
    "mutate": ("mutants", "mutate", "Find the small changes that no policy test notices."),
    "prove": ("proofs", "prove", "Prove what packs can never do, or show a case."),
    "publish": ("publishing", "publish", "Put packs in force."),
    "schemas": ("schemas", "schemas", "Write JSON schemas of the files for an editor."),
    "show": ("publishing", "show", "Show which rules are in force, and which are to come."),
    "test": ("testing", "run_tests", "Run the policy tests of packs."),
}
"""Command -> (module under policyservice.cli, its name there, what it is for)."""


@click.group("rules", cls=LazyGroup, lazily=_COMMANDS)
def command() -> None:
    """Check, test, publish and show rules. Each DIR is a pack's folder; several are read together."""

"""A small pack, a database that it is in force in, and commands run in this process or as processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from policyservice.cli.main import main
from policyservice.cli.opening import open_database
from policyservice.config import Settings

PACK = {
    "pack.yaml": """
pack: cafe
title: {en: Coffee shop, fi: Kahvila}
currency: EUR
""",
    "vocabulary.yaml": """
facts:
  order.paid: {type: money, role: paid, title: {en: Paid, fi: Maksettu}}
""",
    "catalogue.yaml": """
remedies:
  refund: {kind: refund, title: {en: Money back, fi: Rahojen palautus}}
  gift: {kind: gift, title: {en: Something extra, fi: Jotain lisäksi}}
  visit: {kind: other, amount: none, title: {en: A visit, fi: Käynti}}
reasons:
  coffee.cold: {title: {en: Coffee was cold, fi: Kahvi oli kylmää}}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  lead: {title: {en: Lead, fi: Vastuuhenkilö}}
""",
    "rules/coffee.yaml": """
rules:
  - id: cold-coffee
    title: {en: Cold coffee, fi: Kylmä kahvi}
    basis: contract
    reference: Menu
    in_force: {from: 2026-01-01}
    when: {reason: coffee.cold, order.paid: {more_than: 0.00}}
    then: [{entitle: {remedy: refund, amount: order.paid}}]
    say: {en: Your money is back., fi: Rahat palautetaan.}
  - id: something-small
    title: {en: Something small, fi: Jotain pientä}
    basis: goodwill
    because: A biscuit mends a morning.
    in_force: {from: 2026-01-01}
    when: {reason: coffee.cold}
    then: [{permit: {remedy: gift, up_to: 9.00}}, {permit: {remedy: visit}}]
    say: {en: Please take a biscuit., fi: Ota keksi.}
""",
    "limits/opening.yaml": """
limits:
  - id: agent-day
    title: {en: Agent in a day, fi: Päivässä}
    scope: agent
    window: day
    amount: {new: 5.00, lead: 50.00}
    count: {new: 3, lead: 30}
    guard_rails: {amount: {lowest: 1.00, highest: 60.00}, count: {lowest: 1, highest: 40}}
""",
    "tests/coffee.yaml": """
as_of: 2026-06-01
cases:
  - name: cold coffee is paid back
    facts: {reason: coffee.cold, order.paid: 4.00}
    ask: {remedy: refund, amount: 4.00}
    expect: {outcome: allow, basis: contract}
  - name: a cent more is not
    facts: {reason: coffee.cold, order.paid: 4.00}
    ask: {remedy: refund, amount: 4.01}
    expect: {outcome: deny}
""",
}


def write_pack(folder: Path, **changed: str) -> Path:
    """The pack as files in `folder`/cafe; `changed` replaces files, "/" and "." in their names written "__" and "_"."""
    files = PACK | {name: changed[key] for name in PACK if (key := _keyword(name)) in changed}
    pack = folder / "cafe"
    for name, text in files.items():
        path = pack / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pack


def _keyword(name: str) -> str:
    return name.replace("/", "__").replace(".", "_")


def database_url(folder: Path) -> str:
    """The URL of a SQLite file in a folder."""
    return f"sqlite:///{folder / 'policy.db'}"


def opened_database(folder: Path) -> str:
    """A database with the small pack in force; its URL."""
    url = database_url(folder)
    open_database(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}), (write_pack(folder),))
    return url


def copied_database(opened: Path, folder: Path) -> str:
    """A copy of a database that `opened_database` made, for one test to change; its URL."""
    for file in opened.glob("policy.db*"):
        shutil.copy(file, folder)
    return database_url(folder)


def run(*arguments: str, url: str | None = None, given: str | bytes | None = None) -> Result:
    """A command in this process, on the database of `url`; a traceback fails the test."""
    environment = {} if url is None else {"POLICYSERVICE_DATABASE_URL": url}
    result = CliRunner(env=environment).invoke(main, arguments, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process of its own: ours, without our settings, with these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("POLICYSERVICE_", "PROMETHEUS_"))}
    return ours | settings


def start(*arguments: str, cwd: Path, **settings: str) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "policyservice.cli.main", *arguments],
        cwd=cwd,
        env=environment(**settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

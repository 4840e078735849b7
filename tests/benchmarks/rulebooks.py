"""What the commands that know a rulebook take: check, test, prove and evaluate, each a process of its own.

Processor time of the whole command, its start included, the least of several runs.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import PolicyTest, Rulebook
from tests.benchmarks.books import known_files
from tests.benchmarks.table import Figure

RULES = 1_000
CASES = 30_000
CHECK_AND_TEST_WITHIN, PROVE_WITHIN = 5, 60
EVALUATED_WANTED = 5_000
_RULES_FOLDER = Path(__file__).parents[2] / "rules"


def measure() -> list[Figure]:
    """Seconds of each command on the largest shipped pack and on a generated one; cases a second of `evaluate`."""
    shipped = largest_pack()
    with tempfile.TemporaryDirectory() as folder:
        generated = Path(folder, "bench")
        for name, text in known_files(RULES).items():
            file = generated / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return [
            _within("check", shipped, CHECK_AND_TEST_WITHIN),
            _within("check", generated, CHECK_AND_TEST_WITHIN),
            _within("test", shipped, CHECK_AND_TEST_WITHIN),
            _within("test", generated, CHECK_AND_TEST_WITHIN),
            *(_within("prove", pack, PROVE_WITHIN, runs=1) for pack in shipped_packs()),
            _within("prove", generated, None, runs=1),
            _evaluated(shipped, Path(folder, "cases.jsonl")),
        ]


def shipped_packs() -> list[Path]:
    """Every pack in rules/."""
    return sorted(file.parent for file in _RULES_FOLDER.glob("*/pack.yaml"))


def largest_pack() -> Path:
    """The one with the most rules."""
    return max(shipped_packs(), key=lambda pack: len(load_folders([pack]).rules))


def _within(command: str, pack: Path, seconds: int | None, runs: int = 3) -> Figure:
    book = load_folders([pack])
    size = {
        "check": f"{len(book.rules):,} rules",
        "test": f"{len(book.tests):,} tests",
        "prove": f"{len(book.invariants)} invariant(s) and 2 laws",
    }[command]
    took = min(_seconds("rules", command, str(pack)) for _ in range(runs))
    target, met = ("", None) if seconds is None else (f"under {seconds} s", took < seconds)
    return Figure(f"rules {command}, {pack.name}, {size}", f"{took:.1f} s", target, met)


def _seconds(*arguments: str) -> float:
    """Processor time of a command that does what it is asked, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "policyservice.cli.main", *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


# --- evaluate --------------------------------------------------------------------------------------------


def _evaluated(pack: Path, file: Path) -> Figure:
    """Cases a second of processor time, reading the pack and the lines and writing the answers included."""
    file.write_text("".join(f"{line}\n" for line in case_lines(load_folders([pack]), CASES)), encoding="utf-8")
    rate = CASES / min(_seconds("evaluate", "--rules", str(pack), str(file)) for _ in range(3))
    return Figure(
        f"evaluate, {pack.name}, {CASES:,} cases: cases a second and core",
        f"{rate:,.0f}",
        f"at least {EVALUATED_WANTED:,}",
        rate >= EVALUATED_WANTED,
    )


def case_lines(book: Rulebook, wanted: int) -> list[str]:
    """The policy tests of a rulebook in turn, without what each had used and received before, as case lines."""
    return [_line(str(number), book, book.tests[number % len(book.tests)]) for number in range(wanted)]


def _line(name: str, book: Rulebook, test: PolicyTest) -> str:
    ask = {"remedy": test.remedy, "currency": test.currency}
    if test.amount_minor is not None:
        ask["amount"] = decimal_string(test.amount_minor, test.currency)
    case: dict[str, object] = {
        "id": name,
        "facts": {fact: _given(book, fact, value, test.currency) for fact, value in test.facts.items()},
        "ask": ask,
    }
    if test.trust_level is not None:
        case["agent"] = {"trust_level": test.trust_level}
    if test.as_of is not None:
        case["as_of"] = test.as_of.isoformat()
    return json.dumps(case, ensure_ascii=False)


def _given(book: Rulebook, fact: str, value: FactValue, currency: str) -> FactValue:
    kind = book.facts[fact].type if fact in book.facts else None
    if kind is FactType.MONEY:
        return decimal_string(int(value), currency)
    return date.fromordinal(int(value)).isoformat() if kind is FactType.DATE else value

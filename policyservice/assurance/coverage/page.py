"""The coverage of a rulebook as one HTML page: shares, every rule, and the rules' text annotated line by line.

It works without script, loads nothing, and prints. What is met, met in part or not at all is said in words as well as
by colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from policyservice.assurance.coverage.lines import Annotated, Texts, annotated
from policyservice.assurance.coverage.points import Coverage, CoveredRule, Kind, Share
from policyservice.assurance.coverage.style import STYLE
from policyservice.rulebook.model import Rulebook

_ALL_SHOWN = 3
"""So many unmet points of a rule stand in the table; the text below has them all."""


def page(rulebook: Rulebook, coverage: Coverage, texts: Texts) -> str:
    """The whole page, UTF-8 text. `texts` are the packs' files of rules, by the names that places have."""
    title = f"Test coverage of {', '.join(pack.name for pack in rulebook.packs)}"
    by_file = annotated(coverage, texts)
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{_lead(coverage)}</p>",
        _shares(coverage),
        "<h2 id='rules'>Rules and rows</h2>",
        _rules(coverage),
        "<p class='key'>Lines below: <span class='met'>3/3: all exercised</span>"
        "<span class='part'>2/3: some, with what is left</span><span class='none'>0/3: none</span></p>",
        *(_file(file, texts[file], lines) for file, lines in sorted(by_file.items())),
        f"<footer>Rules {escape(rulebook.digest)}</footer>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _lead(coverage: Coverage) -> str:
    share = coverage.share()
    rules = f"{len(coverage.rules)} rules and rows"
    return (
        f"{coverage.tests} policy tests exercise {share.met} of {share.of} points of {rules} ({share.percent}): that "
        "each fires and does not, each comparison comes out true, false and, where it may be, unknown, each bound is "
        "met on both sides, each amount is asked for exactly and one minor unit above, and each effect decides some "
        "answer."
    )


def _shares(coverage: Coverage) -> str:
    rows = [("all", coverage.share()), *((kind.value, coverage.share(kind)) for kind in Kind)]
    cells = "".join(
        f"<tr><td>{name}</td><td>{share.met}</td><td>{share.of}</td><td>{share.percent}</td></tr>"
        for name, share in rows
    )
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("points", "exercised", "of", "share"))
    return _wide("Shares", f"<table class='shares'><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>")


def _rules(coverage: Coverage) -> str:
    names = ("rule", *(kind.value for kind in Kind), "not exercised")
    head = "".join(f"<th scope='col'{' class=rest' if name == names[-1] else ''}>{name}</th>" for name in names)
    rows = "".join(_rule(covered) for covered in coverage.rules)
    return _wide("Rules and rows", f"<table class='shares'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _wide(name: str, table: str) -> str:
    """A table that scrolls sideways by itself where it is too wide; by keyboard, too."""
    return f"<div class='wide' role='region' tabindex='0' aria-label='{escape(name)}'>{table}</div>"


def _rule(covered: CoveredRule) -> str:
    shares = "".join(f"<td>{Share.among(p for p in covered.points if p.kind is kind)}</td>" for kind in Kind)
    unmet = [_words(point.what) for point in covered.unmet]
    more = f" and {len(unmet) - _ALL_SHOWN} more" if len(unmet) > _ALL_SHOWN else ""
    rest = f"{'; '.join(unmet[:_ALL_SHOWN])}{more}"
    place = covered.rule.place
    name = escape(covered.rule.id)
    link = name if place is None else f"<a href='#{_anchor(place.file, place.line)}'>{name}</a>"
    return f"<tr><td>{link}</td>{shares}<td class='rest'>{rest}</td></tr>"


def _file(file: str, text: str, lines: dict[int, list[Annotated]]) -> str:
    rows = "".join(_line(file, number, line, lines.get(number, ())) for number, line in enumerate(text.splitlines(), 1))
    table = _wide(file, f"<table class='text'><tbody>{rows}</tbody></table>")
    return f"<h2>{escape(file)}</h2>{table}"


def _line(file: str, number: int, text: str, found: Sequence[Annotated]) -> str:
    share = Share.among(one.point for one in found)
    look = "" if not found else "met" if share.met == share.of else "part" if share.met else "none"
    return (
        f"<tr{f' class={look}' if look else ''} id='{_anchor(file, number)}'><td class='no'>{number}</td>"
        f"<td class='share'>{share if found else ''}</td><td><pre>{escape(text) or ' '}</pre>{_unmet(found)}</td></tr>"
    )


def _unmet(found: Iterable[Annotated]) -> str:
    items = [f"<li>{escape(one.rule)}: {_words(one.point.what)}</li>" for one in found if not one.point.met]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _words(what: str) -> str:
    """A point in words; what stands between backquotes is text of the pack."""
    parts = escape(what).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _anchor(file: str, line: int) -> str:
    return escape(f"{file}-{line}")

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest

from policyservice.assurance.handbook.page import Stamp, page
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import EffectKind, Fixed, Op, Rulebook
from tests.assurance.handbook.books import DAY, book, plain

RULES = Path(__file__).parents[3] / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/pack.yaml"))
TODAY = date(2026, 11, 27)


def made(rulebook: Rulebook, stamp: Stamp | None = None, language: str = "en") -> str:
    return page(rulebook, rulebook.opening_limits, DAY, stamp or Stamp(), language)


def read(html: str) -> str:
    """What a person reads: the text between tags, style and script aside."""
    without = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    return plain(unescape(re.sub(r"<[^>]+>", " ", without)))


@pytest.fixture(scope="module", params=PACKS)
def pack(request: pytest.FixtureRequest) -> tuple[Rulebook, str]:
    rulebook = load_folders([RULES / request.param])
    return rulebook, page(rulebook, rulebook.opening_limits, TODAY, Stamp())


def test_every_rule_in_force_of_a_pack_appears_in_both_languages(pack: tuple[Rulebook, str]):
    rulebook, html = pack
    english, finnish = (half for half in re.split(r'<div lang="fi" class="half', html, maxsplit=1))
    in_force = [r for r in rulebook.rules if r.in_force_by is not None or r.in_force.holds(TODAY.toordinal())]

    for half in (english, finnish):
        shown = set(re.findall(r'data-rule="([^"]+)"', half))
        assert {rule.id for rule in in_force} <= shown
    for rule in in_force:
        assert rule.title.en in read(english)
        assert rule.title.fi in read(finnish)
        assert rule.say is None or (rule.say.en in read(english) and rule.say.fi in read(finnish))


def test_no_word_of_the_rules_text_leaks_into_a_page(pack: tuple[Rulebook, str]):
    rulebook, html = pack
    text = read(html)
    words = [op.value for op in Op if "_" in op.value] + ["entitle:", "permit:", "forbid:", "escalate:", "conclude:"]
    names = [*rulebook.facts, *(name for name in rulebook.reckoned)]

    assert [word for word in words if word in text] == []
    assert [name for name in names if name in text] == []
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == []


def test_every_advice_and_every_fixed_sum_in_force_appears(pack: tuple[Rulebook, str]):
    rulebook, html = pack
    text = read(html)
    in_force = [r for r in rulebook.rules if r.in_force_by is not None or r.in_force.holds(TODAY.toordinal())]
    for rule in in_force:
        for effect in rule.then:
            if isinstance(effect.amount, Fixed):
                for language in LANGUAGES:
                    sum_told = Writer(rulebook, language, TODAY).money(effect.amount.value, rule.currency)
                    assert plain(sum_told) in text
            if effect.kind is EffectKind.ADVISE and effect.text is not None:
                assert effect.text.en in text
                assert effect.text.fi in text


def test_a_page_allows_its_own_style_and_script_alone():
    html = made(book())
    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[0])
    parts = {kind: re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL) for kind in ("style", "script")}

    assert policy.startswith("default-src 'none'; ")
    for kind, (text,) in parts.items():
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_a_page_loads_nothing_and_has_no_inline_style():
    html = made(book())

    assert re.findall(r"(?:src|action|style|on[a-z]+)=", re.sub(r"content=\"[^\"]*\"", "", html)) == []
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', html))
    assert "url(" not in html
    assert "@import" not in html


def test_texts_of_rules_are_escaped():
    html = made(book())

    assert "<b>&amp;" not in html
    assert "“&lt;b&gt;&amp;amp;”" in html


def test_a_page_of_folders_is_stamped_with_day_and_digest():
    rulebook = book()
    html = made(rulebook)

    assert f"The rules as they stand on 1 Jun 2026 · Version {rulebook.digest[7:19]}" in read(html)
    assert f"Säännöt sellaisina kuin ne ovat 1.6.2026 · Versio {rulebook.digest[7:19]}" in read(html)
    assert rulebook.digest in html


def test_a_page_of_rules_in_force_is_stamped_with_limits_and_instant():
    html = made(book(), Stamp(7, datetime(2026, 6, 1, 9, 30, tzinfo=UTC)))

    assert "limits version 7 · read 1 Jun 2026 09:30 UTC" in read(html)
    assert "rajojen versio 7 · luettu 1.6.2026 09:30 UTC" in read(html)


def test_a_page_of_the_same_rules_is_the_same():
    assert made(book()) == made(book())


@pytest.mark.parametrize("language", ["en", "fi"])
def test_a_page_opens_in_the_language_asked_for(language: str):
    html = made(book(), language=language)

    assert f'<html lang="{language}">' in html
    assert f'id="language-{language}" checked' in html
    assert html.count("checked") - html.count(":checked") >= 2  # one language and one level


def test_the_bounds_that_managers_turned_are_told_in_place_of_the_opening_ones():
    rulebook = book()
    turned = book(
        limits_yaml="limits:\n  - id: one\n    title: {en: One, fi: Yksi}\n    scope: decision\n    amount: 77.00\n"
    )

    text = read(page(rulebook, turned.opening_limits, DAY, Stamp()))

    assert "up to and including €77.00" in text
    assert "€15.00" not in text


def test_packs_together_name_whose_setting_is_whose():
    rulebook = load_folders([RULES / "goodwill", RULES / "statutory"])
    text = read(page(rulebook, rulebook.opening_limits, TODAY, Stamp()))

    assert "Handbook: Putting things right on the spot, What law and published schemes grant" in text
    assert "“legal claims”" in text
    assert "“customer relations”" in text

"""The handbook as people meet it: searched, switched, on a phone, printed, without script, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from policyservice.assurance.handbook.page import Stamp
from policyservice.assurance.handbook.page import page as handbook
from policyservice.rulebook.load import load_folders

RULES = Path(__file__).parents[2] / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/pack.yaml"))
DAY = date(2026, 11, 27)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each pack's handbook."""
    folder = tmp_path_factory.mktemp("handbooks")
    found = {}
    for name in PACKS:
        rulebook = load_folders([RULES / name])
        file = folder / f"{name}.html"
        file.write_text(handbook(rulebook, rulebook.opening_limits, DAY, Stamp()), encoding="utf-8")
        found[name] = file.as_uri()
    return found


@pytest.fixture
def goodwill(browser: Browser, pages: dict[str, str]) -> Iterator[Page]:
    """The default pack's handbook at desk width; anything that the page's policy blocks fails the test."""
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(pages["goodwill"])
    yield shown
    shown.close()
    assert complaints == []


def seen(shown: Page, selector: str) -> list[str]:
    """The texts of what can be seen."""
    found = shown.locator(selector).filter(visible=True)
    return [text.strip() for text in found.all_inner_texts()]


def test_search_leaves_the_rules_that_have_every_word(goodwill: Page):
    every = len(seen(goodwill, ".card"))

    goodwill.get_by_label("Search the handbook").fill("gift card expired")

    shown = seen(goodwill, ".card")
    assert 0 < len(shown) < every
    assert seen(goodwill, ".chapter h2") == ["Gift card not accepted"]
    assert seen(goodwill, ".contents a") == ["Gift card not accepted"]
    expect(goodwill.locator("#found")).to_have_text(re.compile(rf"^{len(shown)} of {every} rules shown\.$"))


def test_search_finds_a_reason_with_all_of_its_rules(goodwill: Page):
    goodwill.get_by_label("Search the handbook").fill("POWER cut")

    assert "Power cut" in seen(goodwill, ".chapter h2")
    assert (
        len(seen(goodwill, "[id='en-power.outage'] .card")) == goodwill.locator("[id='en-power.outage'] .card").count()
    )


def test_search_that_finds_nothing_says_what_to_do(goodwill: Page):
    goodwill.get_by_label("Search the handbook").fill("zeppelin")

    expect(goodwill.locator("#found")).to_contain_text("Try one word")
    assert seen(goodwill, ".card") == []


def test_an_emptied_search_shows_everything_again(goodwill: Page):
    every = seen(goodwill, ".chapter h2")
    box = goodwill.get_by_label("Search the handbook")

    box.fill("zeppelin")
    box.fill("")

    assert seen(goodwill, ".chapter h2") == every
    assert seen(goodwill, "#found") == []


def test_the_language_switches_and_the_search_goes_on_in_it(goodwill: Page):
    goodwill.get_by_label("Suomi").check()
    goodwill.get_by_label("Hae käsikirjasta").fill("lahjakortti")

    assert goodwill.evaluate("document.documentElement.lang") == "fi"
    assert "Lahjakortti ei kelvannut" in seen(goodwill, ".chapter h2")
    assert "Gift card not accepted" not in seen(goodwill, ".chapter h2")
    expect(goodwill.locator("#found")).to_contain_text("sääntöä")


def test_a_trust_level_alone_is_shown_where_it_is_chosen(goodwill: Page):
    goodwill.get_by_role("radio", name="Trusted").check()

    assert seen(goodwill, ".limits thead th") == ["Limit", "Trusted"]
    assert {text.split()[0] for text in seen(goodwill, ".ladder li")} == {"Trusted"}
    goodwill.get_by_role("radio", name="All").check()
    assert seen(goodwill, ".limits thead th") == ["Limit", "New", "Trusted", "Expert", "Lead"]


def test_a_link_to_a_reason_in_the_other_language_switches_to_it(browser: Browser, pages: dict[str, str]):
    shown = browser.new_page()
    shown.goto(f"{pages['goodwill']}#fi-delivery.late")

    expect(shown.get_by_role("heading", name="Toimitus myöhässä", exact=True)).to_be_visible()
    shown.close()


def test_the_page_works_without_script(browser: Browser, pages: dict[str, str]):
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(pages["goodwill"])

    expect(shown.locator("#search")).to_be_hidden()
    shown.locator("#language-fi").check()
    expect(shown.get_by_role("heading", name="Toimitus myöhässä", exact=True)).to_be_visible()
    expect(shown.get_by_role("heading", name="Delivery late", exact=True)).to_be_hidden()
    shown.locator("#level-0").check()
    expect(shown.get_by_role("columnheader", name="Asiantuntija", exact=True)).to_be_hidden()
    context.close()


def test_the_keyboard_alone_leads_past_the_tools_to_a_reason(goodwill: Page):
    goodwill.keyboard.press("Tab")
    expect(goodwill.get_by_role("link", name="Skip to the list of reasons")).to_be_focused()
    goodwill.keyboard.press("Enter")
    goodwill.keyboard.press("Tab")

    assert goodwill.evaluate("document.activeElement.textContent") == "Ordered but not received"
    assert goodwill.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    goodwill.keyboard.press("Enter")
    expect(goodwill.locator("[id='en-service.not_delivered']")).to_be_in_viewport()


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("language", ["en", "fi"])
def test_a_phone_shows_it_without_sideways_scrolling(browser: Browser, pages: dict[str, str], name: str, language: str):
    shown = browser.new_page(viewport={"width": 360, "height": 740})
    shown.goto(pages[name])
    shown.locator(f"#language-{language}").check()

    widest = shown.evaluate(
        "Math.max(...[...document.querySelectorAll('body *')].filter(e => e.offsetParent && !e.closest('.skip, thead'))"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    assert widest <= 360
    shown.close()


def test_what_is_touched_is_at_least_44_pixels_high(browser: Browser, pages: dict[str, str]):
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    shown = context.new_page()
    shown.goto(pages["goodwill"])

    low = shown.evaluate(
        "[...document.querySelectorAll('a:not(.skip), fieldset label, input[type=search]')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert low == []
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fi"])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, pages: dict[str, str], width: int, scheme: str, language: str
):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    shown = context.new_page()
    shown.goto(pages["airline"])
    shown.locator(f"#language-{language}").check()

    found = Axe().run(shown)

    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
    context.close()


@pytest.mark.parametrize("name", PACKS)
def test_it_prints_on_a4_with_every_reason(browser: Browser, pages: dict[str, str], name: str):
    shown = browser.new_page()
    shown.goto(pages[name])
    reasons = seen(shown, ".chapter h2")
    rules = len(seen(shown, ".card"))

    shown.emulate_media(media="print")
    printed = shown.pdf(prefer_css_page_size=True)

    assert printed.startswith(b"%PDF-")
    assert {tuple(round(float(side)) for side in box.split()) for box in _boxes(printed)} == {(0, 0, 595, 842)}
    assert seen(shown, ".chapter h2") == reasons
    assert len(seen(shown, ".card")) == rules
    assert seen(shown, ".tools") == []
    shown.close()


def _boxes(pdf: bytes) -> list[str]:
    """The sizes of the sheets, in points."""
    return [box.decode() for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)]

"""The coverage page as people meet it: on a phone and a desk, in light and dark, printed; with every kind of line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from policyservice.assurance.coverage.measure import measure
from policyservice.assurance.coverage.page import page as coverage_page
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.source import read_packs

PACK = Path(__file__).parents[2] / "rules/airline"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a pack of which a third of the policy tests are left: lines exercised, in part and not at all."""
    whole = load_folders([PACK])
    book = replace(whole, tests=whole.tests[: len(whole.tests) // 3])
    texts = {f"{pack}/{path}": text for pack, files in read_packs([PACK]).items() for path, text in files.items()}
    file = tmp_path_factory.mktemp("coverage") / "coverage.html"
    file.write_text(coverage_page(book, measure(book), texts), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_reading_it(browser: Browser, address: str, width: int, scheme: str):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    shown = context.new_page()
    shown.goto(address)

    assert {shown.locator(f"tr.{look}").count() > 0 for look in ("met", "part", "none")} == {True}
    found = Axe().run(shown)

    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
    context.close()


def test_paper_and_ink_change_places_in_the_dark(browser: Browser, address: str):
    seen = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        shown = context.new_page()
        shown.goto(address)
        seen.append(shown.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()

    assert seen == ["rgb(255, 255, 255)", "rgb(20, 25, 31)"]


def test_a_phone_scrolls_wide_tables_and_not_the_page(browser: Browser, address: str):
    shown = browser.new_page(viewport={"width": 360, "height": 740})
    shown.goto(address)

    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    assert shown.evaluate("document.querySelector('table.text').getBoundingClientRect().right") <= 360
    shown.close()


def test_a_rule_leads_to_its_line_by_keyboard(browser: Browser, address: str):
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    shown.goto(address)
    link = shown.get_by_role("link", name="cancel-business")

    link.focus()
    shown.keyboard.press("Enter")

    target = shown.locator(f"[id='{(link.get_attribute('href') or '#')[1:]}']")
    expect(target).to_be_in_viewport()
    expect(target).to_contain_text("id: cancel-business")
    shown.close()


def test_it_prints_light_on_a4_with_every_line(browser: Browser, address: str):
    context = browser.new_context(color_scheme="dark")
    shown = context.new_page()
    shown.goto(address)
    lines = shown.locator("table.text tr").count()

    shown.emulate_media(media="print", color_scheme="dark")
    printed = shown.pdf(prefer_css_page_size=True)

    assert printed.startswith(b"%PDF-")
    sheets = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", printed)
    assert {tuple(round(float(side)) for side in box.split()) for box in sheets} == {(0, 0, 595, 842)}
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator("table.text tr").filter(visible=True).count() == lines
    context.close()

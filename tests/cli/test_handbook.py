"""`rules handbook`: from folders and from the database, each with its stamp."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import database_url, run, write_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path)


def handbook(*arguments: object, url: str | None = None):
    return run("rules", "handbook", *(str(argument) for argument in arguments), url=url)


def test_a_folder_becomes_a_page_in_both_languages(pack: Path, tmp_path: Path):
    out = tmp_path / "handbook.html"

    result = handbook(pack, "-o", out, "--as-of", "2026-06-01")

    html = out.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert "Handbook: Coffee shop" in html
    assert "Käsikirja: Kahvila" in html
    assert "The rules as they stand on 1 Jun 2026 · Version" in html
    assert "limits version" not in html


def test_rules_that_are_not_in_force_on_the_day_are_not_told(pack: Path, tmp_path: Path):
    out = tmp_path / "handbook.html"

    handbook(pack, "-o", out, "--as-of", "2025-12-31")
    before = out.read_text(encoding="utf-8")
    handbook(pack, "-o", out, "--as-of", "2026-01-01")

    assert 'data-rule="cold-coffee"' not in before
    assert "Cold coffee, from 1 Jan 2026" in before
    assert 'data-rule="cold-coffee"' in out.read_text(encoding="utf-8")


def test_the_page_opens_in_the_language_asked_for(pack: Path):
    result = handbook(pack, "-o", "-", "--language", "fi")

    assert '<html lang="fi">' in result.stdout


def test_the_rules_in_force_are_told_with_their_turned_limits_and_versions(url: str, tmp_path: Path):
    out = tmp_path / "handbook.html"
    run("limits", "set", "agent-day.new", "7.00", "--because", "Trust more", "--yes", url=url)

    result = handbook("--in-force", "-o", out, url=url)

    html = out.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert "limits version 2 · read " in html
    assert "up to and including €7.00" in html
    assert "up to and including €5.00" not in html


def test_what_is_published_for_a_later_day_is_told_as_of_that_day(url: str, pack: Path, tmp_path: Path):
    catalogue = pack / "catalogue.yaml"
    catalogue.write_text(catalogue.read_text("utf-8").replace("Coffee was cold", "Coffee was icy"), encoding="utf-8")
    run("rules", "publish", str(pack), "--from", "2999-01-01", url=url)
    now, then = tmp_path / "now.html", tmp_path / "then.html"

    handbook("--in-force", "-o", now, url=url)
    handbook("--in-force", "-o", then, "--as-of", "2999-01-01", url=url)

    assert "Coffee was icy" not in now.read_text(encoding="utf-8")
    assert "Coffee was icy" in then.read_text(encoding="utf-8")
    assert "as they stand on 1 Jan 2999" in then.read_text(encoding="utf-8")


@pytest.mark.parametrize("with_folder", [True, False])
def test_folders_and_the_database_are_one_or_the_other(with_folder: bool, pack: Path, tmp_path: Path):
    out = tmp_path / "handbook.html"

    result = handbook(*([pack, "--in-force"] if with_folder else []), "-o", out, url=database_url(tmp_path))

    assert result.exit_code == 2
    assert "one of the two" in result.stderr
    assert not out.exists()


def test_a_pack_with_a_problem_leaves_an_earlier_page_as_it_was(pack: Path, tmp_path: Path):
    out = tmp_path / "handbook.html"
    out.write_text("earlier", encoding="utf-8")
    (pack / "catalogue.yaml").write_text("remedies: {}\n", encoding="utf-8")

    result = handbook(pack, "-o", out)

    assert result.exit_code == 1
    assert "cafe/" in result.stdout
    assert out.read_text(encoding="utf-8") == "earlier"

from __future__ import annotations

from tests.cli.decisions import give_gifts
from tests.cli.support import run


def set_limit(url: str, *arguments: str):
    return run("limits", "set", *arguments, "--because", "Trust more", "--yes", url=url)


def test_show_tells_bounds_by_level_guard_rails_and_who_used_most(url):
    give_gifts(url, "2.00", "1.00")

    shown = run("limits", "show", url=url).stdout

    assert "Version 1" in shown
    assert "new 5.00 EUR, 3 times" in shown
    assert "1.00..60.00" in shown
    assert "1..40 times" in shown
    assert "maija: 3.00, 2 times" in shown


def test_bounds_are_shown_with_the_lowest_level_first(url):
    shown = run("limits", "show", url=url).stdout

    assert shown.index("new 5.00") < shown.index("lead 50.00")


def test_set_shows_the_effect_and_makes_a_new_version(url):
    give_gifts(url, "4.00", "3.00")

    result = set_limit(url, "agent-day.new", "7.00")

    assert result.exit_code == 0
    assert "agent-day.new: 5.00 EUR -> 7.00 EUR" in result.stdout
    assert "Of the 2 decisions of the last 30 days 1 would have come out otherwise." in result.stdout
    assert "escalate -> allow: 1" in result.stdout
    assert "goodwill: +3.00 EUR" in result.stdout
    assert "Version 2" in result.stdout
    assert "new 7.00 EUR" in run("limits", "show", url=url).stdout


def test_a_count_is_set_by_its_own_name(url):
    assert set_limit(url, "agent-day.new.count", "4").exit_code == 0
    assert "new 5.00 EUR, 4 times" in run("limits", "show", url=url).stdout


def test_a_bound_on_a_guard_rail_is_taken_and_one_beyond_is_not(url):
    assert set_limit(url, "agent-day.lead", "60.00").exit_code == 0

    result = set_limit(url, "agent-day.lead", "60.01")

    assert result.exit_code == 1
    assert "60.01 is outside" in result.stderr
    assert "Version 2" in run("limits", "show", url=url).stdout


def test_without_a_terminal_nothing_changes_unless_yes_is_said(url):
    result = run("limits", "set", "agent-day.new", "7.00", "--because", "x", url=url)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert "Version 1" in run("limits", "show", url=url).stdout


def test_a_change_needs_a_reason(url):
    assert run("limits", "set", "agent-day.new", "7.00", "--yes", url=url).exit_code == 2


def test_a_limit_that_is_not_there_is_refused_with_those_there_are(url):
    result = set_limit(url, "nosuch", "7.00")

    assert result.exit_code == 1
    assert "agent-day" in result.stderr


def test_setting_what_is_set_makes_no_version(url):
    result = set_limit(url, "agent-day.new", "5.00")

    assert result.exit_code == 0
    assert "Version 1" in run("limits", "show", url=url).stdout


def test_a_change_for_later_leaves_what_is_in_force(url):
    assert set_limit(url, "agent-day.new", "7.00", "--from", "2999-01-01").exit_code == 0
    assert "new 5.00 EUR" in run("limits", "show", url=url).stdout


def test_a_change_cannot_begin_in_the_past(url):
    assert "has passed" in set_limit(url, "agent-day.new", "7.00", "--from", "2020-01-01").stderr


def test_history_says_what_each_version_moved_and_why(url):
    set_limit(url, "agent-day.new", "7.00", "--author", "liisa")

    newest, first = run("limits", "history", url=url).stdout.splitlines()[1:]

    assert "liisa" in newest
    assert "Trust more" in newest
    assert "agent-day.new: 5.00 EUR -> 7.00 EUR" in newest
    assert "the first" in first


def test_undo_brings_back_the_bounds_before_as_a_new_version(url):
    set_limit(url, "agent-day.new", "7.00")

    result = run("limits", "undo", "--yes", url=url)

    assert "agent-day.new: 7.00 EUR -> 5.00 EUR" in result.stdout
    assert "Version 3" in result.stdout


def test_undo_of_the_first_version_is_refused(url):
    result = run("limits", "undo", "--yes", url=url)

    assert result.exit_code == 1
    assert "Version 1" in run("limits", "show", url=url).stdout

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyservice.cli.publications import anything_published
from policyservice.db.session import Database
from policyservice.rulebook.schema.files import FILES
from tests.benchmarks.books import known_files
from tests.cli.support import PACK, database_url, run, write_pack

_BROKEN = PACK["rules/coffee.yaml"].replace("order.paid: {more_than", "order.payd: {more_than").replace("gift", "gifft")
_FAILING = PACK["tests/coffee.yaml"].replace("{outcome: deny}", "{outcome: allow}")


def test_check_is_quiet_about_a_pack_without_problems(tmp_path):
    result = run("rules", "check", str(write_pack(tmp_path)))

    assert result.exit_code == 0
    assert result.stdout == "cafe: 2 rules, 2 tests, no problems.\n"


def test_check_reports_every_problem_with_its_file_line_and_column(tmp_path):
    pack = write_pack(tmp_path, rules__coffee_yaml=_BROKEN)

    result = run("rules", "check", str(pack))

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"{pack}/rules/coffee.yaml:8:") and "order.paid" in line for line in lines)
    assert any(line.startswith(f"{pack}/rules/coffee.yaml:17:") and "gift" in line for line in lines)


def test_check_of_a_folder_that_is_no_pack_is_refused(tmp_path):
    result = run("rules", "check", str(tmp_path))

    assert result.exit_code == 1
    assert "pack.yaml" in result.stdout


def test_check_of_a_folder_that_is_not_there_is_a_wrong_call(tmp_path):
    assert run("rules", "check", str(tmp_path / "nosuch")).exit_code == 2


_TWO_SIZES = PACK["rules/coffee.yaml"].replace(
    "when: {reason: coffee.cold}\n", "when: {reason: coffee.cold, order.paid: {at_least: 2.00}}\n"
)
_CROSSED = _TWO_SIZES.replace("{at_least: 2.00}", "{at_least: 2.00, less_than: 2.00}")


def test_check_tells_notes_with_a_case_and_fails_on_them_only_where_it_is_strict(tmp_path):
    pack = write_pack(tmp_path, rules__coffee_yaml=_TWO_SIZES)

    result = run("rules", "check", "--as-of", "2026-06-01", str(pack))
    strict = run("rules", "check", "--as-of", "2026-06-01", "--strict", str(pack))

    assert (result.exit_code, strict.exit_code) == (0, 1)
    note, counted = result.stdout.splitlines()
    assert note.startswith(f"{pack}/catalogue.yaml:7:3: note: no rule speaks for some cases of `coffee.cold`")
    assert "{reason: coffee.cold, order.paid: 0.00}" in note
    assert counted == "cafe: 2 rules, 2 tests, no problems. 1 note(s)."
    assert "0 problem(s), 1 note(s)." in strict.stderr


def test_check_fails_on_a_rule_that_can_never_fire_unless_it_is_quick(tmp_path):
    pack = write_pack(tmp_path, rules__coffee_yaml=_CROSSED)

    result = run("rules", "check", str(pack))

    assert result.exit_code == 1
    assert f"{pack}/rules/coffee.yaml:11:5: `something-small` can never fire" in result.stdout
    assert run("rules", "check", "--quick", str(pack)).exit_code == 0


def test_policy_tests_that_hold_are_counted(tmp_path):
    result = run("rules", "test", str(write_pack(tmp_path)))

    assert result.exit_code == 0
    assert result.stdout == "cafe: 2 policy tests hold.\n"


def test_a_policy_test_that_fails_says_what_was_expected_and_what_came(tmp_path):
    pack = write_pack(tmp_path, tests__coffee_yaml=_FAILING)

    result = run("rules", "test", str(pack))

    assert result.exit_code == 1
    assert f"{pack}/tests/coffee.yaml:" in result.stdout
    assert "a cent more is not: outcome: expected allow, came deny" in result.stdout
    assert "1 of 2 policy tests fail." in result.stderr


def test_publish_puts_a_pack_in_force_and_show_says_so(tmp_path, url):
    pack = write_pack(tmp_path, rules__coffee_yaml=PACK["rules/coffee.yaml"].replace("9.00", "8.00"))

    result = run("rules", "publish", str(pack), "--because", "Smaller biscuits", "--author", "anna", url=url)

    assert result.exit_code == 0
    shown = run("rules", "show", url=url).stdout
    assert "in force" in shown
    assert "Smaller biscuits" in shown
    assert "anna" in shown


def test_what_is_published_for_later_is_to_come(tmp_path, url):
    pack = write_pack(tmp_path, rules__coffee_yaml=PACK["rules/coffee.yaml"].replace("9.00", "8.00"))

    run("rules", "publish", str(pack), "--from", "2999-01-01", url=url)

    first, second = run("rules", "show", url=url).stdout.splitlines()[1:]
    assert first.startswith("in force")
    assert second.startswith("to come")


def test_a_pack_whose_tests_fail_changes_nothing(tmp_path, url):
    before = run("rules", "show", url=url).stdout
    pack = write_pack(tmp_path, tests__coffee_yaml=_FAILING)

    result = run("rules", "publish", str(pack), url=url)

    assert result.exit_code == 1
    assert "Nothing was changed" in result.stderr
    assert run("rules", "show", url=url).stdout == before


def test_publishing_into_the_past_is_refused(tmp_path, url):
    result = run("rules", "publish", str(write_pack(tmp_path)), "--from", "2020-01-01", url=url)

    assert result.exit_code == 1
    assert "has passed" in result.stderr


def test_show_where_nothing_was_published_says_what_to_do(tmp_path):
    url = database_url(tmp_path)
    run("db", "upgrade", url=url)

    result = run("rules", "show", url=url)

    assert result.exit_code == 1
    assert "policyservice rules publish" in result.stderr
    db = Database(url)
    with db.reading() as conn:
        assert not anything_published(conn)
    db.dispose()


_CONTRADICTORY = """
invariants:
  - {id: keep, title: {en: a, fi: b}, asks: {owed_by: contract}, never: {refuse: true}}
  - {id: stop, title: {en: a, fi: b}, never: {allow: true}}
"""


def test_prove_tells_invariants_that_contradict_each_other(tmp_path):
    pack = write_pack(tmp_path)
    (pack / "invariants.yaml").write_text(_CONTRADICTORY, encoding="utf-8")

    result = run("rules", "prove", str(pack))

    assert result.exit_code == 1
    assert f"{pack}/invariants.yaml:3:5: `keep` says that a request is never refused, `stop`" in result.stdout


def test_schemas_are_written_with_how_an_editor_takes_them(tmp_path):
    result = run("rules", "schemas", str(tmp_path / "editor"))

    written = sorted(path.name for path in (tmp_path / "editor").iterdir())
    assert result.exit_code == 0
    assert written == sorted(f"{kind}.schema.json" for kind in FILES)
    assert json.loads((tmp_path / "editor" / "rules.schema.json").read_text("utf-8"))["title"] == "policyservice rules"
    assert f'"{tmp_path}/editor/rules.schema.json": [' in result.stdout
    assert "# yaml-language-server: $schema=" in result.stdout


@pytest.mark.long
def test_ten_thousand_rules_are_read_and_checked(tmp_path: Path):
    for name, text in known_files(10_000).items():
        file = tmp_path / "bench" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    checked = run("rules", "check", str(tmp_path / "bench"))
    tested = run("rules", "test", str(tmp_path / "bench"))

    assert (checked.exit_code, tested.exit_code) == (0, 0)
    assert "bench: 10000 rules, 20000 tests, no problems." in checked.stdout
    assert tested.stdout == "bench: 20000 policy tests hold.\n"

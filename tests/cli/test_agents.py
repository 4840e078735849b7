from __future__ import annotations

from tests.cli.support import run

_GOOD = "ref,name,team,trust_level,kind\nmaija,Maija,web,new,human\nrobo,Robo,,lead,ai\n"


def test_import_registers_every_agent_of_the_file(url, tmp_path):
    file = tmp_path / "agents.csv"
    file.write_text(_GOOD, encoding="utf-8")

    result = run("agents", "import", str(file), url=url)

    assert result.stdout == "2 agent(s) registered, 0 changed.\n"
    assert "robo" in run("agents", "list", url=url).stdout


def test_importing_again_changes_what_is_there(url):
    run("agents", "import", "-", url=url, given=_GOOD)

    result = run("agents", "import", "-", url=url, given=_GOOD.replace("Maija", "Maija M."))

    assert result.stdout == "0 agent(s) registered, 2 changed.\n"


def test_every_line_at_fault_is_named_and_nothing_is_changed(url):
    lines = "".join(f"a{n},Name,team,nosuch,human\n" for n in range(7))

    result = run("agents", "import", "-", url=url, given=_GOOD + lines + "b,B,team,new,dog\n")

    assert result.exit_code == 1
    assert [n for n in range(4, 12) if f"line {n}." not in result.stderr] == []
    assert "maija" not in run("agents", "list", url=url).stdout


def test_other_columns_are_refused(url):
    result = run("agents", "import", "-", url=url, given="name,ref\nMaija,maija\n")

    assert result.exit_code == 1
    assert "ref,name,team,trust_level,kind" in result.stderr


def test_a_file_that_is_not_utf8_is_refused_in_a_sentence(url, tmp_path):
    file = tmp_path / "agents.csv"
    file.write_bytes(_GOOD.replace("Maija", "Mäijä").encode("latin-1"))

    result = run("agents", "import", str(file), url=url)

    assert result.exit_code == 1
    assert "UTF-8" in result.stderr


def test_a_file_that_is_no_csv_is_refused_in_a_sentence(url):
    result = run("agents", "import", "-", url=url, given='ref,name,team,trust_level,kind\n"maija" x,M,web,new,human\n')

    assert result.exit_code == 1
    assert "line 2" in result.stderr

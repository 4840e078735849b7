from __future__ import annotations

from click.testing import Result

from tests.cli.support import run

_HEADER = "kind,at,case,score,lowest,highest,ref,note\n"
_GOOD = _HEADER + (
    'satisfaction,2026-05-04T10:00:00+03:00,T-1,5,1,5,a-1,"quick, and kind"\n'
    "repeat_contact,2026-05-05 09:00,T-1,,,,b-1,\n"
)


def imported(url: str, text: str, *options: str, code: int = 0) -> Result:
    result = run("outcomes", "import", "-", "--source", "tool", *options, url=url, given=text)
    assert result.exit_code == code, result.output
    return result


def test_a_file_is_kept_once_however_often_it_is_imported(url):
    assert imported(url, _GOOD).stdout == "2 outcome(s): 0 duplicate, 0 contradicts, 2 unknown, 0 late, 0 kept.\n"
    assert imported(url, _GOOD).stdout == "2 outcome(s): 2 duplicate, 0 contradicts, 0 unknown, 0 late, 0 kept.\n"

    lines = run("outcomes", "status", url=url).stdout.splitlines()
    assert [line.split() for line in lines if line.startswith(("satisfaction", "churn"))] == [
        ["satisfaction", "1", "0", "1", "0"],
        ["churn", "0", "0", "0", "0"],
    ]


def test_an_export_in_finnish_with_semicolons_is_read_by_its_mapping(url):
    text = "ID;Aika;Arvio;Kommentti;Viite\n1;2026-05-04 10:00;4;Kiitos;T-1\n2;2026-05-04 10:05;1;;T-2\n"

    assert imported(url, text, "--mapping", "taplause").stdout.startswith("2 outcome(s): 0 duplicate")


def test_every_line_at_fault_is_named_and_nothing_is_kept(url):
    result = imported(url, _GOOD + "satisfaction,2026-05-04T10:00:00Z,T-2,9,1,5,,\nanger,,,,,,,\n", code=1)

    assert "line 4: score: expected 1 up to and including 5." in result.stderr
    assert "line 5: kind: expected one of" in result.stderr
    assert result.stderr.rstrip().endswith("Nothing was kept.")
    assert " 0 " in run("outcomes", "status", url=url).stdout


def test_what_is_no_file_of_outcomes_is_refused(url):
    assert "names the columns" in imported(url, "", code=1).stderr
    assert "more fields than" in imported(url, _HEADER + ",,,,,,,,too many\n", code=1).stderr
    assert "kinds" in imported(url, "kinds,at\nchurn,2026-05-04T10:00:00Z\n", code=1).stderr

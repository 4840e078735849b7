from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

from policyservice.cli.case_lines import LONGEST_LINE
from policyservice.cli.evaluate import read_lines
from tests.cli.support import run, start, write_pack


def a_line(name: str, amount: str = "4.00") -> str:
    facts = {"reason": "coffee.cold", "order.paid": "4.00"}
    return json.dumps({"id": name, "facts": facts, "ask": {"remedy": "refund", "amount": amount, "currency": "EUR"}})


def answers(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_lines_are_answered_in_order(tmp_path: Path):
    result = run("evaluate", "--rules", str(write_pack(tmp_path)), given=f"{a_line('a')}\n{a_line('b', '5.00')}\n")

    assert result.exit_code == 0
    assert [(answer["id"], answer["outcome"]) for answer in answers(result.stdout)] == [("a", "allow"), ("b", "deny")]


def test_a_file_is_read_as_standard_input_is(tmp_path: Path):
    file = tmp_path / "cases.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + a_line("a").encode() + b"\r\n\n")

    result = run("evaluate", "--rules", str(write_pack(tmp_path)), str(file))

    assert [answer["id"] for answer in answers(result.stdout)] == ["a"]


def test_a_bad_line_is_answered_by_its_error_and_the_rest_goes_on(tmp_path: Path):
    given = f"nonsense\n{a_line('b', '0.00')}\n{a_line('c')}\n"

    result = run("evaluate", "--rules", str(write_pack(tmp_path)), given=given)

    assert result.exit_code == 1
    assert [(answer["id"], "error" in answer) for answer in answers(result.stdout)] == [
        (None, True),
        ("b", True),
        ("c", False),
    ]
    assert "2 line(s)" in result.stderr


def test_an_id_with_half_a_surrogate_pair_comes_back_as_it_was(tmp_path: Path):
    given = a_line("ID").replace('"ID"', '"\\ud800"')

    result = run("evaluate", "--rules", str(write_pack(tmp_path)), given=given)

    assert answers(result.stdout)[0]["id"] == "\ud800"


def test_bad_rules_are_refused_before_any_line(tmp_path: Path):
    pack = write_pack(tmp_path, rules__coffee_yaml="rules: nonsense")

    result = run("evaluate", "--rules", str(pack), given=a_line("a"))

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "cafe/rules/coffee.yaml:1:8" in result.stderr


def test_without_rules_it_is_a_wrong_call():
    assert run("evaluate").exit_code == 2


def test_a_line_is_answered_before_the_next_one_is_there(tmp_path: Path):
    process = start("evaluate", "--rules", str(write_pack(tmp_path)), cwd=tmp_path)
    assert process.stdin
    assert process.stdout

    for name in ("a", "b"):
        process.stdin.write(f"{a_line(name)}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == name

    process.communicate()
    assert process.returncode == 0


def test_a_reader_that_goes_away_ends_it_without_a_traceback(tmp_path: Path):
    process = start("evaluate", "--rules", str(write_pack(tmp_path)), cwd=tmp_path)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(f"{a_line('a')}\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(f"{a_line('b')}\n{a_line('c')}\n")
    process.stdin.close()

    assert "Traceback" not in process.stderr.read()
    process.wait()
    process.stderr.close()


def test_a_line_of_the_longest_length_is_read_and_one_byte_more_is_not():
    fits, over = b"x" * LONGEST_LINE, b"y" * (LONGEST_LINE + 1)

    assert list(read_lines(BytesIO(fits + b"\n" + over + b"\nnext\n"))) == [fits, None, b"next"]


def test_reading_holds_no_more_than_a_line_however_long_the_stream():
    class Endless:
        """A line without an end, which would fill the memory if it were read whole."""

        def __init__(self) -> None:
            self.left = 200

        def readline(self, most: int) -> bytes:
            assert most <= LONGEST_LINE + 2
            self.left -= 1
            return b"z" * most if self.left > 0 else b""

    assert list(read_lines(Endless())) == [None]

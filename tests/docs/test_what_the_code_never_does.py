"""What the code must never do, or in a few places alone: found by reading it, so that a new place is argued for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from policyservice.api.admin import surveys

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = _ROOT / "policyservice"
_TREES = {
    path.relative_to(_PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(_PACKAGE.rglob("*.py"))
}
_DANGEROUS = {
    "pickle",
    "marshal",
    "shelve",
    "xml",
    "lxml",
    "ldap",
    "ldap3",
    "ctypes",
    "cffi",
    "smtplib",
    "imaplib",
    "yaml",
}
_RUNS = {"eval", "exec", "compile", "__import__"}
_STATEMENT = {"text", "exec_driver_sql", "execute", "executescript", "run_text"}
_PATTERN = {"compile", "match", "search", "fullmatch", "sub", "findall", "finditer", "split"}
_OF_A_CALLER = {"Authorization", "Idempotency-Key", "Content-Encoding", "HEADER"}  # the last is the request's id
_OF_A_DELIVERY = {"name"}  # each of what a survey tool signs with: `_HEADERS` in api/admin/surveys.py
_OF_WHERE_FROM = {"remote_addr", "access_route", "host", "host_url", "url_root", "base_url", "is_secure", "remote_user"}


def _found(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for place, tree in _TREES.items():
        yield from ((place, node) for node in ast.walk(tree) if isinstance(node, kind))


def _calls() -> Iterator[tuple[str, str, str, ast.Call]]:
    """Every call: file, what it is called on, its name, the node."""
    for place, node in _found(ast.Call):
        assert isinstance(node, ast.Call)
        match node.func:
            case ast.Name(id=name):
                yield place, "", name, node
            case ast.Attribute(value=on, attr=name):
                yield place, ast.unparse(on), name, node


def _is_made(given: ast.expr) -> bool:
    """Whether a text is put together where it is used."""
    return isinstance(given, ast.JoinedStr | ast.BinOp) or (
        isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "format"
    )


def test_text_is_run_as_code_in_one_place():
    assert len(_TREES) > 200
    assert {place for place, on, name, _ in _calls() if not on and name in _RUNS} == {"engine/source.py"}


def test_no_module_is_imported_that_makes_objects_of_bytes_or_speaks_to_other_interpreters():
    for place, tree in _TREES.items():
        for node in ast.walk(tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names} & _DANGEROUS, place


def test_the_demo_alone_starts_a_process_and_never_through_a_shell():
    assert {place for place, on, _, _ in _calls() if on in ("subprocess", "os.system", "pty")} == {"cli/demo/host.py"}
    assert [place for place, on, name, _ in _calls() if on == "os" and name in ("system", "popen")] == []
    for _, _, _, node in _calls():
        assert "shell" not in {keyword.arg for keyword in node.keywords}


def test_a_statement_is_put_together_in_few_places_and_never_of_values():
    """Of names of the schema, of numbered places for values, of numbers from the settings."""
    made = {
        place
        for place, _, name, node in _calls()
        if name in _STATEMENT and node.args and _is_made(node.args[0]) and not place.startswith("db/migrations/")
    }
    assert made == {
        "db/backups/contents.py",
        "db/backups/postgres.py",
        "db/backups/sqlite.py",
        "db/session.py",
        "ledger/counters.py",
    }


def test_a_pattern_is_put_together_in_few_places():
    made = {place for place, on, name, node in _calls() if on == "re" and name in _PATTERN and _is_made(node.args[0])}
    assert made == {"api/logging.py", "assurance/coverage/lines.py", "domain/pseudonyms.py", "rulebook/schema/words.py"}
    assert "re.escape(fact)" in (_PACKAGE / "assurance/coverage/lines.py").read_text(encoding="utf-8")


def test_a_format_is_a_constant():
    """Wherever what a caller sent is near; a handbook takes its phrases out of a catalogue of its own."""
    for place, on, name, _ in _calls():
        assert name != "format_map", place
        if name == "format" and not place.startswith("assurance/handbook/"):
            assert re.match(r"(sql\.SQL\()?['\"]|[_A-Z]+\Z", on), (place, on)


def test_a_request_is_judged_by_these_headers_and_not_by_where_it_comes_from():
    read = set()
    for _, on, name, node in _calls():
        if on == "request.headers" and name in ("get", "getlist"):
            read.add(ast.unparse(node.args[0]).strip("'"))
    assert read == _OF_A_CALLER | _OF_A_DELIVERY
    assert surveys._HEADERS == ("webhook-id", "webhook-timestamp", "webhook-signature")
    for place, node in _found(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        assert not (ast.unparse(node.value) == "request" and node.attr in _OF_WHERE_FROM), place


def test_no_address_is_redirected_to_another():
    assert [place for place, _, name, _ in _calls() if name in ("redirect", "url_for")] == []


def test_no_key_stands_in_the_source():
    looked_at = 0
    for folder in ("policyservice", "rules", "docs", "tests", ".ci"):
        for path in (_ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".yaml", ".yml", ".json", ".conf", ".service", "") and path.is_file():
                looked_at += 1
                text = path.read_text(encoding="utf-8", errors="replace")
                assert not re.search(r"psk_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])|BEGIN [A-Z ]*PRIVATE KEY", text), path
    assert looked_at > 500

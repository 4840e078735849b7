from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from policyservice.db.session import Database
from tests.cli.decisions import give_gifts
from tests.cli.support import run


def tamper(url: str, *statements: str) -> None:
    """What nobody can do through the service: the guards go first."""
    db = Database(url)
    with db.transaction() as conn:
        triggers = conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in triggers:
            conn.execute(text(f"DROP TRIGGER {name}"))
        conn.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            conn.execute(text(statement))
    db.dispose()


@pytest.fixture
def decisions(url: str) -> list[str]:
    """Two decisions, sealed, one entry each."""
    ids = give_gifts(url, "2.00", "1.00")
    assert run("log", "seal", url=url).stdout == "4 row(s) sealed; the log has 1 seal(s).\n"
    return ids


def test_sealing_again_seals_nothing(url, decisions):
    assert run("log", "seal", url=url).stdout == "0 row(s) sealed; the log has 1 seal(s).\n"


def test_sealing_gives_up_on_a_transaction_that_stays_open(url, decisions, monkeypatch):
    from policyservice.decisions.seal.sealer import Sealer

    monkeypatch.setattr("policyservice.cli.seals._PATIENCE_SECONDS", 0)
    monkeypatch.setattr(Sealer, "is_waiting", property(lambda self: True))

    result = run("log", "seal", url=url)

    assert result.exit_code == 1
    assert "has been open all the while" in result.stderr


def test_a_log_as_it_was_sealed_verifies_quietly_in_a_pipe(url, decisions):
    result = run("log", "verify", url=url)

    assert result.exit_code == 0
    assert result.stdout == "4 row(s) compared with 1 seal(s), all as they were sealed.\n"
    assert result.stderr == ""


def test_rows_that_wait_for_their_seal_are_told(url, decisions):
    give_gifts(url, "1.00", agent="teppo")

    assert run("log", "verify", url=url).stdout.endswith("all as they were sealed; 2 row(s) not sealed yet.\n")


def test_verify_names_every_row_that_is_not_as_it_was_sealed(url, decisions):
    tamper(url, "UPDATE decision SET reason = 'x' WHERE seq = 1", "DELETE FROM entry WHERE seq = 2")

    result = run("log", "verify", url=url)

    assert result.exit_code == 1
    assert result.stdout == f"decision 1 ({decisions[0]}): altered\nentry 2: removed\n"
    assert result.stderr == "3 row(s) compared with 1 seal(s), 2 difference(s).\n"


def test_a_checkpoint_shows_a_log_that_was_cut_off(url, decisions, tmp_path):
    kept = tmp_path / "checkpoint.json"
    assert run("log", "checkpoint", str(kept), url=url).stderr == f"Written to {kept}.\n"
    assert run("log", "verify", "--checkpoint", str(kept), url=url).exit_code == 0
    tamper(url, "DELETE FROM seal", "DELETE FROM entry", "DELETE FROM reservation", "DELETE FROM decision")

    assert run("log", "verify", url=url).exit_code == 0
    result = run("log", "verify", "--checkpoint", str(kept), url=url)
    assert result.exit_code == 1
    assert result.stdout == "checkpoint 1: had 1 seals, the log has 0: its end was cut off\n"


def test_a_checkpoint_goes_to_standard_output_where_no_file_is_named(url, decisions):
    result = run("log", "checkpoint", url=url)

    assert json.loads(result.stdout)["seals"] == 1


def test_nothing_sealed_has_no_checkpoint(url):
    result = run("log", "checkpoint", url=url)

    assert result.exit_code == 1
    assert "run `policyservice log seal` first" in result.stderr


def test_altered_seals_have_no_checkpoint(url, decisions):
    tamper(url, "UPDATE seal SET hash = 'none'")

    result = run("log", "checkpoint", url=url)
    assert result.exit_code == 1
    assert "log verify" in result.stderr


def test_a_proof_is_checked_without_a_database(url, decisions, tmp_path):
    kept, proof = tmp_path / "checkpoint.json", tmp_path / "proof.json"
    run("log", "checkpoint", str(kept), url=url)
    give_gifts(url, "1.00", agent="teppo")
    run("log", "seal", url=url)
    assert run("log", "prove", decisions[1], str(proof), "--checkpoint", str(kept), url=url).exit_code == 0

    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    result = run("log", "check-proof", str(proof), "--checkpoint", str(kept), url=nowhere)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Decision {decisions[1]} of 20")
    assert result.stderr == ""

    alone = run("log", "check-proof", str(proof), url=nowhere)
    assert alone.exit_code == 0
    assert "give your own with --checkpoint" in alone.stderr


def test_a_changed_proof_is_refused(url, decisions, tmp_path):
    proof = tmp_path / "proof.json"
    made = run("log", "prove", decisions[0], url=url).stdout
    proof.write_text(made.replace("amount_minor", "amount_mimor", 1), encoding="utf-8")

    result = run("log", "check-proof", str(proof))

    assert result.exit_code == 1
    assert result.stderr == f"{proof}: The row is not in its seal: it, or the path, was changed.\n"


def test_a_decision_that_is_not_sealed_or_not_there_is_not_proven(url, decisions):
    (later,) = give_gifts(url, "1.00", agent="teppo")

    result = run("log", "prove", later, url=url)
    assert result.exit_code == 1
    assert "is not sealed yet" in result.stderr
    assert run("log", "prove", "dec_none", url=url).exit_code == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"1" * 5000])
def test_a_file_that_is_something_else_is_refused_in_a_sentence(url, decisions, tmp_path, content):
    file = tmp_path / "file.json"
    file.write_bytes(content)

    for arguments in (("verify", "--checkpoint", str(file)), ("check-proof", str(file))):
        result = run("log", *arguments, url=url)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"{file}: is no ")


def test_a_file_that_is_not_there_is_a_wrong_call(url, tmp_path):
    assert run("log", "check-proof", str(tmp_path / "none.json")).exit_code == 2
    assert run("log", "verify", "--checkpoint", str(tmp_path / "none.json"), url=url).exit_code == 2

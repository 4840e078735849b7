from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from policyservice.db.session import Database
from policyservice.decisions.seal import proof, rows
from policyservice.decisions.seal.checkpoint import Checkpoint, Unreadable
from policyservice.decisions.seal.proof import CannotProve, ProofFails, check
from policyservice.domain.errors import NotFound
from tests.decisions.factories import decide
from tests.decisions.seal.factories import a_checkpoint, attacker, reseal, run, seal_all, some_decisions


def prove(db: Database, decision_id: str, kept: Checkpoint | None = None) -> dict[str, Any]:
    """The proof of a decision, as it comes back from its file."""
    with db.reading() as conn, rows.as_stored(conn):
        made = proof.prove(conn, decision_id, kept or a_checkpoint(db))
    found: dict[str, Any] = json.loads(json.dumps(made))
    return found


@pytest.fixture
def proven(lite_shop, key) -> dict[str, Any]:
    """A proof with steps on both levels."""
    ids = some_decisions(lite_shop, key, times=2)
    seal_all(lite_shop.db)
    return prove(lite_shop.db, ids[4])


def test_every_sealed_decision_can_be_proven_to_who_has_the_checkpoint(shop, sealed):
    kept = a_checkpoint(shop.db)
    for decision_id in sealed:
        columns = check(prove(shop.db, decision_id), kept)
        assert columns["id"] == decision_id
        assert columns["record"]


def test_a_proof_can_be_made_for_an_older_checkpoint(shop, key, sealed):
    older = a_checkpoint(shop.db)
    decide(shop, key, "one more")
    seal_all(shop.db)

    made = prove(shop.db, sealed[0], older)
    assert check(made, older)["id"] == sealed[0]
    with pytest.raises(ProofFails, match="for another checkpoint"):
        check(made, a_checkpoint(shop.db))


def test_a_decision_that_was_never_made_cannot_be_proven(shop, sealed):
    with pytest.raises(NotFound):
        prove(shop.db, "dec_none")


def test_a_decision_that_is_not_sealed_by_then_cannot_be_proven(shop, key, sealed):
    kept = a_checkpoint(shop.db)
    decision_id = str(decide(shop, key, "one more").decision_id)
    with pytest.raises(CannotProve, match="not sealed yet"):
        prove(shop.db, decision_id)
    seal_all(shop.db)
    with pytest.raises(CannotProve, match="after this checkpoint"):
        prove(shop.db, decision_id, kept)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE decision SET reason = 'x' WHERE seq = 1",
        "UPDATE seal SET leaves = root WHERE number = 1",
        "UPDATE seal SET sealed_at = '2026-06-01 09:00:00.000001' WHERE number = 1",
        "UPDATE seal SET hash = 'none' WHERE number = 2",
        "DELETE FROM seal WHERE number = 2",
    ],
)
def test_nothing_is_proven_from_a_log_that_was_tampered_with(lite_shop, key, tampering):
    ids = some_decisions(lite_shop, key, times=2)
    seal_all(lite_shop.db)
    kept = a_checkpoint(lite_shop.db)
    with attacker(lite_shop.db) as conn, rows.as_stored(conn):
        run(conn, tampering)
        with pytest.raises(CannotProve, match="log verify"):
            proof.prove(conn, ids[0], kept)


def test_nothing_is_proven_from_a_log_that_was_written_anew(shop, logged):
    seal_all(shop.db, most=100)
    kept = a_checkpoint(shop.db)
    with attacker(shop.db) as conn:
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 1")
        reseal(conn)
        with rows.as_stored(conn), pytest.raises(CannotProve):
            proof.prove(conn, logged[0], kept)


def test_a_proof_with_any_sign_changed_does_not_hold(proven):
    kept = Checkpoint.from_json(proven["checkpoint"])
    assert check(proven, kept)["id"] == proven["decision"]
    assert proven["path"]
    assert proven["seals_path"]

    changed = 0
    for other in _changed(proven):
        with pytest.raises((ProofFails, Unreadable)):
            check(other, kept)
        changed += 1
    assert changed > 500


def _changed(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The proof with one sign of it changed, one after the other; of the row every tenth."""
    for name, step in (("row", 10), ("seal", 1), ("decision", 1)):
        for at in range(0, len(value[name]), step):
            yield value | {name: _with_another_sign(value[name], at)}
    for name in ("path", "seals_path"):
        for number, (side, text) in enumerate(value[name]):
            for at in range(0, 64, 3):
                yield _with_step(value, name, number, [side, _with_another_sign(text, at)])
            yield _with_step(value, name, number, ["left" if side == "right" else "right", text])
            without = deepcopy(value)
            del without[name][number]
            yield without
    yield value | {"number": value["number"] + 1}
    yield value | {"path": value["seals_path"]}


def _with_another_sign(text: str, at: int) -> str:
    return text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]


def _with_step(value: dict[str, Any], name: str, number: int, step: list[str]) -> dict[str, Any]:
    other = deepcopy(value)
    other[name][number] = step
    return other


def test_the_proof_of_one_decision_does_not_prove_another(lite_shop, key):
    one, other = some_decisions(lite_shop, key)[:2]
    seal_all(lite_shop.db)
    with pytest.raises(ProofFails, match="another decision"):
        check(prove(lite_shop.db, one) | {"decision": other})


def test_without_a_checkpoint_of_ones_own_the_one_in_the_proof_is_used(proven):
    assert check(proven)["id"] == proven["decision"]
    forged = replace(Checkpoint.from_json(proven["checkpoint"]), root="0" * 64).as_json()
    with pytest.raises(ProofFails):
        check(proven | {"checkpoint": forged})
    with pytest.raises(Unreadable):
        check(proven | {"checkpoint": None})


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": None},
        {"number": "1"},
        {"row": None},
        {"row": "[]"},
        {"row": "\ud800"},
        {"row": "{"},
        {"seal": 5},
        {"seal": "null"},
        {"path": None},
        {"path": ["left"]},
        {"path": [["up", "0" * 64]]},
        {"path": [["left", "0" * 63]]},
        {"path": [["left", 0]]},
        {"seals_path": {}},
    ],
)
def test_what_is_no_proof_is_refused(proven, change):
    with pytest.raises(Unreadable):
        check(proven | change)


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_what_is_nothing_like_a_proof_is_refused(value):
    with pytest.raises(Unreadable):
        check(value)

from __future__ import annotations

import json

import pytest

from policyservice.decisions.seal import checkpoint, store
from policyservice.decisions.seal.checkpoint import Checkpoint, Unreadable
from policyservice.decisions.seal.merkle import leaf_hash, root_of
from tests.decisions.seal.factories import a_checkpoint, attacker, run
from tests.fakes import NOON

_KEPT = {"format": 1, "seals": 3, "hash": "a" * 64, "root": "b" * 64, "made_at": "2026-06-01T09:00:00.000000Z"}


def test_a_checkpoint_is_the_root_over_the_hashes_of_all_seals(shop, sealed):
    with shop.db.reading() as conn:
        hashes = [seal.hash for seal in store.in_order(conn)]
    made = a_checkpoint(shop.db)

    assert made.seals == len(hashes) > 2
    assert made.hash == hashes[-1]
    assert made.root == root_of(leaf_hash(bytes.fromhex(each)) for each in hashes).hex()
    assert made.made_at == "2026-06-01T09:00:00.000000Z"


def test_a_checkpoint_comes_back_from_its_file(lite_shop):
    kept = Checkpoint.from_json(_KEPT)

    assert Checkpoint.from_json(json.loads(json.dumps(kept.as_json()))) == kept
    assert kept.as_json() == _KEPT


def test_there_is_no_checkpoint_before_the_first_seal(lite_shop):
    with lite_shop.db.reading() as conn:
        assert checkpoint.of_now(conn, NOON) is None


def test_seals_without_a_hash_give_no_checkpoint(shop, sealed):
    with attacker(shop.db) as conn:
        run(conn, "UPDATE seal SET hash = 'none' WHERE number = 1")
        with pytest.raises(ValueError):
            checkpoint.of_now(conn, NOON)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {},
        _KEPT | {"format": 2},
        _KEPT | {"seals": 0},
        _KEPT | {"seals": True},
        _KEPT | {"seals": "3"},
        _KEPT | {"hash": "A" * 64},
        _KEPT | {"hash": "a" * 63},
        _KEPT | {"root": "g" * 64},
        _KEPT | {"root": None},
    ],
)
def test_what_is_no_checkpoint_is_refused(value):
    with pytest.raises(Unreadable):
        Checkpoint.from_json(value)

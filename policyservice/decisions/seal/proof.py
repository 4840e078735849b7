"""A proof that one decision is in the log as it stands, for somebody who has a checkpoint and nothing else.

From the row's text to its leaf, up the batch's tree to the seal's root, into the seal's header, and up the tree over
all seals to the checkpoint's root.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from policyservice.decisions.seal import rows, store
from policyservice.decisions.seal.chain import Seal, header_hash, is_hash
from policyservice.decisions.seal.checkpoint import Checkpoint, Unreadable
from policyservice.decisions.seal.leaves import DECISION, Leaf, digest_of
from policyservice.decisions.seal.merkle import Step, climb, leaf_hash, path_to
from policyservice.domain.errors import NotFound

FORMAT = 1


class CannotProve(ValueError):
    """There is no proof of this decision; says why and what to do."""


class ProofFails(ValueError):
    """The proof shows that something was changed; says what."""


def prove(conn: Connection, decision_id: str, checkpoint: Checkpoint) -> dict[str, Any]:
    """The proof that a decision is in the log of a checkpoint, as plain JSON. To be used inside `rows.as_stored`.

    Raises:
        NotFound: there is no such decision.
        CannotProve: it is not sealed by then, or it, a seal or the checkpoint is not what it was.
    """
    row = rows.one_decision(conn, decision_id)
    if row is None:
        raise NotFound("decision", decision_id)
    seal = store.covering(conn, row.seq)
    if seal is None:
        raise CannotProve(f"Decision {decision_id} is not sealed yet; run `policyservice log seal` first.")
    if seal.number > checkpoint.seals:
        raise CannotProve(f"Decision {decision_id} was sealed after this checkpoint; take a newer one.")
    proof = {
        "format": FORMAT,
        "decision": decision_id,
        "number": row.seq,
        "row": row.text,
        "path": _path(seal, row.leaf(DECISION)),
        "seal": seal.header(),
        "seals_path": _seals_path(conn, seal.number, checkpoint),
        "checkpoint": checkpoint.as_json(),
    }
    try:
        check(proof)
    except ProofFails:
        raise CannotProve("The seals are not what they were; `policyservice log verify` says where.") from None
    return proof


def check(proof: object, checkpoint: Checkpoint | None = None) -> dict[str, Any]:
    """What a proof proves: the decision's columns. Without one's own checkpoint it is compared with the one inside,
    which proves no more than that whoever made the proof made both.

    Raises:
        Unreadable: this is no proof.
        ProofFails: the proof does not lead to the checkpoint.
    """
    number, text, path, header, seals_path = _parts(proof)
    assert isinstance(proof, Mapping)
    wanted = checkpoint or Checkpoint.from_json(proof.get("checkpoint"))
    columns, seal = _object(text, "row"), _object(header, "seal")
    leaf = Leaf(DECISION, number, _digest(text))
    if columns.get("id") != proof.get("decision"):
        raise ProofFails("The row is of another decision.")
    if climb(leaf.hash(), path).hex() != seal.get("root"):
        raise ProofFails("The row is not in its seal: it, or the path, was changed.")
    if climb(leaf_hash(bytes.fromhex(header_hash(header))), seals_path).hex() != wanted.root:
        raise ProofFails("The seal is not in the checkpoint: it was changed, or the proof is for another checkpoint.")
    return columns


def _path(seal: Seal, wanted: Leaf) -> list[list[str]]:
    try:
        leaves = list(seal.unpacked())
        index = leaves.index(wanted)
    except ValueError:
        raise CannotProve("The row is not what was sealed; `policyservice log verify` says more.") from None
    return _as_json(path_to(index, len(leaves), (leaf.hash() for leaf in leaves)))


def _seals_path(conn: Connection, number: int, checkpoint: Checkpoint) -> list[list[str]]:
    try:
        hashes = (leaf_hash(value) for value in store.hashes(conn))
        return _as_json(path_to(number - 1, checkpoint.seals, hashes))
    except ValueError:
        raise CannotProve("The seals are not those of the checkpoint; `policyservice log verify` says more.") from None


def _as_json(path: list[Step]) -> list[list[str]]:
    return [[step.side, step.hash.hex()] for step in path]


def _parts(proof: object) -> tuple[int, str, list[Step], str, list[Step]]:
    if not isinstance(proof, Mapping) or proof.get("format") != FORMAT:
        raise Unreadable(f"is no proof of format {FORMAT}")
    number, text, header = proof.get("number"), proof.get("row"), proof.get("seal")
    if not isinstance(number, int) or not isinstance(text, str) or not isinstance(header, str):
        raise Unreadable("`number`, `row` and `seal` are a number and two texts")
    return number, text, _steps(proof, "path"), header, _steps(proof, "seals_path")


def _steps(proof: Mapping[str, object], name: str) -> list[Step]:
    path = proof.get(name)
    if not isinstance(path, list):
        raise Unreadable(f"`{name}` is no list")
    return [_step(name, step) for step in path]


def _step(name: str, step: object) -> Step:
    match step:
        case ["left" | "right" as side, str(text)] if is_hash(text):
            return Step(side, bytes.fromhex(text))
        case _:
            raise Unreadable(f"`{name}` has steps that are not a side and a hash")


def _digest(text: str) -> bytes:
    try:
        return digest_of(text)
    except UnicodeEncodeError:
        raise Unreadable("`row` is no text") from None


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unreadable(f"`{name}` is no JSON object")
    return value

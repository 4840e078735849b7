"""Putting plain references and texts back into a document: in the fields that hold them, and nowhere else."""

from __future__ import annotations

from copy import deepcopy

import pytest

from policyservice.db.tables import personal_reference, personal_text
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.shown import shown
from tests.fakes import NOON


def name(prefix, sign):
    return f"{prefix}_{sign * 24}"


MAIJA, CUSTOMER, OTHER, CASE = name("agt", "a"), name("cus", "b"), name("cus", "c"), name("cas", "d")
NOTE, WORDS, ERASED = name("txt", "e"), name("txt", "f"), name("txt", "g")


@pytest.fixture
def kept(any_db):
    plain = {MAIJA: ("agent", "maija"), CUSTOMER: ("customer", "C-1"), CASE: ("case", "T-1")}
    with any_db.transaction() as conn:
        rows = [{"pseudonym": key, "kind": kind, "plain": ref, "used_at": NOON} for key, (kind, ref) in plain.items()]
        conn.execute(personal_reference.insert(), rows)
        texts = {NOTE: "called twice", WORDS: "was sad"}
        rows = [
            {"seal": seal, "body": body, "nonce": "n", "decision_id": None, "kept_at": NOON}
            for seal, body in texts.items()
        ]
        conn.execute(personal_text.insert(), rows)
    return any_db


def put_back(db, document, *kinds):
    before = deepcopy(document)
    with db.reading() as conn:
        found = shown(conn, document, kinds) if kinds else shown(conn, document)
    assert document == before  # a new one
    return found


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"agent": MAIJA, "z": 1, "case": CASE}, {"agent": "maija", "z": 1, "case": "T-1"}),
        ({"customers": [OTHER, CUSTOMER, CUSTOMER]}, {"customers": [OTHER, "C-1", "C-1"]}),
        ({"note": NOTE, "what": ERASED}, {"note": "called twice", "what": None}),
        ({"note": "written by hand", "agent": "a name"}, {"note": "written by hand", "agent": "a name"}),
        ({"note": MAIJA, "agent": NOTE}, {"note": MAIJA, "agent": NOTE}),  # each where only the other belongs
        ({"reason": MAIJA, "x": [NOTE]}, {"reason": MAIJA, "x": [NOTE]}),
        ({"facts": {"words": WORDS, "customer": CUSTOMER}}, {"facts": {"words": "was sad", "customer": CUSTOMER}}),
        ({"facts": {"agent": WORDS, "n": 3}}, {"facts": {"agent": "was sad", "n": 3}}),
        ({"facts": {"l": [{"agent": MAIJA}]}}, {"facts": {"l": [{"agent": "maija"}]}}),
        ({"facts": [{"value": WORDS}, {"value": 4}]}, {"facts": [{"value": "was sad"}, {"value": 4}]}),
        ({"note": {"by": MAIJA}, "agent": [{"by": MAIJA}]}, {"note": {"by": "maija"}, "agent": [{"by": "maija"}]}),
        ([{"a": {"b": [{"holder": MAIJA}]}}, MAIJA, None], [{"a": {"b": [{"holder": "maija"}]}}, MAIJA, None]),
        ({"agent": MAIJA + "x", "case": f" {CASE}"}, {"agent": MAIJA + "x", "case": f" {CASE}"}),
        ("text", "text"),
        (None, None),
    ],
)
def test_what_is_kept_is_put_back_where_it_belongs(kept, document, expected):
    found = put_back(kept, document)

    assert found == expected
    if isinstance(found, dict):
        assert list(found) == list(document)


def test_only_the_kinds_that_were_asked_for_are_put_back(kept):
    assert put_back(kept, {"agent": MAIJA, "customer": CUSTOMER}, PersonalKind.AGENT) == {
        "agent": "maija",
        "customer": CUSTOMER,
    }

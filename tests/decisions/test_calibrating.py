"""A proposal of measured parameters is put in force by a person, or refused."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction

import pytest

from policyservice.decisions import calibrating, cost_versions
from policyservice.decisions.calibrating import Proposal
from policyservice.domain.errors import CalibrationRefused, FieldProblem
from policyservice.rulebook.model import CostSet, CostValue
from tests.decisions.factories import a_shop
from tests.fakes import NOON

HALF = CostSet({"q": CostValue(*[Fraction(1, 2)] * 3, "measured on 40 cases")}, measured=True)
PROPOSAL = Proposal(NOON, NOON - timedelta(days=30), NOON, 40, 1, (HALF,))


def accept(db, proposal: Proposal = PROPOSAL, **changes):
    with db.transaction() as conn:
        usual = {"author": "liisa", "because": "a year of cases", "now": NOON}
        return calibrating.accept(conn, proposal, **{**usual, **changes})


def test_a_proposal_comes_back_from_its_file_as_it_was():
    assert calibrating.from_text(calibrating.as_text(PROPOSAL)) == PROPOSAL


def test_an_accepted_proposal_is_the_next_version_with_its_author_and_the_old_one_stays(any_db):
    a_shop(any_db)

    version = accept(any_db, start=NOON + timedelta(days=1))

    with any_db.reading() as conn:
        assert (version, cost_versions.in_force(conn, NOON)) == (2, 1)
        assert cost_versions.in_force(conn, NOON + timedelta(days=1)) == 2
        assert cost_versions.read(conn, 2) == (HALF,)
        assert cost_versions.read(conn, 1) == ()


def test_a_proposal_made_from_parameters_not_in_force_any_more_is_refused(any_db):
    a_shop(any_db)
    accept(any_db)

    with pytest.raises(CalibrationRefused) as refused:
        accept(any_db)
    assert "version 2 is in force by then" in refused.value.message


@pytest.mark.parametrize("changes", [{"because": " "}, {"start": NOON - timedelta(seconds=1)}])
def test_without_a_reason_or_for_the_past_nothing_is_accepted(any_db, changes):
    a_shop(any_db)
    with pytest.raises(FieldProblem):
        accept(any_db, **changes)


def _changed(**changes: object) -> str:
    body = json.loads(calibrating.as_text(PROPOSAL))
    body.update(changes)
    return json.dumps(body)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        _changed(format=2),
        _changed(based_on="1"),
        _changed(based_on=True),
        _changed(made_at="yesterday"),
        _changed(since=7),
        _changed(more=1),
        _changed(sets={}),
        calibrating.as_text(PROPOSAL).replace('"value": "0.5"', '"value": "1.5"'),
        calibrating.as_text(PROPOSAL).replace('"q"', '"zz"'),
    ],
)
def test_what_is_no_proposal_or_holds_what_no_parameter_can_be_is_refused(text: str):
    with pytest.raises(CalibrationRefused):
        calibrating.from_text(text)

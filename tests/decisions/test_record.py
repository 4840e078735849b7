from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.db.types import canonical_json
from policyservice.decisions import record
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
INSTANTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds, and adds the zone itself
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
st.register_type_strategy(str, TEXTS)
st.register_type_strategy(datetime, INSTANTS)


@settings(max_examples=150, deadline=None)
@given(st.builds(Request), st.builds(Context), st.builds(Decision))
def test_a_record_reads_back_to_equal_values(request_, context, decision):
    written = json.loads(canonical_json(record.as_json(request_, context, decision)))

    again = record.from_json(written)

    assert again == (request_, context, decision)
    assert _types(again.request.facts) == _types(request_.facts)
    assert _types(again.decision.facts) == _types(decision.facts)
    assert record.as_json(*again) == written


def _types(facts) -> dict[str, type]:
    return {name: type(value) for name, value in facts.items()}


def test_a_boolean_and_the_integer_one_stay_apart():
    request = Request("r", "m", "EUR", facts={"a.b": True, "c.d": 1, "e.f": "1", "g.h": 0, "i.j": False})
    context, decision = _smallest()

    again = record.from_json(json.loads(canonical_json(record.as_json(request, context, decision))))

    assert [again.request.facts[name] for name in request.facts] == [True, 1, "1", 0, False]
    assert _types(again.request.facts) == _types(request.facts)


def test_what_has_its_default_is_left_out():
    context, decision = _smallest()

    written = record.as_json(Request("r", "m", "EUR"), context, decision)

    assert written["request"] == {"reason": "r", "remedy": "m", "currency": "EUR"}


def test_a_record_of_another_format_is_not_guessed_at():
    with pytest.raises(ValueError, match="a record of format 2"):
        record.from_json({"format": 2})


def _smallest() -> tuple[Context, Decision]:
    from policyservice.domain.decision import Outcome

    now = datetime(2026, 6, 1, tzinfo=UTC)
    decision = Decision(
        "dec_1", Outcome.DENY, "m", None, None, "EUR", None, (), None, None, (), None, False, None, None
    )
    return Context(now, "dec_1", "UTC", 60), decision

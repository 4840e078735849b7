from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.costs.parameters import DEFAULTS
from policyservice.costs.serial import from_json, to_json
from policyservice.domain.errors import InvalidCostParameter
from policyservice.rulebook.model import CostSet, CostValue
from tests.costs.factories import a_set, a_value

EXACT = st.builds(Fraction, st.integers(1, 900), st.sampled_from([900, 1000, 4096, 10**6, 7 * 10**9]))
VALUES = st.builds(
    lambda three, source: CostValue(sorted(three)[1], sorted(three)[0], sorted(three)[2], source),
    st.tuples(EXACT, EXACT, EXACT),
    st.sampled_from(["", "own figure", "mitattu 120 tapauksesta", 'a "quoted" one']),
)
SETS = st.lists(
    st.builds(
        CostSet,
        st.dictionaries(st.sampled_from(sorted(DEFAULTS)), VALUES, max_size=4),
        st.lists(st.sampled_from(["delivery.*", "delivery.late", "other"]), max_size=2).map(tuple),
        channels=st.lists(st.sampled_from(["phone", "chat"]), max_size=1).map(tuple),
        queues=st.lists(st.sampled_from(["lead", "legal"]), max_size=2).map(tuple),
        measured=st.booleans(),
    ),
    max_size=3,
).map(tuple)


@settings(max_examples=50)
@given(SETS)
def test_sets_come_back_from_json_as_they_were(sets: tuple[CostSet, ...]) -> None:
    assert from_json(json.loads(json.dumps(to_json(sets)))) == sets


def test_the_defaults_come_back_as_they_were() -> None:
    assert from_json(to_json((a_set(**DEFAULTS),))) == (a_set(**DEFAULTS),)


def test_the_json_is_plain_to_read() -> None:
    sets = (a_set("delivery.*", V=a_value("60", "20", "200.5", source="our ledger"), p_pub=a_value("1/3")),)

    assert to_json(sets) == {
        "sets": [
            {
                "reasons": ["delivery.*"],
                "values": {
                    "V": {"value": "60", "low": "20", "high": "200.5", "source": "our ledger"},
                    "p_pub": {"value": "1/3", "low": "1/3", "high": "1/3", "source": "own figure"},
                },
            }
        ]
    }


def test_small_decimals_keep_their_zeros() -> None:
    written = to_json((a_set(p_pub="0.0005"),))

    assert "'value': '0.0005'" in str(written)


VALUE = {"value": "1", "low": "1", "high": "1", "source": ""}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sets": {}},
        {"sets": [], "more": 1},
        {"sets": [1]},
        {"sets": [{"values": {}}]},
        {"sets": [{"reasons": "a", "values": {}}]},
        {"sets": [{"reasons": [], "values": {}, "channels": "phone"}]},
        {"sets": [{"reasons": [], "values": {}, "queues": [1]}]},
        {"sets": [{"reasons": [], "values": {}, "measured": "yes"}]},
        {"sets": [{"reasons": [], "values": {}, "team": []}]},
        {"sets": [{"reasons": [1], "values": {}}]},
        {"sets": [{"reasons": [], "values": []}]},
        {"sets": [{"reasons": [], "values": {"V": 60}}]},
        {"sets": [{"reasons": [], "values": {"V": {"value": "1", "low": "1", "high": "1"}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "source": None}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "value": 1}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "value": "1e3"}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "value": "nan"}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "value": "1/0"}}}]},
        {"sets": [{"reasons": [], "values": {"V": {**VALUE, "value": "2"}}}]},
        {"sets": [{"reasons": [], "values": {"zz": VALUE}}]},
        {"sets": [{"reasons": [], "values": {"q": {**VALUE, "high": "2"}}}]},
    ],
)
def test_another_shape_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(InvalidCostParameter):
        from_json(body)

from __future__ import annotations

import pytest

from policyservice.assurance.handbook.reasons import can_hold, names_a_reason
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op

LATE, WET = Compare("reason", Op.IS, "late"), Compare("weather.wet", Op.IS, True)


@pytest.mark.parametrize(
    ("condition", "late", "lost"),
    [
        (LATE, True, False),
        (Compare("reason", Op.IS_NOT, "late"), False, True),
        (Compare("reason", Op.ONE_OF, ("late", "other")), True, False),
        (Compare("reason", Op.NONE_OF, ("late", "other")), False, True),
        (Not(LATE), False, True),
        (AllOf((WET, LATE)), True, False),
        (AnyOf((WET, LATE)), True, True),
        (AnyOf((LATE, AllOf((Not(LATE), WET)))), True, True),
        (Not(AnyOf((WET, LATE))), False, True),
        (WET, True, True),
        (AllOf(()), True, True),
    ],
)
def test_a_rule_speaks_for_the_reasons_that_do_not_make_it_false(condition: Condition, late: bool, lost: bool):
    assert can_hold(condition, "late") is late
    assert can_hold(condition, "lost") is lost


def test_a_condition_that_asks_for_no_reason_is_known():
    assert not names_a_reason(AllOf((WET, Not(WET))))
    assert names_a_reason(AllOf((WET, Not(AnyOf((WET, LATE))))))

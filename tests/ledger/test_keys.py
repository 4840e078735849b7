from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.domain.limits import Scope, Shape, Window, WindowKind
from policyservice.ledger.keys import counter_spec, read_key, received_key
from tests.ledger.factories import a_limit


def test_a_key_names_scope_subject_window_currency_and_filters():
    plain = counter_spec(a_limit().shape, "maija", "day:2026-11-22")
    filtered = counter_spec(
        a_limit(remedies=("gift", "credit"), reasons=("delivery.*",)).shape, "maija", "day:2026-11-22"
    )

    assert plain.key == "agent:maija|day:2026-11-22|EUR"
    assert filtered.key == "agent:maija|day:2026-11-22|EUR|remedies=credit,gift|reasons=delivery.*"


def test_limits_of_one_shape_share_a_counter_whatever_their_bounds():
    one = counter_spec(a_limit("first", amount=100).shape, "maija", "day:2026-11-22")
    other = counter_spec(a_limit("second", amount=999, count=3).shape, "maija", "day:2026-11-22")

    assert one.key == other.key


def test_what_an_order_received_has_a_key_of_its_own_and_without_an_order_the_case_has():
    assert received_key("O-55", "T-1", "EUR") == "received|order:O-55|EUR"
    assert received_key(None, "T-1", "EUR") == "received|case:T-1|EUR"
    assert received_key(None, None, "EUR") is None
    assert read_key("received|order:O-55|EUR") is None
    assert read_key("received|order:x|once|EUR") is None


def test_what_is_no_key_reads_as_none():
    assert read_key("agent:maija") is None


@settings(deadline=None)
@given(
    scope=st.sampled_from([scope for scope in Scope if scope is not Scope.DECISION]),
    subject=st.one_of(st.text(), st.sampled_from(["a|once|EUR", "x|day:2026-01-01|GBP|remedies=a", "a\nb"])),
    window=st.sampled_from(
        [
            (Window(WindowKind.ONCE), "once"),
            (Window(WindowKind.DAY), "day:2026-11-22"),
            (Window(WindowKind.WEEK), "week:2026-W53"),
            (Window(WindowKind.QUARTER), "quarter:2026-Q4"),
            (Window(WindowKind.ROLLING, 365), "rolling:365"),
        ]
    ),
    remedies=st.sampled_from([(), ("a",), ("a", "b")]),
    reasons=st.sampled_from([(), ("delivery.*",), ("a.b", "c")]),
)
def test_every_key_reads_back_as_what_it_was_made_of(scope, subject, window, remedies, reasons):
    spec = counter_spec(Shape(scope, window[0], "EUR", remedies, reasons), subject, window[1])

    assert read_key(spec.key) == spec

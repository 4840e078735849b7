from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyservice.decisions.validate import Purpose, validate
from policyservice.domain.errors import HistoryRefused, InvalidRequest
from policyservice.previews.backtest.quick import QuickRequests
from tests.previews.backtests import a_book, a_line, as_jsonl, read

HEADER = "time,agent,customer,order,reason,remedy,amount,currency"
LINE = "2026-03-02T10:00:00+02:00,maija,C-1,O-1,late,credit,5.00,EUR"


def faults(text: str | bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.faults) for line in read(text).refused]


def test_a_csv_line_becomes_a_request_with_typed_facts():
    text = (
        f"{HEADER},case,channel,team,trust_level,incident,justification,"
        "facts.order.paid,facts.order.days_late,facts.order.returned,facts.order.date,facts.order.kind\n"
        f"{LINE},K-1,chat,red,lead,I-1,Because,7.50,3,true,2026-02-01,meal\n"
    )

    (asked,) = read(text).asked

    assert asked.at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert (asked.agent.ref, asked.agent.team, asked.agent.trust_level) == ("maija", "red", "lead")
    request = asked.request
    assert (request.customer, request.order, request.case) == ("C-1", "O-1", "K-1")
    assert (request.channel, request.incident, request.justification) == ("chat", "I-1", "Because")
    assert request.amount_minor == 500
    assert dict(request.facts) == {
        "order.paid": 750,
        "order.days_late": 3,
        "order.returned": True,
        "order.date": date(2026, 2, 1).toordinal(),
        "order.kind": "meal",
    }


def test_json_lines_and_csv_say_the_same():
    csv = f'{HEADER},facts\n{LINE},"{{""order.days_late"": 2}}"\n'

    assert read(csv).asked == read(as_jsonl([a_line()])).asked


def test_a_gzipped_history_and_one_with_a_byte_order_mark_are_read_alike():
    plain = f"{HEADER}\n{LINE}\n".encode()

    assert read(gzip.compress(plain)).asked == read(plain).asked == read(b"\xef\xbb\xbf" + plain).asked


def test_an_empty_cell_stands_for_what_is_not_known():
    (asked,) = read(f"{HEADER},facts.order.paid,team\n{LINE.replace('C-1', '').replace('O-1', '')},,\n").asked

    assert (asked.request.customer, asked.request.order, asked.agent.team) == (None, None, None)
    assert dict(asked.request.facts) == {}


def test_an_agent_whose_trust_level_is_not_stated_gets_the_given_one():
    assert read(f"{HEADER}\n{LINE}\n", trust_level="lead").asked[0].agent.trust_level == "lead"


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02 10:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-07-02", datetime(2026, 7, 1, 21, tzinfo=UTC)),
        ("2026-10-25T03:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice that night: the first
    ],
)
def test_a_time_without_offset_is_local(time: str, instant: datetime):
    assert read(as_jsonl([a_line(time=time)])).asked[0].at == instant


@pytest.mark.parametrize("time", ["", "yesterday", "2026-02-30", "2026-03-02T25:00:00Z", "20260302", 20260302, None])
def test_a_time_that_is_none_is_refused(time: object):
    ((number, (fault,)),) = faults(as_jsonl([a_line(time=time)]))

    assert number == 1
    assert fault.startswith("time: ")


def test_requests_come_in_time_order_and_those_of_one_instant_in_the_order_of_the_file():
    lines = [a_line(order=name, time=f"2026-03-0{day}") for name, day in (("b", 2), ("c", 2), ("a", 1))]
    history = read(as_jsonl(lines))

    assert [asked.request.order for asked in history.asked] == ["a", "b", "c"]
    assert not history.was_sorted
    assert read(as_jsonl(lines[:2])).was_sorted


def test_bad_lines_are_named_by_number_with_every_fault_and_the_rest_goes_on():
    bad = a_line(amount=5.0, agent="", reason="lost", facts={"order.days_late": "2", "order.colour": "red"})
    history = read(as_jsonl([a_line(), bad, a_line()]))

    assert len(history.asked) == 2
    assert history.lines == 3
    ((number, found),) = [(line.number, line.faults) for line in history.refused]
    assert number == 2
    assert sorted(fault.split(":")[0] for fault in found) == [
        "agent",
        "amount",
        "facts.order.colour",
        "facts.order.days_late",
        "reason",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-5.00"}, "amount"),
        ({"amount": "5.001"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"remedy": "visit"}, "amount"),
        ({"remedy": "hug"}, "remedy"),
        ({"currency": "EURO"}, "currency"),
        ({"agent": None}, "agent"),
        ({"agent": ["maija"]}, "agent"),
        ({"trust_level": "chief"}, "trust_level"),
        ({"team": " red"}, "team"),
        ({"customer": "C\u0007"}, "customer"),
        ({"approved_by": "me"}, "approved_by"),
        ({"facts": ["order.paid"]}, "facts"),
        ({"facts": {"order.returned": "true"}}, "facts.order.returned"),
        ({"facts": {"order.days_late": True}}, "facts.order.days_late"),
        ({"facts": {"order.days_late": 101}}, "facts.order.days_late"),
        ({"facts": {"order.date": "2026-02-30"}}, "facts.order.date"),
        ({"facts": {"order.spoiled": True}}, "facts.order.spoiled"),
        ({"facts": {"order.paid": None}}, "facts.order.paid"),
    ],
)
def test_what_the_service_would_refuse_is_refused(change: dict[str, object], field: str):
    first_of_its_agent, second_of_its_agent = as_jsonl([a_line(**change)]), as_jsonl([a_line(), a_line(**change)])

    for text in (first_of_its_agent, second_of_its_agent):
        ((_, (fault,)),) = faults(text)
        assert fault.startswith(f"{field}: ")


def test_the_companys_own_facts_may_be_given():
    assert read(as_jsonl([a_line(facts={"order.checked": True})])).refused == ()


@pytest.mark.parametrize("line", ["{", "[1]", "7", '{"a": 1, "a": 2}', '{"amount": NaN}', "{" * 100_000, "nonsense"])
def test_a_json_line_that_cannot_be_read_is_counted(line: str):
    history = read(as_jsonl([a_line()]).decode() + line + "\n" + as_jsonl([a_line()]).decode())

    assert [found.number for found in history.refused] == [2]
    assert len(history.asked) == 2


def test_csv_lines_that_cannot_be_read_are_counted():
    text = f'{HEADER}\n{LINE},too,many\n{LINE}\nshort\n\n{LINE[:-3]}"E"UR\n'.encode() + LINE.encode("utf-8") + b"\xff\n"
    history = read(text)

    assert [line.number for line in history.refused] == [2, 4, 6, 7]
    assert len(history.asked) == 1


def test_a_facts_column_has_to_be_a_json_object_and_may_not_repeat_another_column():
    text = f"{HEADER},facts,facts.order.days_late\n"
    for cell in ("nonsense", "[1]", '"{""order.days_late"": 2}"'):
        text += f"{LINE},{cell},3\n"

    assert [number for number, _ in faults(text)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("", "empty"),
        (HEADER.replace(",order", ""), "order is missing"),
        (f"{HEADER},colour", "'colour' is unknown"),
        (f"{HEADER},time", "'time' stands twice"),
    ],
)
def test_a_header_at_fault_refuses_the_file(header: str, word: str):
    with pytest.raises(HistoryRefused, match=word):
        read(f"{header}\n{LINE}\n" if header else "")


def test_a_damaged_gzip_file_is_refused():
    packed = gzip.compress(f"{HEADER}\n{LINE}\n".encode())

    for broken in (packed[:-6], packed[:12] + b"\x00\x00\x00" + packed[15:]):
        with pytest.raises(HistoryRefused):
            read(broken)


# --- the quick way and `validate` -------------------------------------------------------------------------

_ODD: list[Any] = [
    None,
    "",
    " x",
    "x",
    "5.00",
    "0.00",
    "7",
    7,
    -1,
    101,
    1.5,
    True,
    False,
    "true",
    [],
    {},
    "meal",
    "2026-01-31",
]
_VALUES = st.sampled_from(_ODD)
_FACTS = st.dictionaries(
    st.sampled_from(
        [
            f"order.{name}"
            for name in ("paid", "days_late", "returned", "date", "kind", "checked", "note", "spoiled", "none")
        ]
    ),
    _VALUES,
    max_size=4,
)
_RAW = st.fixed_dictionaries(
    {
        "reason": st.sampled_from(["late", "rude", "lost", None, 1]),
        "remedy": st.sampled_from(["refund", "credit", "visit", "hug", None]),
        "currency": st.sampled_from(["EUR", "GBP", "JPY", "EURO", None]),
        "agent": st.just("maija"),
    },
    optional={
        "amount": _VALUES,
        "case": _VALUES,
        "customer": _VALUES,
        "channel": _VALUES,
        "order": _VALUES,
        "incident": _VALUES,
        "justification": _VALUES,
        "facts": _FACTS | _VALUES,
    },
)
_BOOK = a_book()
_QUICK = QuickRequests(_BOOK)


@settings(max_examples=1500, deadline=None)
@given(_RAW)
def test_what_the_quick_way_takes_validate_takes_as_the_same(raw: dict[str, Any]):
    quick = _QUICK.request(raw)
    if quick is None:
        return
    slow = validate(raw, _BOOK, now=datetime(2026, 3, 1, tzinfo=UTC), purpose=Purpose.EVALUATION, from_systems=True)
    assert quick == slow
    assert [type(value) for value in quick.facts.values()] == [type(value) for value in slow.facts.values()]


@settings(max_examples=300, deadline=None)
@given(_RAW)
def test_what_the_quick_way_leaves_is_unusual_or_refused(raw: dict[str, Any]):
    if _QUICK.request(raw) is not None or "justification" in raw:
        return
    try:
        found = validate(
            raw, _BOOK, now=datetime(2026, 3, 1, tzinfo=UTC), purpose=Purpose.EVALUATION, from_systems=True
        )
    except InvalidRequest:
        return
    assert found.open_amount  # which a history refuses on top

"""Deliveries of survey tools: only from who holds the secret, only once, read by mappings that are data."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from policyservice.config import SurveySource
from policyservice.domain.errors import DeliveryRefused, DeliveryReplayed, InvalidRequest, NotFound
from policyservice.resolutions.deliveries import Delivery, Door, take
from policyservice.resolutions.outcomes import Taken
from policyservice.resolutions.surveys.mapping import mapping, outcomes_in, shipped
from policyservice.resolutions.surveys.signature import TOLERANCE, Fault, Signed, fault_of, signature
from policyservice.runtime import Runtime
from tests.decisions.factories import a_shop
from tests.fakes import NOON

HELSINKI = ZoneInfo("Europe/Helsinki")
SECRET, OTHER = b"s" * 24, b"t" * 24
SOURCES = (SurveySource("tool", "generic", SECRET), SurveySource("tool", "generic", OTHER))
BODY = json.dumps({"outcomes": [{"kind": "repeat_contact", "at": "2026-06-01T08:00:00Z", "case": "T-1"}]}).encode()
FRESHDESK = {
    "id": 102,
    "survey_id": 1,
    "user_id": 2,
    "agent_id": 1,
    "feedback": "Kiitos nopeasta avusta",
    "group_id": None,
    "ticket_id": 432,
    "ratings": {"default_question": 103, "question_2": -102},
    "created_at": "2026-05-28T09:08:16Z",
    "updated_at": "2026-05-28T09:10:00Z",
}
SURVEYPAL = {
    "surveyId": "s-1",
    "answerId": "r-7",
    "answeredAt": "2026-05-28T12:08:16+03:00",
    "meta": {"ticketId": "T-7", "customerId": "C-7", "channel": "phone"},
    "answers": [{"question": "csat", "value": 4}, {"question": "comment", "value": "hyvin hoidettu"}],
}
TAPLAUSE = {"ID": "9", "Aika": "2026-05-28 12:08", "Arvio": "3", "Kommentti": "", "Piste": "Tampere", "Viite": "T-9"}


def signed(body: bytes = BODY, *, secret: bytes = SECRET, id: str = "msg_1", at=NOON, **changes: str) -> Signed:
    stamp = str(int(at.timestamp()))
    fields = {"id": id, "timestamp": stamp, "signature": "v1," + signature(secret, id, stamp, body), **changes}
    return Signed(**fields)


def a_door(shop: Runtime) -> Door:
    return Door(SOURCES, shop.survey_rates, shop.refused_deliveries)


def test_the_signature_is_that_of_the_specification():
    # the example of standardwebhooks.com's reference libraries
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')

    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_any_of_the_secrets_and_any_of_the_signatures_will_do(secret: bytes):
    good = signed(secret=secret)
    several = Signed(good.id, good.timestamp, f"v1,bm90IGl0 v2,x {good.signature}")

    assert fault_of(good, BODY, (SECRET, OTHER), NOON) is None
    assert fault_of(several, BODY, (SECRET, OTHER), NOON) is None


@pytest.mark.parametrize("way", [1, -1])
def test_a_timestamp_may_be_as_far_off_as_the_tolerance_and_no_further(way: int):
    assert fault_of(signed(at=NOON + way * TOLERANCE), BODY, (SECRET,), NOON) is None
    beyond = NOON + way * (TOLERANCE + timedelta(seconds=1))
    assert fault_of(signed(at=beyond), BODY, (SECRET,), NOON) is Fault.OLD


@pytest.mark.parametrize(
    "delivery",
    [
        signed(secret=b"u" * 24),
        signed(body=BODY + b" "),
        signed(signature=""),
        signed(signature="v1,"),
        signed(signature=signed().signature.replace("v1,", "v2,")),
        signed(signature="v1,\u00e4"),
        signed(timestamp="soon"),
        signed(timestamp="1" * 12),
        signed(timestamp=str(int(NOON.timestamp()) + 1)),
        Signed("", signed(id="").timestamp, signed(id="").signature),
        Signed("msg_2", signed().timestamp, signed().signature),
        signed(id="m" * 256),
    ],
)
def test_what_is_not_signed_as_it_came_is_refused(delivery: Signed):
    assert fault_of(delivery, BODY, (SECRET, OTHER), NOON) is Fault.SIGNATURE


def test_a_delivery_is_taken_once_whatever_it_says_the_second_time(any_db):
    shop = a_shop(any_db)
    told: list[tuple[str, str]] = []
    shop.hooks.delivery_answered = lambda source, result: told.append((source, result))
    changed = BODY.replace(b"T-1", b"T-2")
    (receipt,) = take(shop, a_door(shop), Delivery("tool", signed(), BODY), json.loads)

    assert receipt.taken is Taken.UNKNOWN
    for body in (BODY, changed):
        with pytest.raises(DeliveryReplayed):
            take(
                shop,
                a_door(shop),
                Delivery("tool", signed(body, at=NOON + timedelta(minutes=1)), body),
                json.loads,
            )
    (again,) = take(shop, a_door(shop), Delivery("tool", signed(id="msg_2"), BODY), json.loads)
    assert again.taken is Taken.DUPLICATE
    assert told == [("tool", "taken"), ("tool", "replayed"), ("tool", "replayed"), ("tool", "taken")]


def test_what_is_refused_is_counted_under_a_name_that_is_set_and_no_other(any_db):
    shop = a_shop(any_db)
    told: list[tuple[str, str]] = []
    shop.hooks.delivery_answered = lambda source, result: told.append((source, result))
    refused = (("tool", signed(secret=b"u" * 24)), ("nosuch", signed()), ("tool", signed(at=NOON - timedelta(days=1))))

    for source, headers in refused:
        with pytest.raises(DeliveryRefused):
            take(shop, a_door(shop), Delivery(source, headers, BODY), json.loads)

    assert told == [("tool", "bad_signature"), ("unknown", "bad_signature"), ("tool", "old")]


def test_a_delivery_that_cannot_be_read_may_be_put_right_and_sent_again(any_db):
    shop = a_shop(any_db)
    wrong = BODY.replace(b"repeat_contact", b"repeat")
    with pytest.raises(InvalidRequest):
        take(shop, a_door(shop), Delivery("tool", signed(wrong), wrong), json.loads)

    assert take(shop, a_door(shop), Delivery("tool", signed(), BODY), json.loads)


def test_every_mapping_that_is_shipped_can_be_read():
    assert shipped() == ("freshdesk", "generic", "surveypal", "taplause")
    assert [mapping(name).name for name in shipped()] == list(shipped())
    for name in ("nosuch", "../generic", ""):
        with pytest.raises(NotFound):
            mapping(name)


def test_freshdesks_ratings_are_read_by_their_codes():
    (one,) = outcomes_in(mapping("freshdesk"), FRESHDESK, HELSINKI)

    assert one == {
        "kind": "satisfaction",
        "at": "2026-05-28T09:10:00+00:00",
        "case": "432",
        "customer": "2",
        "ref": "102",
        "score": 3,
        "lowest": -3,
        "highest": 3,
        "note": "Kiitos nopeasta avusta",
    }
    several = {"satisfaction_ratings": [FRESHDESK, {**FRESHDESK, "ratings": {"default_question": -103}}]}
    assert [each["score"] for each in outcomes_in(mapping("freshdesk"), several, HELSINKI)] == [3, -3]
    with pytest.raises(InvalidRequest) as refused:
        outcomes_in(mapping("freshdesk"), {**FRESHDESK, "ratings": {"default_question": 5}}, HELSINKI)
    assert [error.field for error in refused.value.errors] == ["score"]


def test_surveypals_responses_are_read_by_their_questions():
    (one,) = outcomes_in(mapping("surveypal"), {"responses": [SURVEYPAL]}, HELSINKI)

    assert (one["ref"], one["case"], one["customer"], one["channel"]) == ("r-7", "T-7", "C-7", "phone")
    assert (one["score"], one["note"], one["at"]) == (4, "hyvin hoidettu", "2026-05-28T12:08:16+03:00")


def test_a_line_of_taplauses_export_is_read_in_finnish_with_local_time():
    (one,) = outcomes_in(mapping("taplause"), TAPLAUSE, HELSINKI)

    assert one == {
        "kind": "satisfaction",
        "at": "2026-05-28T12:08:00+03:00",
        "case": "T-9",
        "channel": "Tampere",
        "ref": "9",
        "score": 3,
        "lowest": 1,
        "highest": 4,
    }


def test_the_generic_mapping_takes_numbers_and_yes_or_no_as_text_and_refuses_what_nothing_reads():
    line = {"kind": "satisfaction", "at": "2026-05-28T09:00:00Z", "case": "T-1", "score": "4", "highest": "5.0"}
    (one,) = outcomes_in(mapping("generic"), line, HELSINKI)
    (left,) = outcomes_in(mapping("generic"), {"kind": "churn", "customer": "C-1", "left": "Yes"}, HELSINKI)

    assert (one["score"], one["highest"], left["left"]) == (4, 5, True)
    with pytest.raises(InvalidRequest) as refused:
        outcomes_in(mapping("generic"), {**line, "stars": 5}, HELSINKI)
    assert [error.field for error in refused.value.errors] == ["stars"]


@pytest.mark.parametrize(
    "body", [{"outcomes": []}, {"outcomes": [{}] * 501}, {"outcomes": [1]}, {"outcomes": [{}, "x"]}]
)
def test_a_delivery_without_items_or_with_too_many_is_refused(body):
    with pytest.raises(InvalidRequest):
        outcomes_in(mapping("generic"), body, HELSINKI)

"""How often survey tools may deliver: each by itself, and nobody at the expense of another."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from policyservice.access.rates import SURVEY_TOOLS, Rates, Unshared
from policyservice.config import SurveySource
from policyservice.db import tables
from policyservice.domain.errors import DeliveriesLimited, DeliveryRefused, DeliveryReplayed, InvalidRequest
from policyservice.resolutions import deliveries
from policyservice.resolutions.deliveries import Delivery, Door, take
from policyservice.resolutions.surveys import signature as signatures
from policyservice.resolutions.surveys.signature import Signed, signature
from policyservice.runtime import Runtime
from tests.decisions.factories import a_shop
from tests.fakes import NOON
from tests.statements import seen

SECRET, OTHER = b"s" * 24, b"t" * 24
TOOL = SurveySource("tool", "generic", SECRET)
BODY = json.dumps({"outcomes": [{"kind": "repeat_contact", "at": "2026-06-01T08:00:00Z", "case": "T-1"}]}).encode()
MOST = 3
"""Deliveries at once; after them one a second."""


def delivery(id: str, *, to: str = "tool", secret: bytes = SECRET, at=NOON, body: bytes = BODY) -> Delivery:
    stamp = str(int(at.timestamp()))
    return Delivery(to, Signed(id, stamp, "v1," + signature(secret, id, stamp, body)), body)


class House:
    """A shop with a door for survey tools, and what was counted of their deliveries."""

    def __init__(self, shop: Runtime) -> None:
        self.shop = shop
        self.door = Door(
            (TOOL, SurveySource("other", "generic", OTHER)),
            Rates(shop.db, per_minute=60, burst=MOST, shelf=SURVEY_TOOLS),
            Unshared(per_minute=60, burst=MOST),
        )
        self.told: Counter[tuple[str, str]] = Counter()
        shop.hooks.delivery_answered = lambda source, result: self.told.update([(source, result)])

    def answers(self, *sent: Delivery, parse=json.loads) -> list[str]:
        """What each delivery is answered: the code of its refusal, or "taken"."""
        return [self._answer(each, parse) for each in sent]

    def _answer(self, each: Delivery, parse) -> str:
        try:
            take(self.shop, self.door, each, parse)
        except (DeliveriesLimited, DeliveryRefused, DeliveryReplayed, InvalidRequest) as refused:
            return refused.code
        return "taken"

    def taken(self) -> int:
        with self.shop.db.reading() as conn:
            return int(conn.execute(select(func.count()).select_from(tables.survey_delivery)).scalar_one())


@pytest.fixture
def house(any_db) -> House:
    return House(a_shop(any_db))


def test_a_tool_delivers_its_burst_and_not_once_more_and_another_as_if_it_were_alone(house: House):
    answers = house.answers(*(delivery(f"msg_{number}") for number in range(MOST + 1)))

    assert answers == ["taken"] * MOST + ["deliveries-limited"]
    assert house.answers(delivery("msg_1", to="other", secret=OTHER)) == ["taken"]
    assert house.told == {("tool", "taken"): MOST, ("tool", "limited"): 1, ("other", "taken"): 1}
    assert house.taken() == MOST + 1


def test_a_delivery_beyond_the_rate_is_not_parsed_and_taken_when_it_is_sent_again(house: House):
    house.answers(*(delivery(f"msg_{number}") for number in range(MOST)))
    parsed: list[bytes] = []

    with pytest.raises(DeliveriesLimited) as limited:
        take(house.shop, house.door, delivery("late"), lambda body: parsed.append(body))
    assert parsed == []
    assert house.taken() == MOST

    again = house.shop.clock.advance(seconds=limited.value.retry_after)
    assert house.answers(delivery("late", at=again), delivery("late", at=again)) == ["taken", "delivery-replayed"]


FOREIGN = {
    "signed by another": delivery("x", secret=OTHER),
    "altered on its way": Delivery("tool", delivery("x").signed, BODY + b" "),
    "kept back too long": delivery("x", at=NOON - timedelta(minutes=6)),
    "of a tool that is not there": delivery("x", to="nosuch"),
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_who_does_not_hold_the_secret_uses_up_nothing_of_the_tools_rate(house: House, foreign: Delivery):
    refused = house.answers(*[foreign] * (MOST + 2))

    assert refused == ["delivery-refused"] * MOST + ["deliveries-limited"] * 2
    assert house.answers(*(delivery(f"msg_{number}") for number in range(MOST))) == ["taken"] * MOST


def test_copies_of_a_delivery_that_was_taken_use_up_nothing_of_the_tools_rate(house: House):
    copied = delivery("msg_0")

    answers = house.answers(*[copied] * (MOST + 2))

    assert answers == ["taken"] + ["delivery-replayed"] * MOST + ["deliveries-limited"]
    rest = house.answers(*(delivery(f"msg_{number}") for number in range(1, MOST + 1)))
    assert rest == ["taken"] * (MOST - 1) + ["deliveries-limited"]
    assert house.told["tool", "replayed"] == MOST + 1


def test_all_that_is_refused_has_one_rate_so_that_it_tells_nothing_of_which_tools_there_are(house: House):
    house.answers(*[FOREIGN["of a tool that is not there"]] * MOST)

    assert house.answers(*FOREIGN.values()) == ["deliveries-limited"] * len(FOREIGN)
    assert house.told == {
        ("unknown", "bad_signature"): MOST + 1,
        ("tool", "bad_signature"): 2,
        ("tool", "old"): 1,
    }


def test_what_is_refused_causes_no_write_and_needs_no_database(house: House):
    with seen(house.shop.db.engine) as statements:
        assert house.answers(*list(FOREIGN.values()) * 2)[-1] == "deliveries-limited"
    assert statements == []


def test_a_delivery_that_cannot_be_read_costs_one_of_the_tools_rate(house: House):
    wrong = BODY.replace(b"repeat_contact", b"repeat")

    answers = house.answers(*(delivery(f"msg_{number}", body=wrong) for number in range(MOST)), delivery("msg_9"))

    assert answers == ["invalid-request"] * MOST + ["deliveries-limited"]


def test_every_name_is_compared_with_as_many_secrets_and_nobodys_opens_no_door(house: House, monkeypatch):
    signed: list[bytes] = []

    def counting(secret: bytes, *rest) -> str:
        signed.append(secret)
        return signature(secret, *rest)

    house.door = house.door._replace(sources=(*house.door.sources, SurveySource("tool", "generic", b"u" * 24)))
    monkeypatch.setattr(signatures, "signature", counting)
    for name in ("tool", "other", "nosuch"):
        forged = delivery("x", to=name, secret=deliveries._NOBODYS)
        signed.clear()

        assert house.answers(forged) == ["delivery-refused"]
        assert len(signed) == 2

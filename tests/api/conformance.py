"""Bad and missing inputs, and what the service answers: the rows of docs/reference/conformance.md.

`python -m tests.api.conformance` writes the table into the page. Each row changes one good request (`factories.body`),
for which the answer would be `allow`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from policyservice.access.keys import Role
from tests.api.factories import Service, body

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"
_TABLE = re.compile(r"(?<=<!-- rows -->\n).*(?=<!-- end of rows -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One input: what is sent, what is answered (a problem's code, or the outcome of a 201), which fields are named."""

    sent: str
    answer: str
    why: str
    status: int = 422
    fields: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    data: bytes | None = None
    headers: dict[str, str] | None = None
    content_type: str = "application/json"
    keyed: bool = True
    secret: Callable[[Service], str | None] | None = None

    @property
    def markdown(self) -> str:
        """The row as the page shows it."""
        named = ", ".join(f"`{field}`" for field in self.fields) or "-"
        return f"| {self.sent} | {self.status} `{self.answer}` | {named} | {self.why} |"


def _changed(sent: str, why: str, *fields: str, **changes: Any) -> Row:
    return Row(sent, "invalid-request", why, fields=fields, body=body(**changes))


def _raw(sent: str, why: str, old: str, new: str, *fields: str) -> Row:
    """What JSON writers do not make: no JSON (400), or a text that is none (422, naming the field)."""
    data = json.dumps(body()).replace(old, new, 1)
    assert data != json.dumps(body())
    status, answer = (422, "invalid-request") if fields else (400, "malformed-body")
    return Row(sent, answer, why, status, fields, data=data.encode())


def _decided(sent: str, outcome: str, why: str, *fields: str, **changes: Any) -> Row:
    return Row(sent, outcome, why, 201, fields, body=body(**changes))


def _expired(service: Service) -> str:
    secret = service.key(expires_at=service.clock.now() + timedelta(seconds=1))
    service.clock.advance(seconds=1)
    return secret


_NO_ORDER_FACTS = {"order.category": ..., "order.paid": ...}
_TEN_MEGABYTES = json.dumps(body(justification="x" * 10_000_000)).encode()

ROWS: tuple[Row, ...] = (
    # --- the amount ------------------------------------------------------------------------------
    _changed("no `amount`", "A refund without a sum is never taken as any sum.", "amount", amount=...),
    _changed("`amount: null`", "Null is a field left out.", "amount", amount=None),
    _changed("`amount: 7.00` (a number)", "Floats cannot say cents exactly.", "amount", amount=7.0),
    _changed("`amount: 700` (a number)", "Whole numbers are no sums either: cents or euros?", "amount", amount=700),
    _changed("`amount: true`", "A boolean is not 1.", "amount", amount=True),
    _changed('`amount: ["7.00"]`', "A list is not a sum.", "amount", amount=["7.00"]),
    _changed('`amount: {"value": "7.00"}`', "An object is not a sum.", "amount", amount={"value": "7.00"}),
    _changed('`amount: ""`', "Nothing is not zero.", "amount", amount=""),
    _changed('`amount: "0.00"`', "Nothing is asked for.", "amount", amount="0.00"),
    _changed('`amount: "-7.00"`', "Taking money is not a remedy.", "amount", amount="-7.00"),
    _changed('`amount: "-0.00"`', "Nor is a negative nothing.", "amount", amount="-0.00"),
    _changed('`amount: "+7.00"`', "One way to write a sum.", "amount", amount="+7.00"),
    _changed('`amount: "7.001"`', "Nobody pays a tenth of a cent.", "amount", amount="7.001"),
    _changed('`amount: "7,00"`', "The decimal sign is a point.", "amount", amount="7,00"),
    _changed('`amount: "7.00 EUR"`', "The currency stands beside the sum.", "amount", amount="7.00 EUR"),
    _changed('`amount: " 7.00"`', "No blanks.", "amount", amount=" 7.00"),
    _changed('`amount: "7e0"`', "No exponents.", "amount", amount="7e0"),
    _changed('`amount: "007.00"`', "No leading zeros.", "amount", amount="007.00"),
    _changed('`amount: "٧.٠٠"`', "Digits are ASCII.", "amount", amount="٧.٠٠"),
    _changed('`amount: "NaN"`', "Not a sum.", "amount", amount="NaN"),
    _changed('`amount: "Infinity"`', "Not a sum.", "amount", amount="Infinity"),
    _changed(
        '`amount: "92233720368547758.08"`',
        "One cent beyond 64 bits of minor units.",
        "amount",
        amount="92233720368547758.08",
    ),
    _changed('`amount: "999…9"` (500 digits)', "Far beyond 64 bits.", "amount", amount="9" * 500),
    _raw("`amount: NaN`", "Not a number of JSON.", '"7.00"', "NaN"),
    _raw("`amount: Infinity`", "Not a number of JSON.", '"7.00"', "Infinity"),
    _raw("`amount: 1e999`", "A number beyond what can be read.", '"7.00"', "1e999"),
    _raw('`amount` twice, `"7.00"` and `"700.00"`', "Which one is meant?", '"amount"', '"amount": "700.00", "amount"'),
    _changed(
        "an `amount` for a remedy without a sum",
        "A new appointment costs what it costs.",
        "amount",
        reason="delivery.missed_visit",
        remedy="new_appointment",
        facts=_NO_ORDER_FACTS,
    ),
    # --- the currency ----------------------------------------------------------------------------
    _changed("no `currency`", "7.00 of what?", "currency", currency=...),
    _changed('`currency: "XYZ"`', "Not of ISO 4217.", "currency", currency="XYZ"),
    _changed('`currency: "eur"`', "Codes are written in capitals.", "currency", currency="eur"),
    _changed("`currency: 978`", "The letters, not the number.", "currency", currency=978),
    _changed(
        '`currency: "JPY"`, `amount: "7.50"`',
        "The yen has no decimals; the fact `order.paid` has some, too.",
        "amount",
        "facts.order.paid",
        currency="JPY",
        amount="7.50",
    ),
    _decided(
        '`currency: "USD"`, all else in order',
        "escalate",
        "The rules speak of EUR, and nobody converts: no rule fires.",
        currency="USD",
    ),
    # --- agent, reason, remedy, references -------------------------------------------------------
    _changed("no `agent`", "Somebody acts.", "agent", agent=...),
    Row(
        "an `agent` nobody registered",
        "unknown-agent",
        "Trust belongs to somebody known.",
        fields=("agent",),
        body=body(agent="nobody"),
    ),
    _changed('`agent: ""`', "Nobody.", "agent", agent=""),
    _changed("`agent: 5`", "A reference is a text.", "agent", agent=5),
    _changed("no `case`", "Every decision belongs to a case.", "case", case=...),
    _changed("`case` of 201 characters", "References have at most 200.", "case", case="x" * 201),
    _changed("no `channel`", "Reports tell channels apart.", "channel", channel=...),
    _changed("no `reason`", "Why?", "reason", reason=...),
    _changed("a `reason` outside the catalogue", "No rule can speak of it.", "reason", reason="weather.bad"),
    _changed('`reason: "service.*"`', "A pattern is for rules, not for requests.", "reason", reason="service.*"),
    _changed("no `remedy`", "What is to be given?", "remedy", remedy=...),
    _changed("a `remedy` outside the catalogue", "Nobody may invent one.", "remedy", remedy="cash"),
    _changed("`customer: 77`", "A reference is a text.", "customer", customer=77),
    _changed('`order: " O-55"`', "No blanks around a reference: it would be another order.", "order", order=" O-55"),
    _changed("`justification` of 2001 characters", "At most 2000.", "justification", justification="x" * 2001),
    _changed('`given_at: "yesterday"`', "An instant of RFC 3339.", "given_at", given_at="yesterday"),
    _changed("`given_at` without an offset", "Whose nine o'clock?", "given_at", given_at="2026-06-01T08:00:00"),
    _changed("`given_at` to come", "What was given lies in the past.", "given_at", given_at="2026-06-01T10:00:00Z"),
    # --- facts -----------------------------------------------------------------------------------
    _changed("`facts: []`", "Facts are an object by name.", "facts", facts=[]),
    _changed(
        "a fact outside the vocabulary",
        "A fact no rule knows is a mistake to be told, not to be swallowed.",
        "facts.order.colour",
        facts={"order.colour": "red"},
    ),
    _changed(
        '`facts.order.quantity: "700"`',
        "A text is not the integer 700.",
        "facts.order.quantity",
        facts={"order.quantity": "700"},
    ),
    _changed(
        "`facts.order.quantity: 700.0`", "Nor is a float.", "facts.order.quantity", facts={"order.quantity": 700.0}
    ),
    _changed(
        "`facts.order.quantity: true`", "Nor is a boolean.", "facts.order.quantity", facts={"order.quantity": True}
    ),
    _changed(
        "`facts.order.quantity: 0`", "Below the lowest it can be.", "facts.order.quantity", facts={"order.quantity": 0}
    ),
    _changed(
        "`facts.order.quantity: 2⁶³`",
        "Beyond 64 bits.",
        "facts.order.quantity",
        facts={"order.quantity": 2**63},
    ),
    _changed(
        "`facts.order.returned: 1`", "An integer is not true.", "facts.order.returned", facts={"order.returned": 1}
    ),
    _changed(
        '`facts.order.returned: "true"`',
        "Nor is a text.",
        "facts.order.returned",
        facts={"order.returned": "true"},
    ),
    _changed(
        '`facts.order.category: "yacht"`',
        "Not one of the declared codes.",
        "facts.order.category",
        facts={"order.category": "yacht"},
    ),
    _changed("`facts.order.paid: 7.00` (a number)", "Money is a text.", "facts.order.paid", facts={"order.paid": 7.0}),
    _changed(
        '`facts.order.paid: "-7.00"`',
        "Nobody paid less than nothing.",
        "facts.order.paid",
        facts={"order.paid": "-7.00"},
    ),
    _changed("`facts.order.paid: null`", "Unknown is left out.", "facts.order.paid", facts={"order.paid": None}),
    _changed(
        "`facts.reason`",
        "The reason stands beside the facts.",
        "facts.reason",
        facts={"reason": "service.not_delivered"},
    ),
    _changed(
        "a fact that the rules conclude",
        "Callers state what happened, rules what follows.",
        "facts.order.keep_is_cheaper",
        facts={"order.keep_is_cheaper": True},
    ),
    _changed(
        "a fact that is reckoned",
        "It follows from others.",
        "facts.power.room_this_year",
        facts={"power.room_this_year": "2000.00"},
    ),
    # --- authority and unknown fields ------------------------------------------------------------
    _changed('`approved_by: "boss"`', "A caller never sets its own authority.", "approved_by", approved_by="boss"),
    _changed('`trust_level: "lead"`', "Nor its trust.", "trust_level", trust_level="lead"),
    _changed("`limits: {…}`", "Nor its limits.", "limits", limits={"agent-day": "9999.00"}),
    _changed('`role: "admin"`', "Nor its role.", "role", role="admin"),
    _changed(
        "`Amount` for `amount`",
        "Names are exact: the one is unknown, the other missing.",
        "Amount",
        "amount",
        Amount="7.00",
        amount=...,
    ),
    Row(
        "`{}`",
        "invalid-request",
        "Everything that is missing is named at once.",
        fields=("agent", "case", "channel", "reason", "remedy", "currency"),
        body={},
    ),
    # --- the body --------------------------------------------------------------------------------
    Row("no JSON", "malformed-body", "Nothing can be read.", 400, data=b"{'amount': 7}"),
    Row(
        "a list of requests", "malformed-body", "One request, one object.", 400, data=f"[{json.dumps(body())}]".encode()
    ),
    Row("a body in Latin-1", "malformed-body", "JSON is UTF-8.", 400, data='{"agent": "Mäkinen"}'.encode("latin-1")),
    Row("a hundred thousand open brackets", "malformed-body", "Nested too deep.", 400, data=b"[" * 100_000),
    Row(
        "facts nested eleven deep",
        "malformed-body",
        "Nested too deep.",
        400,
        data=b'{"facts":' + b'{"a":' * 11 + b"1" + b"}" * 12,
    ),
    Row("a body of 10 MB", "body-too-large", "It is refused unread.", 413, data=_TEN_MEGABYTES),
    Row(
        "`Content-Type: text/plain`",
        "unsupported-media-type",
        "Not declared as JSON.",
        415,
        data=json.dumps(body()).encode(),
        content_type="text/plain",
    ),
    _raw("half a surrogate pair in `case`", "No text.", "T-1001", r"T-\ud83d", "case"),
    _raw("a NUL in `customer`", "A control character.", "C-77", r"C-\u0000", "customer"),
    _raw("an escape sequence in `order`", "A control character.", "O-55", r"O-\u001b[2J", "order"),
    _changed("a line break in `agent`", "No part of a reference.", "agent", agent="mai\nja"),
    # --- the caller ------------------------------------------------------------------------------
    Row("no key", "not-authenticated", "Who calls?", 401, body=body(), secret=lambda service: None),
    Row(
        "an unknown key", "not-authenticated", "Who calls?", 401, body=body(), secret=lambda service: "psk_" + "a" * 43
    ),
    Row("an expired key", "not-authenticated", "Its time is over.", 401, body=body(), secret=_expired),
    Row(
        "a key of role `finance`",
        "not-allowed",
        "Finance looks, it does not decide.",
        403,
        body=body(),
        secret=lambda service: service.key(Role.FINANCE),
    ),
    Row(
        "an agent that the key may not name",
        "not-allowed",
        "The key is bound to somebody else.",
        403,
        ("agent",),
        body=body(),
        secret=lambda service: service.key(agents=("teemu",)),
    ),
    Row(
        "no Idempotency-Key",
        "idempotency-key-missing",
        "A call that holds money must be safe to repeat.",
        400,
        body=body(),
        keyed=False,
    ),
    # --- taken, and never allowed ----------------------------------------------------------------
    _decided(
        "a refund whose paid sum is not known",
        "escalate",
        "No refund exceeds what was paid; until that is known nobody says yes.",
        "order.paid",
        facts={"order.paid": ...},
    ),
    _decided(
        "a fact missing that an escalating rule asks for",
        "escalate",
        "What is not known never helps an allow: the fact is named.",
        "order.paid",
        reason="delivery.address_refused",
        remedy="home_delivery",
        amount=...,
        facts=_NO_ORDER_FACTS,
    ),
    _decided(
        "no facts at all",
        "escalate",
        "Nothing is known, so nothing is owed yet.",
        "order.category",
        "order.paid",
        facts=_NO_ORDER_FACTS,
    ),
    _decided(
        "a remedy that no rule speaks of here",
        "escalate",
        "An open policy has no silent yes.",
        remedy="extension",
    ),
    _decided('`reason: "fraud.suspected"`', "deny", "A rule forbids everything.", reason="fraud.suspected"),
    _decided('`reason: "safety.injury"`', "escalate", "A person decides, always.", reason="safety.injury"),
    _decided('`amount: "7.01"` where 7.00 was paid', "deny", "One cent more than was paid.", amount="7.01"),
    _decided(
        '`amount: "92233720368547758.07"`',
        "deny",
        "The largest sum there is; more than was paid.",
        amount="92233720368547758.07",
    ),
    _decided(
        "a gift of one cent above the cap",
        "escalate",
        "At the cap is allowed, above it is not.",
        remedy="gift",
        amount="10.01",
    ),
)


def table() -> str:
    """The rows as the page shows them."""
    head = "| sent | answer | fields named | why |\n|---|---|---|---|\n"
    return head + "".join(f"{row.markdown}\n" for row in ROWS)


def shown() -> str:
    """The table that the page shows now."""
    found = _TABLE.search(PAGE.read_text("utf-8"))
    assert found is not None
    return found[0]


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text("utf-8")), "utf-8")

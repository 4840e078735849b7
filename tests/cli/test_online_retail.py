from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from policyservice.cli.online_retail import AGENTS, agent_of, convert
from policyservice.domain.errors import HistoryRefused
from tests.cli.support import run

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def history(folder: Path, *rows: str) -> list[dict[str, str]]:
    source = folder / "data.csv"
    source.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    out = io.StringIO()
    convert(source, out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def a_row(invoice: str, pieces: int, day: str = "2011-03-01 10:00:00", **more: str) -> str:
    values = {"code": "22423", "price": "2.50", "customer": "17850.0", **more}
    return f"{invoice},{values['code']},THING,{pieces},{day},{values['price']},{values['customer']},United Kingdom"


def test_a_cancelled_piece_is_matched_to_the_customers_purchase_before_it(tmp_path: Path):
    (line,) = history(tmp_path, a_row("536365", 6), a_row("C536400", -2, "2011-03-15 09:30:00"))

    assert line["time"] == "2011-03-15T09:30:00+00:00"
    assert (line["customer"], line["case"], line["order"]) == ("17850", "536365", "536365/C536400")
    assert (line["reason"], line["remedy"], line["amount"], line["currency"]) == (
        "product.returned",
        "refund",
        "5.00",
        "GBP",
    )
    assert line["facts.order.paid"] == "5.00"
    assert line["facts.order.date"] == "2011-03-01"
    assert line["facts.order.days_since_delivery"] == "14"
    assert line["facts.order.quantity"] == "2"
    assert line["facts.order.returned"] == "true"


def test_summer_time_is_that_of_london(tmp_path: Path):
    (line,) = history(tmp_path, a_row("C536400", -2, "2011-07-15 09:30:00"))

    assert line["time"] == "2011-07-15T09:30:00+01:00"


def test_the_latest_purchase_at_the_same_price_comes_first(tmp_path: Path):
    (line,) = history(
        tmp_path,
        a_row("1", 5, "2011-01-01 10:00:00"),
        a_row("2", 5, "2011-02-01 10:00:00"),
        a_row("3", 5, "2011-02-20 10:00:00", price="3.00"),
        a_row("C4", -5, "2011-03-01 10:00:00"),
    )

    assert line["facts.order.date"] == "2011-02-01"
    assert line["facts.order.paid"] == "12.50"


def test_what_is_left_over_goes_to_other_prices_and_the_oldest_day_counts(tmp_path: Path):
    (line,) = history(
        tmp_path,
        a_row("1", 5, "2011-01-01 10:00:00", price="1.00"),
        a_row("2", 5, "2011-02-01 10:00:00"),
        a_row("C4", -7, "2011-03-01 10:00:00"),
    )

    assert line["facts.order.paid"] == "14.50"  # five at 2.50, two at 1.00
    assert line["amount"] == "17.50"
    assert line["facts.order.date"] == "2011-01-01"
    assert line["case"] == "2"  # where most of the value was bought


def test_no_piece_is_matched_twice_and_a_piece_without_a_purchase_leaves_the_sum_unknown(tmp_path: Path):
    first, second = history(
        tmp_path,
        a_row("1", 5, "2011-01-01 10:00:00"),
        a_row("C2", -3, "2011-01-02 10:00:00"),
        a_row("C3", -3, "2011-01-03 10:00:00"),
    )

    assert first["facts.order.paid"] == "7.50"
    assert second["facts.order.paid"] == second["facts.order.days_since_delivery"] == ""
    assert second["case"] == "1"


def test_a_later_purchase_or_another_customers_is_not_matched(tmp_path: Path):
    (line,) = history(
        tmp_path,
        a_row("1", 5, "2011-01-01 10:00:00", customer="99.0"),
        a_row("C2", -3, "2011-01-02 10:00:00"),
        a_row("3", 5, "2011-01-03 10:00:00"),
    )

    assert line["facts.order.paid"] == ""
    assert (line["case"], line["order"]) == ("C2", "C2")


def test_lines_without_a_customer_are_guests(tmp_path: Path):
    (line,) = history(tmp_path, a_row("1", 5, customer=""), a_row("C2", -3, customer=""))

    assert (line["customer"], line["facts.customer.tier"], line["facts.order.paid"]) == ("", "", "")


def test_a_cancellation_of_several_lines_is_one_request(tmp_path: Path):
    (line,) = history(
        tmp_path,
        a_row("1", 5),
        a_row("1", 2, code="84029G", price="1.25"),
        a_row("C2", -5),
        a_row("C2", -1, code="84029g", price="1.25"),
    )

    assert line["amount"] == "13.75"
    assert line["facts.order.paid"] == "13.75"
    assert line["facts.order.quantity"] == "6"


@pytest.mark.parametrize("code", ["M", "POST", "DOT", "C2", "S", "BANK CHARGES", "AMAZONFEE", "CRUK"])
def test_a_charge_taken_back_is_a_billing_error(tmp_path: Path, code: str):
    (line,) = history(tmp_path, a_row("C2", -1, code=code, price="18.00"))

    assert (line["reason"], line["remedy"]) == ("billing.error", "refund")
    assert (line["facts.fee.amount"], line["facts.fee.paid"]) == ("18.00", "")


def test_a_charge_is_known_to_be_paid_where_it_was_billed_at_that_price_before(tmp_path: Path):
    same = history(tmp_path, a_row("1", 1, code="M", price="18.00"), a_row("C2", -1, code="M", price="18.00"))
    other = history(tmp_path, a_row("1", 1, code="M", price="17.00"), a_row("C2", -1, code="M", price="18.00"))

    assert (same[0]["facts.fee.amount"], same[0]["facts.fee.paid"]) == ("18.00", "true")
    assert other[0]["facts.fee.paid"] == ""


def test_a_discount_given_afterwards_is_a_courtesy_and_goods_outrank_charges(tmp_path: Path):
    discount, with_postage = history(
        tmp_path,
        a_row("C1", -1, code="D", price="9.00"),
        a_row("C2", -1, code="POST", price="9.00"),
        a_row("C2", -1),
    )

    assert (discount["reason"], discount["remedy"]) == ("courtesy.other", "credit")
    assert (with_postage["reason"], with_postage["amount"]) == ("product.returned", "11.50")


def test_the_tier_is_that_of_the_invoices_before(tmp_path: Path):
    rows = [a_row(str(number), 1) for number in range(1, 11)]
    tiers = [
        history(tmp_path, *rows[:before], a_row("C99", -1))[0]["facts.customer.tier"] for before in (0, 1, 2, 9, 10)
    ]

    assert tiers == ["new", "new", "regular", "regular", "loyal"]


def test_the_agent_follows_from_the_number_of_the_invoice_alone(tmp_path: Path):
    (line,) = history(tmp_path, a_row("C536379", -1))

    assert (line["agent"], line["team"], line["trust_level"]) == agent_of("C536379")
    assert agent_of("C536379") == ("agent-11", "team-c", "expert")
    assert [level for _, _, level in AGENTS] == ["new"] * 4 + ["trusted"] * 4 + ["expert"] * 3 + ["lead"]


def test_requests_come_in_time_order(tmp_path: Path):
    found = history(tmp_path, a_row("C2", -1, "2011-03-02 10:00:00"), a_row("C1", -1, "2011-03-01 10:00:00"))

    assert [line["order"] for line in found] == ["C1", "C2"]


def test_a_gzipped_data_set_gives_the_same(tmp_path: Path):
    rows = "\n".join((HEADER, a_row("1", 5), a_row("C2", -1), "")).encode()
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(rows)
    packed.write_bytes(gzip.compress(rows))

    results = [run("history", "online-retail", str(path)) for path in (plain, packed)]

    assert results[0].stdout == results[1].stdout
    assert "2 invoice lines read, 1 of them on 1 cancellation invoices" in results[0].stderr


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n",
        f"{HEADER}\n1,2,3\n",
        f"{HEADER}\n" + a_row("C2", -1).replace("-1", "many"),
        f"{HEADER}\n" + a_row("C2", -1, price="free"),
        f"{HEADER}\n" + a_row("C2", -1, "yesterday"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str):
    source = tmp_path / "data.csv"
    source.write_text(text, encoding="utf-8")

    with pytest.raises(HistoryRefused):
        convert(source, io.StringIO())

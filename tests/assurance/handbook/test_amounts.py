from __future__ import annotations

from fractions import Fraction

import pytest

from policyservice.assurance.handbook.amounts import Amounts, reckoned
from policyservice.rulebook.model import (
    Amount,
    Bounded,
    Difference,
    Each,
    FactRef,
    FirstKnown,
    Fixed,
    Largest,
    Least,
    ParameterRef,
    Share,
    SumOf,
    Unpriced,
)
from tests.assurance.handbook.books import plain, writer

PRICE, SEAT = FactRef("train.price"), FactRef("train.seat")


@pytest.mark.parametrize(
    ("amount", "en", "fi"),
    [
        (Fixed(123456), "€1,234.56", "1 234,56 €"),
        (PRICE, "“Price”", "”Hinta”"),
        (FactRef("party.untold"), "(“Price” less “Seat fee”)", "(”Hinta” miinus ”Paikkamaksu”)"),
        (ParameterRef("least"), "€2.50", "2,50 €"),
        (
            ParameterRef("rate"),
            "the value for the day “Day of travel”: €3.00 from 1 Jan 2025; €4.00 from 1 Jan 2026",
            "arvo päivän ”Matkapäivä” mukaan: 3,00 € alkaen 1.1.2025; 4,00 € alkaen 1.1.2026",
        ),
        (Unpriced(), "a sum that somebody else settles", "summa, josta päättää joku muu"),
        (Share(Fraction(1, 8), PRICE), "12.5% of “Price”", "12,5 % summasta ”Hinta”"),
        (
            Share(ParameterRef("share"), PRICE),
            "(20% (changes: 25% from 1 Jan 2027)) of “Price”",
            "(20 % (muuttuu: 25 % alkaen 1.1.2027)) summasta ”Hinta”",
        ),
        (
            Each(Fixed(2000), FactRef("train.days")),
            "€20.00 times “Days”",
            "20,00 € kertaa ”Päivät”",
        ),
        (Each(PRICE, Fixed(2)), "“Price” times 2", "”Hinta” kertaa 2"),
        (
            Each(Fixed(2000), FactRef("train.days"), period=7, started=True),
            "€20.00 for every 7 days, begun ones too, counted by “Days”",
            "20,00 € jokaiselta alkavalta jaksolta, jonka pituus on 7 päivää; laskuri: ”Päivät”",
        ),
        (
            Each(Fixed(2000), FactRef("train.delay"), period=10080),
            "€20.00 for every full 10,080 minutes (7 days), counted by “Delay”",
            "20,00 € jokaiselta täydeltä jaksolta, jonka pituus on 10 080 minuuttia (7 päivää); laskuri: ”Viive”",
        ),
        (
            SumOf((PRICE, SEAT, Fixed(100))),
            "“Price” plus “Seat fee” plus €1.00",
            "”Hinta” plus ”Paikkamaksu” plus 1,00 €",
        ),
        (Difference(PRICE, SEAT), "“Price” less “Seat fee”", "”Hinta” miinus ”Paikkamaksu”"),
        (Least((PRICE, SEAT)), "the smallest of these: “Price”; “Seat fee”", "pienin näistä: ”Hinta”; ”Paikkamaksu”"),
        (
            Largest((Fixed(0), Difference(PRICE, SEAT))),
            "the largest of these: €0.00; (“Price” less “Seat fee”)",
            "suurin näistä: 0,00 €; (”Hinta” miinus ”Paikkamaksu”)",
        ),
        (
            FirstKnown((PRICE, Unpriced())),
            "“Price”; if that is not known, a sum that somebody else settles",
            "”Hinta”; jos se ei ole tiedossa, summa, josta päättää joku muu",
        ),
        (
            Bounded(PRICE, nothing_below=Fixed(400), at_least=Fixed(500), at_most=SEAT),
            "“Price”; nothing if that comes to less than €4.00 (exactly that is given); but no less than €5.00; "
            "but up to and including “Seat fee”",
            "”Hinta”; ei mitään, jos tulos jää alle 4,00 € (tasan se annetaan); kuitenkin vähintään 5,00 €; "
            "kuitenkin enintään ”Paikkamaksu”",
        ),
    ],
)
def test_an_amount_is_a_phrase(amount: Amount, en: str, fi: str):
    assert plain(Amounts(writer("en"), "EUR").words(amount)) == en
    assert plain(Amounts(writer("fi"), "EUR").words(amount)) == fi


def test_a_sum_has_the_decimals_of_its_currency():
    assert Amounts(writer("en"), "JPY").words(Fixed(500)) == "JP¥500"
    assert plain(Amounts(writer("fi"), "KWD").words(Fixed(1500))) == "1,500 KWD"


def test_a_reckoned_count_has_no_currency():
    assert reckoned(writer("en"), "party.most", None) == "“Free bags” times “Party”"
    assert reckoned(writer("fi"), "party.untold", None) == "”Hinta” miinus ”Paikkamaksu”"

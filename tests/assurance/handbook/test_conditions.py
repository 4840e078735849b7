from __future__ import annotations

from datetime import date

import pytest

from policyservice.assurance.handbook.conditions import Conditions, Point, side_by_side
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Op, ParameterRef
from tests.assurance.handbook.books import plain, writer

_DAY = date(2026, 3, 1).toordinal()


def told(language: str, *parts: Condition) -> list[str]:
    return [plain(point.text) for point in Conditions(writer(language), "EUR").points(parts)]


@pytest.mark.parametrize(
    ("compare", "en", "fi"),
    [
        (Compare("train.exempt", Op.IS, True), "Nobody's fault: yes", "Ei kenenkään syy: kyllä"),
        (Compare("train.exempt", Op.IS, False), "Nobody's fault: no", "Ei kenenkään syy: ei"),
        (
            Compare("customer.tier", Op.IS_NOT, "new_here"),
            "Tier: something other than new here",
            "Taso: muu kuin new here",
        ),
        (Compare("train.price", Op.AT_LEAST, 5000), "Price: €50.00 or more", "Hinta: vähintään 50,00 €"),
        (Compare("train.price", Op.AT_MOST, 5000), "Price: up to and including €50.00", "Hinta: enintään 50,00 €"),
        (
            Compare("train.price", Op.MORE_THAN, 0),
            "Price: more than €0.00 (exactly that does not count)",
            "Hinta: yli 0,00 € (tasan se ei riitä)",
        ),
        (
            Compare("train.delay", Op.LESS_THAN, 1440),
            "Delay: less than 1,440 minutes (24 hours) (exactly that does not count)",
            "Viive: alle 1 440 minuuttia (24 tuntia) (tasan se ei käy)",
        ),
        (Compare("train.delay", Op.IS, 90), "Delay: 90 minutes", "Viive: 90 minuuttia"),
        (Compare("train.days", Op.AT_LEAST, 1), "Days: 1 day or more", "Päivät: vähintään 1 päivä"),
        (
            Compare("train.travelled_on", Op.AT_LEAST, _DAY),
            "Day of travel: 1 Mar 2026 or later",
            "Matkapäivä: 1.3.2026 tai myöhemmin",
        ),
        (
            Compare("train.travelled_on", Op.AT_MOST, _DAY),
            "Day of travel: 1 Mar 2026 or earlier",
            "Matkapäivä: 1.3.2026 tai aiemmin",
        ),
        (
            Compare("train.travelled_on", Op.MORE_THAN, _DAY),
            "Day of travel: after 1 Mar 2026",
            "Matkapäivä: 1.3.2026 jälkeen",
        ),
        (
            Compare("train.travelled_on", Op.LESS_THAN, _DAY),
            "Day of travel: before 1 Mar 2026",
            "Matkapäivä: ennen 1.3.2026",
        ),
        (Compare("customer.tier", Op.AT_LEAST, "regular"), "Tier: regular or higher", "Taso: regular tai ylempi"),
        (Compare("customer.tier", Op.AT_MOST, "regular"), "Tier: regular or lower", "Taso: regular tai alempi"),
        (Compare("customer.tier", Op.MORE_THAN, "regular"), "Tier: higher than regular", "Taso: ylempi kuin regular"),
        (Compare("customer.tier", Op.LESS_THAN, "regular"), "Tier: lower than regular", "Taso: alempi kuin regular"),
        (
            Compare("customer.tier", Op.ONE_OF, ("new_here", "regular", "loyal")),
            "Tier: new here, regular or loyal friend",
            "Taso: new here, regular tai kanta-asiakas",
        ),
        (Compare("customer.tier", Op.ONE_OF, ("loyal",)), "Tier: loyal friend", "Taso: kanta-asiakas"),
        (
            Compare("customer.tier", Op.NONE_OF, ("regular", "loyal")),
            "Tier: none of these: regular, loyal friend",
            "Taso: ei mikään näistä: regular, kanta-asiakas",
        ),
        (Compare("train.price", Op.PRESENT, True), "Price: is known", "Hinta: on tiedossa"),
        (Compare("train.price", Op.PRESENT, False), "Price: is not known", "Hinta: ei ole tiedossa"),
        (Compare("train.remark", Op.IS, "wet"), "Remark: “wet”", "Huomautus: ”wet”"),
        (Compare("reason", Op.IS_NOT, "other"), "Reason: something other than Other", "Syy: muu kuin Muu"),
        (Compare("party.most", Op.AT_LEAST, 2), "Free in all: 2 or more", "Maksutta yhteensä: vähintään 2"),
        (
            Compare("party.untold", Op.AT_LEAST, 200),
            "(“Price” less “Seat fee”): €2.00 or more",
            "(”Hinta” miinus ”Paikkamaksu”): vähintään 2,00 €",
        ),
        (
            Compare("party.free", Op.IS, 2),
            "Free bags (follows from other rules here): 2 bags",
            "Maksuttomat laukut (seuraa muista säännöistä): 2 laukkua",
        ),
        (
            Compare("train.delay", Op.AT_LEAST, ParameterRef("wait")),
            "Delay: 90 minutes (changes: not decided yet from 1 Jan 2028) or more",
            "Viive: vähintään 90 minuuttia (muuttuu: ei vielä päätetty alkaen 1.1.2028)",
        ),
        (
            Compare("train.travelled_on", Op.AT_LEAST, ParameterRef("since")),
            "Day of travel: 3 Feb 2026 or later",
            "Matkapäivä: 3.2.2026 tai myöhemmin",
        ),
        (Compare("customer.tier", Op.IS, ParameterRef("favourite")), "Tier: loyal friend", "Taso: kanta-asiakas"),
    ],
)
def test_a_comparison_is_a_sentence(compare: Compare, en: str, fi: str):
    assert told("en", compare) == [en]
    assert told("fi", compare) == [fi]


def test_comparisons_of_one_fact_share_a_line_where_the_first_stands():
    parts = (
        Compare("train.delay", Op.AT_LEAST, 30),
        Compare("train.exempt", Op.IS, False),
        Compare("train.delay", Op.LESS_THAN, 60),
    )

    assert told("en", *parts) == [
        "Delay: 30 minutes or more and less than 60 minutes (exactly that does not count)",
        "Nobody's fault: no",
    ]


def test_branches_are_lists_beneath_a_line():
    one, other = Compare("train.exempt", Op.IS, True), Compare("train.days", Op.AT_LEAST, 2)
    either = AnyOf((one, AllOf((other, Not(one)))))

    assert Conditions(writer("fi"), "EUR").points([either]) == (
        Point(
            "Ainakin yksi näistä täyttyy:",
            (
                Point("Ei kenenkään syy: kyllä"),
                Point(
                    "Kaikki nämä täyttyvät:",
                    (
                        Point("Päivät: vähintään 2 päivää"),
                        Point("Näin ei ole:", (Point("Ei kenenkään syy: kyllä"),)),
                    ),
                ),
            ),
        ),
    )


def test_the_reason_at_the_top_is_the_chapter_and_not_a_condition():
    late, exempt = Compare("reason", Op.IS, "train.late"), Compare("train.exempt", Op.IS, True)

    assert side_by_side(AllOf((late, AllOf((exempt,))))) == (exempt,)
    assert side_by_side(Not(late)) == (Not(late),)

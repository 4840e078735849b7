from __future__ import annotations

import pytest

from policyservice.assurance.handbook.limits import Ladder, ladders, limits_told
from policyservice.domain.limits import Bound, Limit, LimitSet, Scope, Window, WindowKind
from policyservice.domain.vocabulary import Text
from tests.assurance.handbook.books import book, plain, writer


def reach(language: str, scope: Scope, window: WindowKind, days: int = 0) -> str:
    limit = Limit("x", Text("x", "x"), scope, Window(window, days), "EUR", {"": Bound(1)})
    return plain(limits_told(writer(language), LimitSet(1, (limit,)))[0].reach)


@pytest.mark.parametrize(
    ("scope", "en", "fi"),
    [
        (Scope.DECISION, "in one decision", "yhdessä päätöksessä"),
        (Scope.ORDER, "for one order, in a day", "yhdestä tilauksesta, päivässä"),
        (Scope.CASE, "for one case, in a day", "yhdestä asiasta, päivässä"),
        (Scope.CUSTOMER, "to one customer, in a day", "yhdelle asiakkaalle, päivässä"),
        (Scope.AGENT, "by one person who serves, in a day", "yhdeltä asiakaspalvelijalta, päivässä"),
        (Scope.INCIDENT, "because of one incident, in a day", "yhden häiriön vuoksi, päivässä"),
        (
            Scope.REASON,
            "for one reason, by everybody together, in a day",
            "yhdestä syystä, kaikilta yhteensä, päivässä",
        ),
        (Scope.TEAM, "by one team, in a day", "yhdeltä tiimiltä, päivässä"),
        (Scope.ORGANISATION, "by the whole company, in a day", "koko yritykseltä, päivässä"),
    ],
)
def test_a_scope_says_for_whom(scope: Scope, en: str, fi: str):
    assert reach("en", scope, WindowKind.DAY) == en
    assert reach("fi", scope, WindowKind.DAY) == fi


@pytest.mark.parametrize(
    ("window", "en", "fi"),
    [
        (WindowKind.ONCE, "altogether", "kaikkiaan"),
        (WindowKind.DAY, "in a day", "päivässä"),
        (WindowKind.WEEK, "in a week", "viikossa"),
        (WindowKind.MONTH, "in a month", "kuukaudessa"),
        (WindowKind.QUARTER, "in a quarter of a year", "vuosineljänneksessä"),
        (WindowKind.YEAR, "in a year", "vuodessa"),
        (WindowKind.ROLLING, "in the last 30 days", "viimeksi kuluneena aikana, joka on 30 päivää"),
    ],
)
def test_a_window_says_in_which_time(window: WindowKind, en: str, fi: str):
    assert reach("en", Scope.TEAM, window, 30) == f"by one team, {en}"
    assert reach("fi", Scope.TEAM, window, 30) == f"yhdeltä tiimiltä, {fi}"


def test_a_limit_says_what_it_counts_and_each_levels_bound():
    told = limits_told(writer("en"), book().opening_limits)[1]

    assert told.notes == (
        "only: Voucher",
        "only for: Late, Lost",
        "counted by what it costs the company",
        "counts what is owed, too",
    )
    assert [(level.level, level.bound) for level in told.levels] == [
        ("New", "up to and including €60.00; once"),
        ("Lead", "up to and including €60.00; up to and including 5 times"),
    ]


def test_a_limit_says_the_same_in_finnish():
    told = limits_told(writer("fi"), book().opening_limits)[1]

    assert told.notes == (
        "vain: Lahjakortti",
        "vain syistä: Myöhässä, Kadonnut",
        "lasketaan sen mukaan, mitä se maksaa yritykselle",
        "laskee mukaan senkin, mikä asiakkaalle kuuluu",
    )
    assert [plain(level.bound) for level in told.levels] == [
        "enintään 60,00 €; kerran",
        "enintään 60,00 €; enintään 5 kertaa",
    ]


def test_a_level_without_a_bound_is_told_so():
    limit = Limit("x", Text("x", "x"), Scope.DECISION, Window(WindowKind.ONCE), "EUR", {"new": Bound(100)})

    bounds = [level.bound for level in limits_told(writer("fi"), LimitSet(1, (limit,)))[0].levels]

    assert [plain(bound) for bound in bounds] == ["enintään 1,00 €", "ei rajaa"]


def _steps(found: tuple[Ladder, ...]) -> list[tuple[str, list[str]]]:
    return [(ladder.remedy, [plain(level.bound) for level in ladder.levels]) for ladder in found]


def test_a_reason_says_how_far_each_level_decides_itself():
    found = ladders(writer("en"), book().opening_limits, "train.late", book().rules)

    assert _steps(found) == [("", ["up to and including €15.00", "up to and including €50.00"])]


def test_a_reason_without_anything_to_permit_says_nothing_of_it():
    rules = [rule for rule in book().rules if rule.id == "by-law"]

    assert ladders(writer("en"), book().opening_limits, "train.late", rules) == ()

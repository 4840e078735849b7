from __future__ import annotations

from policyservice.assurance.handbook.settings import advice_of
from policyservice.assurance.handbook.writing import Writer
from tests.assurance.handbook.books import DAY, FILES, book, plain

_BARE = "pack: trains\ntitle: {en: Trains, fi: Junat}\ncurrency: EUR\n"
_NO_HOLDS = FILES["catalogue.yaml"].replace(", when_hold_ends: commit, hold_minutes: 60", "")


def told(language: str, **changed: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    rulebook = book(**changed)
    advices = advice_of(Writer(rulebook, language, DAY), rulebook.packs[0])
    return {advice.heading: (plain(advice.text), tuple(plain(point) for point in advice.points)) for advice in advices}


def test_a_pack_tells_its_settings_in_english():
    assert told("en") == {
        "Who decides beyond your limit": (
            "The next level of trust whose limit is enough; above all levels it is “customer relations”. The customer "
            "has an answer within 24 hours, unless the reason says otherwise.",
            (),
        ),
        "Money back": ("Nobody gives back more than was paid. Earlier refunds of the same order count.", ()),
        "What has to be checked": (
            "Above €200.00 what the customer or you have stated is checked against the company's records first. "
            "€200.00 itself needs no check.",
            (),
        ),
        "More than your limit, with a written reason": (
            "You may exceed the bound on one decision, up to and including €60.00, where asking somebody else would "
            "cost at least €5.00 more than the extra. You write down why. The system tells you when this is possible.",
            (),
        ),
        "When the system does not answer": (
            "You may give without asking the system, and record it afterwards:",
            ("Voucher, up to and including €5.00",),
        ),
        "How long a promise is kept for you": (
            "What you are allowed to give is held for 2 days. Give it, or take it back, before that; then it is free "
            "again.",
            ("Voucher: held for 1 hour, and counted as given unless you take it back.",),
        ),
    }


def test_a_pack_tells_its_settings_in_finnish():
    said = told("fi")

    assert said["Kuka päättää rajasi yli"][0].startswith(
        "Seuraava luottamustaso, jonka raja riittää; kaikkien tasojen yläpuolella päättää ”customer relations”."
    )
    assert said["Mikä on tarkistettava"][0].endswith("Tasan 200,00 € ei vaadi tarkistusta.")
    assert "enintään 60,00 €" in said["Yli rajan kirjallisella perustelulla"][0]
    assert said["Kun järjestelmä ei vastaa"][1] == ("Lahjakortti, enintään 5,00 €",)
    assert said["Kuinka kauan lupausta pidetään varattuna"][1] == (
        "Lahjakortti: varattuna näin kauan: 1 tunti. Sen katsotaan tulleen annetuksi, ellet peru sitä.",
    )


def test_what_a_pack_does_not_say_is_not_told():
    said = told("en", pack_yaml=_BARE, catalogue_yaml=_NO_HOLDS)

    assert list(said) == ["Who decides beyond your limit", "Money back", "When the system does not answer"]
    assert said["When the system does not answer"][0].startswith("Nothing is given before the system answers")


def test_a_remedy_is_told_to_be_held_for_a_time_of_its_own():
    catalogue = _NO_HOLDS.replace("{kind: gift,", "{kind: gift, hold_minutes: 90,")

    said = told("en", pack_yaml=_BARE, catalogue_yaml=catalogue)

    assert said["How long a promise is kept for you"] == ("", ("Voucher: held for 90 minutes.",))


def test_a_remedy_is_told_to_be_counted_as_given_when_the_time_is_up():
    catalogue = _NO_HOLDS.replace("{kind: gift,", "{kind: gift, when_hold_ends: commit,")

    said = told("fi", pack_yaml=_BARE, catalogue_yaml=catalogue)

    assert said["Kuinka kauan lupausta pidetään varattuna"][1] == (
        "Lahjakortti: katsotaan tulleen annetuksi ajan päätyttyä, ellet peru sitä.",
    )


def test_where_a_rule_says_its_own_sum_the_packs_is_told_as_the_usual_one():
    say = "    say: {en: Have a coffee."
    rules = FILES["rules/late.yaml"].replace(say, f"    verify_above: 8.00\n{say}")

    assert told("en", rules_late_yaml=rules)["What has to be checked"][1] == (
        "Where a rule says from which sum on something is checked, what it says holds.",
    )
    assert told("fi", rules_late_yaml=rules)["Mikä on tarkistettava"][1] == (
        "Jos sääntö itse sanoo, mistä summasta alkaen jokin tarkistetaan, sen sana pätee.",
    )

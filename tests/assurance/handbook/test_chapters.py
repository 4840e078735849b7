from __future__ import annotations

from policyservice.assurance.handbook.cards import Card
from policyservice.assurance.handbook.chapters import Chapter, chapters, to_come, whatever_the_reason
from policyservice.assurance.handbook.conditions import Point
from policyservice.assurance.handbook.writing import Writer
from tests.assurance.handbook.books import DAY, FILES, book, plain, writer


def chapter(language: str, reason: str) -> Chapter:
    told = chapters(writer(language), book().opening_limits)
    return next(chapter for chapter in told if chapter.name == reason)


def card(language: str, rule: str) -> Card:
    return next(card for card in chapter(language, "train.late").cards if card.rule == rule)


def test_every_reason_has_a_chapter_in_the_order_of_the_catalogue():
    told = chapters(writer("fi"), book().opening_limits)

    assert [chapter.title for chapter in told] == ["Myöhässä", "Kadonnut", "Muu"]


def test_a_chapter_has_the_rules_in_force_on_the_day_what_is_given_first():
    rules = [card.rule for card in chapter("en", "train.late").cards]

    assert rules == ["by-law", "dated-by-travel", "a-voucher", "bags/1"]


def test_a_rule_that_begins_later_is_told_with_its_day():
    assert to_come(writer("en")) == ("Comes later, from 1 Jan 2027",)
    assert to_come(writer("fi")) == ("Tulee myöhemmin, alkaen 1.1.2027",)


def test_a_rule_that_no_reason_bounds_stands_apart():
    assert [card.rule for card in whatever_the_reason(writer("en"))] == ["whatever"]


def test_a_rule_tells_when_it_holds_what_to_say_and_what_it_rests_on():
    told = card("en", "by-law")

    assert (told.title, told.badge, told.say, told.reference) == ("By law", "Law: must", "It is yours.", "Article 1")
    assert told.conditions == (
        Point("Delay: 60 minutes or more and less than 120 minutes (2 hours) (exactly that does not count)"),
        Point("At least one of these holds:", (Point("Free in all: 1 or more"), Point("Nobody's fault: no"))),
    )
    assert told.effects[1] == "Remember: Be kind."


def test_the_last_day_of_a_rule_is_told_as_included():
    assert "In force until 31 Dec 2026, that day included" in card("en", "by-law").notes
    assert "Voimassa 31.12.2026 asti, se päivä mukaan lukien" in card("fi", "by-law").notes


def test_a_rule_that_a_fact_dates_says_which_days_it_is_for():
    assert card("en", "dated-by-travel").notes == (
        "Holds when “Day of travel” is from 1 Jan 2020 to 31 Dec 2023, both included",
    )
    assert card("fi", "dated-by-travel").notes == (
        "Koskee tapauksia, joissa ”Matkapäivä” on 1.1.2020–31.12.2023, molemmat mukaan lukien",
    )


def test_why_a_rule_exists_is_told_in_each_language_or_as_english():
    told = {one: (card(one, "a-voucher"), *whatever_the_reason(writer(one))) for one in ("en", "fi")}

    assert [(one.because, one.because_is_english) for one in told["en"]] == [
        ("It is fair.", True),
        ("It is fair to all.", False),
    ]
    assert [(one.because, one.because_is_english) for one in told["fi"]] == [
        ("It is fair.", True),
        ("Se on reilua kaikille.", False),
    ]


def test_the_rows_of_a_table_are_one_table_with_headed_columns():
    table = card("en", "bags/1").table

    assert table is not None
    assert table.heads == ("Tier", "Days", "What follows")
    assert [row.cells for row in table.rows] == [
        ("loyal friend", "more than 3 days (exactly that does not count)"),
        ("regular", "any"),
        ("any", "any"),
    ]
    assert [row.effects for row in table.rows] == [
        (f"Then it holds that “Free bags”: {count}",) for count in ("2 bags", "1 bag", "0 bags")
    ]
    assert table.note.startswith("Read from the top")


def test_what_to_find_out_names_what_is_presumed_and_what_the_systems_tell():
    found = chapter("en", "train.late").find_out

    assert "Nobody's fault (unless told otherwise: no)" in found
    assert "Checked in (the company's systems tell)" in found
    assert "Free bags" not in " ".join(found)


def test_how_a_reckoned_fact_is_reckoned_is_told():
    assert chapter("en", "train.late").reckoning == ("“Free in all” is reckoned so: “Free bags” times “Party”",)
    assert chapter("fi", "train.late").reckoning == (
        "”Maksutta yhteensä” lasketaan näin: ”Maksuttomat laukut” kertaa ”Seurue”",
    )


def test_an_open_reason_says_who_decides_the_rest_and_what_a_refund_waits_for():
    assert chapter("en", "train.late").otherwise == (
        "Money back: no more than “Price”, and not before that is known.",
        "Anything that is not listed here: somebody with more authority decides.",
        "What you may not decide: the next level of trust whose limit is enough, and above every level "
        "“customer relations”. The customer has an answer within 24 hours.",
    )


def test_a_closed_reason_says_that_nobody_gives_anything_else():
    closed = chapter("fi", "train.lost")

    assert closed.cards == ()
    assert closed.otherwise == ("Mitä tässä ei luetella: sitä ei saa antaa kukaan.",)


def test_a_reason_that_closes_some_remedies_says_which_and_why():
    told = [plain(words) for words in chapter("en", "other").otherwise]

    assert told[:3] == [
        "Of these, nobody may give more than is listed here: Voucher.",
        "Anything that is not listed here: somebody with more authority decides.",
        "No vouchers.",
    ]
    assert told[3].endswith("an answer within 90 minutes.")


def test_a_rule_for_all_reasons_but_some_stands_in_the_chapters_of_the_others():
    rules = """
rules:
  - id: not-late
    title: {en: Nothing else, fi: Ei muuta}
    basis: policy
    because: It is fair.
    in_force: {from: 2020-01-01}
    when: {reason: {is_not: train.late}, train.exempt: false}
    then: [{forbid: {remedy: gift}}]
    say: {en: "No.", fi: Ei.}
"""
    told = chapters(Writer(book(rules_late_yaml=rules), "en", DAY), book().opening_limits)

    assert {chapter.name: [card.rule for card in chapter.cards] for chapter in told} == {
        "train.late": [],
        "train.lost": ["not-late"],
        "other": ["not-late"],
    }
    assert told[1].cards[0].conditions == (Point("Nobody's fault: no"),)


def noted(language: str, demanded: str) -> tuple[str, ...]:
    """The notes of the voucher's card where its rule says from which sum on something is verified."""
    say = "    say: {en: Have a coffee."
    rules = FILES["rules/late.yaml"].replace(say, f"    verify_above: {demanded}\n{say}")
    told = Writer(book(rules_late_yaml=rules), language, DAY)
    found = next(one for one in chapters(told, book().opening_limits) if one.name == "train.late")
    return tuple(plain(note) for note in next(one for one in found.cards if one.rule == "a-voucher").notes)


def test_a_rule_tells_from_which_sum_on_what_was_stated_is_checked():
    assert noted("en", "8.00") == (
        "Above €8.00 what the customer or you have stated is checked against the company's records first. "
        "€8.00 itself needs no check.",
    )
    assert noted("fi", "8.00")[0].startswith("Yli 8,00 € menevissä asiakkaan tai sinun kertomasi tiedot tarkistetaan")


def test_a_rule_that_names_the_facts_to_check_tells_the_given_ones_behind_them():
    demanded = "{amount: 8.00, facts: [party.untold, customer.tier]}"

    assert noted("en", demanded) == (
        "Above €8.00 this is checked against the company's records first: Price, Seat fee, Tier. "
        "€8.00 itself needs no check.",
    )
    assert noted("fi", demanded) == (
        "Yli 8,00 € menevissä tarkistetaan ensin yrityksen tiedoista: Hinta, Paikkamaksu, Taso. "
        "Tasan 8,00 € ei vaadi tarkistusta.",
    )


def test_what_a_table_demands_is_told_on_its_card():
    rules = FILES["rules/late.yaml"].replace(
        "    then: [{conclude: {party.free: $free}}]",
        "    then: [{conclude: {party.free: $free}}, {permit: {remedy: gift, up_to: 9.00}}]\n"
        "    say: {en: Here., fi: Ole hyvä.}\n    verify_above: 8.00",
    )
    told = chapters(Writer(book(rules_late_yaml=rules), "en", DAY), book().opening_limits)
    (bags,) = [
        one for chapter in told for one in chapter.cards if one.rule == "bags/1" and chapter.name == "train.late"
    ]

    assert [plain(note)[:11] for note in bags.notes] == ["Above €8.00"]

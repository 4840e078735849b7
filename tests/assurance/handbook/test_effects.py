from __future__ import annotations

from dataclasses import replace

import pytest

from policyservice.assurance.handbook.effects import badge, sentences
from policyservice.domain.vocabulary import Basis, Text
from policyservice.rulebook.model import Effect, EffectKind, Fixed, ParameterRef, Rule, Unpriced
from tests.assurance.handbook.books import book, plain, writer


def told(language: str, *effects: Effect) -> list[str]:
    return [plain(sentence) for sentence in sentences(writer(language), effects, "EUR")]


@pytest.mark.parametrize(
    ("effect", "en", "fi"),
    [
        (
            Effect(EffectKind.ENTITLE, Basis.LAW, "refund", Fixed(700)),
            "The law says you must give: Refund, €7.00",
            "Laki velvoittaa antamaan: Palautus, 7,00 €",
        ),
        (
            Effect(EffectKind.ENTITLE, Basis.CONTRACT, "seat"),
            "The contract owes the customer: First class",
            "Sopimuksen mukaan asiakkaalle kuuluu: Ensimmäinen luokka",
        ),
        (
            Effect(EffectKind.ENTITLE, Basis.POLICY, "refund", Fixed(700), cumulative=True),
            "Our policy gives the customer: Refund, €7.00. This comes on top of anything else that is owed",
            "Linjauksemme mukaan asiakas saa: Palautus, 7,00 €. Tämä tulee muun lisäksi",
        ),
        (
            Effect(EffectKind.PERMIT, Basis.GOODWILL, "gift", Fixed(5000)),
            "You may give: Voucher, up to and including €50.00",
            "Saat antaa: Lahjakortti, enintään 50,00 €",
        ),
        (
            Effect(EffectKind.PERMIT, Basis.GOODWILL, "gift", Unpriced()),
            "You may give: Voucher, a sum that somebody else settles",
            "Saat antaa: Lahjakortti, summa, josta päättää joku muu",
        ),
        (
            Effect(EffectKind.FORBID, Basis.POLICY, "gift"),
            "Nobody may give: Voucher",
            "Kukaan ei saa antaa: Lahjakortti",
        ),
        (
            Effect(EffectKind.FORBID, Basis.POLICY),
            "Nobody may give: anything at all",
            "Kukaan ei saa antaa: mitään",
        ),
        (
            Effect(EffectKind.ESCALATE, Basis.POLICY, "gift", to="tax-office"),
            "Decided by “tax office”: Voucher",
            "Tästä päättää ”tax office”: Lahjakortti",
        ),
        (
            Effect(EffectKind.ESCALATE, Basis.POLICY, to="lead"),
            "Decided by Lead: everything",
            "Tästä päättää Vetäjä: kaikki",
        ),
        (
            Effect(EffectKind.ESCALATE, Basis.POLICY, "seat"),
            "Decided by somebody with more authority: First class",
            "Tästä päättää joku, jolla on laajemmat valtuudet: Ensimmäinen luokka",
        ),
        (
            Effect(EffectKind.ADVISE, Basis.POLICY, text=Text("Be kind.", "Ole ystävällinen.")),
            "Remember: Be kind.",
            "Muista: Ole ystävällinen.",
        ),
        (
            Effect(EffectKind.CONCLUDE, Basis.POLICY, fact="party.free", value=0),
            "Then it holds that “Free bags”: 0 bags",
            "Silloin ”Maksuttomat laukut”: 0 laukkua",
        ),
        (
            Effect(EffectKind.CONCLUDE, Basis.POLICY, fact="train.delay", value=ParameterRef("wait")),
            "Then it holds that “Delay”: 90 minutes (changes: not decided yet from 1 Jan 2028)",
            "Silloin ”Viive”: 90 minuuttia (muuttuu: ei vielä päätetty alkaen 1.1.2028)",
        ),
    ],
)
def test_an_effect_is_a_sentence(effect: Effect, en: str, fi: str):
    assert told("en", effect) == [en]
    assert told("fi", effect) == [fi]


def test_what_nobody_may_give_is_said_once_for_all_remedies():
    forbidden = [Effect(EffectKind.FORBID, Basis.POLICY, name) for name in ("gift", "refund")]

    assert told("en", *forbidden) == ["Nobody may give: Voucher, Refund"]


def test_what_two_people_decide_is_said_of_each():
    decided = [Effect(EffectKind.ESCALATE, Basis.POLICY, "gift", to=to) for to in ("billing", "lead")]

    assert told("fi", *decided) == ["Tästä päättää ”billing”: Lahjakortti", "Tästä päättää Vetäjä: Lahjakortti"]


def _rule(basis: Basis, kind: EffectKind) -> Rule:
    rule = book().rules[0]
    return replace(rule, basis=basis, then=(Effect(kind, basis, "gift", Fixed(1)),))


@pytest.mark.parametrize(
    ("basis", "kind", "en", "fi"),
    [
        (Basis.LAW, EffectKind.ENTITLE, "Law: must", "Laki: on annettava"),
        (Basis.CONTRACT, EffectKind.ENTITLE, "Contract: owed", "Sopimus: kuuluu asiakkaalle"),
        (Basis.POLICY, EffectKind.ENTITLE, "Our policy: owed", "Oma linjaus: kuuluu asiakkaalle"),
        (Basis.POLICY, EffectKind.PERMIT, "Our policy: may", "Oma linjaus: saa antaa"),
        (Basis.GOODWILL, EffectKind.PERMIT, "Goodwill: may", "Hyvä tahto: saa antaa"),
        (Basis.LAW, EffectKind.FORBID, "Law", "Laki"),
        (Basis.CONTRACT, EffectKind.ESCALATE, "Contract", "Sopimus"),
        (Basis.POLICY, EffectKind.FORBID, "Our policy", "Oma linjaus"),
        (Basis.GOODWILL, EffectKind.ADVISE, "Goodwill", "Hyvä tahto"),
    ],
)
def test_a_basis_is_said_in_words(basis: Basis, kind: EffectKind, en: str, fi: str):
    rule = _rule(basis, kind)

    assert badge(writer("en"), rule) == en
    assert badge(writer("fi"), rule) == fi

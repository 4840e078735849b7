"""The sentences of an answer that no rule writes, in English and Finnish; and their stable codes."""

from __future__ import annotations

from collections.abc import Iterable

from policyservice.domain.decision import Because
from policyservice.domain.limits import Scope
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import Basis, Text
from policyservice.rulebook.model import Rule

_SCOPES = {
    Scope.DECISION: Text("one decision", "yksi päätös"),
    Scope.ORDER: Text("this order", "tämä tilaus"),
    Scope.CASE: Text("this case", "tämä tapaus"),
    Scope.CUSTOMER: Text("this customer", "tämä asiakas"),
    Scope.AGENT: Text("you", "sinä"),
    Scope.INCIDENT: Text("this incident", "tämä häiriö"),
    Scope.REASON: Text("this reason", "tämä syy"),
    Scope.TEAM: Text("your team", "tiimisi"),
    Scope.ORGANISATION: Text("the organisation", "organisaatio"),
}


def money(minor: int, currency: str) -> Text:
    """A sum as the two languages write it: 7.00 EUR, 7,00 EUR."""
    plain = decimal_string(minor, currency)
    return Text(f"{plain} {currency}", f"{plain.replace('.', ',')} {currency}")


def listed(texts: Iterable[Text]) -> Text:
    """Several texts as one, with commas."""
    several = list(texts)
    return Text(", ".join(text.en for text in several), ", ".join(text.fi for text in several))


def by_rule(rule: Rule, basis: Basis) -> Because:
    """A rule as a reason of the answer."""
    return Because("rule", rule.title, rule.id, basis, rule.reference)


def advice(rule: Rule, text: Text) -> Because:
    """What a rule that fired advises the agent."""
    return Because("advice", text, rule.id, rule.basis, rule.reference)


def no_rule(remedy: Text) -> Because:
    """No rule speaks for the remedy, and the policy is open."""
    return Because(
        "no-rule",
        Text(
            f"No rule speaks of this remedy here: {remedy.en}. Somebody with more authority decides.",
            f"Mikään sääntö ei puhu tästä hyvityksestä: {remedy.fi}. Siitä päättää joku, jolla on laajemmat valtuudet.",
        ),
    )


def closed_policy(remedy: Text, why: Text | None = None) -> Because:
    """No rule speaks for the remedy, and the policy closes its list; `why` is what the policy itself says of that."""
    return Because(
        "closed-policy",
        why
        or Text(
            f"The policy lists what may be given for this reason, and this is not among it: {remedy.en}.",
            f"Ohje luettelee, mitä tästä syystä voi antaa, eikä tämä kuulu joukkoon: {remedy.fi}.",
        ),
        basis=Basis.POLICY,
    )


def missing_facts(names: Iterable[str]) -> Because:
    """Facts have to be found out before anyone can say yes here."""
    listed = ", ".join(names)
    return Because(
        "missing-facts",
        Text(f"To be found out first: {listed}.", f"Selvitä ensin: {listed}."),
    )


def paid_unknown(fact: str) -> Because:
    """A refund whose paid sum is not known."""
    return Because(
        "paid-unknown",
        Text(
            f"It is not known what was paid ({fact}); a refund waits for that.",
            f"Ei tiedetä, mitä on maksettu ({fact}); palautus odottaa sitä.",
        ),
    )


def more_than_paid(left_minor: int, currency: str) -> Because:
    """More is asked back than was paid and not refunded yet."""
    left = money(left_minor, currency)
    return Because(
        "more-than-paid",
        Text(
            f"No more can be refunded than was paid; {left.en} is left of it.",
            f"Enempää ei voi palauttaa kuin on maksettu; siitä on jäljellä {left.fi}.",
        ),
    )


def compensated(remedy: Text) -> Because:
    """The incident behind the case was made good with this remedy already, for the case or its customer."""
    return Because(
        "compensated",
        Text(
            f"Given already for the same incident, to all alike: {remedy.en}.",
            f"Annettu jo samasta häiriöstä, kaikille samalla tavalla: {remedy.fi}.",
        ),
        basis=Basis.POLICY,
    )


def already_given(rule: Rule) -> Because:
    """What the rule owes was given or is held already."""
    return Because(
        "already-given",
        Text(
            f"Given already for this order or case: {rule.title.en}.",
            f"Annettu jo tästä tilauksesta tai tapauksesta: {rule.title.fi}.",
        ),
        rule.id,
        rule.basis,
        rule.reference,
    )


def rule_cap(rule: Rule, cap_minor: int, currency: str) -> Because:
    """The rule's own cap binds."""
    cap = money(cap_minor, currency)
    return Because(
        "rule-cap",
        Text(
            f"{rule.title.en}: up to and including {cap.en}.",
            f"{rule.title.fi}: enintään {cap.fi}.",
        ),
        rule.id,
        rule.basis,
        rule.reference,
    )


def unpriced(remedy: Text) -> Because:
    """There is no sum to hold the asked one against."""
    return Because(
        "unpriced",
        Text(
            f"The rules give no sum for this, so the sum is for somebody else to settle: {remedy.en}.",
            f"Säännöt eivät anna tälle summaa, joten summasta päättää joku muu: {remedy.fi}.",
        ),
    )


def limit_binds(limit: str, scope: Scope, left_minor: int, currency: str) -> Because:
    """An amount limit binds."""
    left, whose = money(max(0, left_minor), currency), _SCOPES[scope]
    return Because(
        "limit",
        Text(
            f"Limit {limit} ({whose.en}): {left.en} is left.",
            f"Raja {limit} ({whose.fi}): jäljellä {left.fi}.",
        ),
    )


def count_binds(limit: str, scope: Scope) -> Because:
    """A count limit binds."""
    whose = _SCOPES[scope]
    return Because(
        "limit",
        Text(
            f"Limit {limit} ({whose.en}): the number of times is used up.",
            f"Raja {limit} ({whose.fi}): kertojen määrä on käytetty.",
        ),
    )


def verify(rule: Rule, above_minor: int, facts: Iterable[Text], currency: str) -> Because:
    """Above this sum of what the rule gives these facts have to be verified by the company's systems."""
    above, wanted = money(above_minor, currency), listed(facts)
    return Because(
        "verify",
        Text(
            f"{rule.title.en}: above {above.en} these have to be verified first: {wanted.en}.",
            f"{rule.title.fi}: kun summa on yli {above.fi}, ensin on varmistettava: {wanted.fi}.",
        ),
        rule.id,
        rule.basis,
        rule.reference,
    )


def stretched(margin_minor: int, currency: str) -> Because:
    """The usual cap was exceeded because escalating would cost more."""
    margin = money(margin_minor, currency)
    return Because(
        "stretched",
        Text(
            f"More than the usual cap: escalating would have cost more than the extra by at least {margin.en}.",
            f"Yli tavallisen rajan: asian siirtäminen olisi maksanut ylitystä enemmän, vähintään {margin.fi}.",
        ),
    )


def justification_would_do() -> Because:
    """The cap may be exceeded here, with a written reason."""
    return Because(
        "justification-would-do",
        Text(
            "Escalating would cost more than the extra: you may give it if you write why (justification).",
            "Asian siirtäminen maksaisi ylitystä enemmän: voit antaa sen, kun kirjoitat perustelun (justification).",
        ),
    )


def engine_fault() -> Because:
    """The two evaluators disagree, or the engine failed: never an allow."""
    return Because(
        "engine-fault",
        Text(
            "The rules could not be evaluated reliably, so a person decides. The fault has been recorded.",
            "Sääntöjä ei voitu tulkita luotettavasti, joten ihminen päättää. Vika on kirjattu.",
        ),
    )


def given_before() -> Because:
    """Recorded after the fact, under the safe floor."""
    return Because(
        "given-before",
        Text(
            "Given while the service could not be asked, within the safe floor; recorded afterwards.",
            "Annettu, kun palvelulta ei voitu kysyä, turvarajan puitteissa; kirjattu jälkikäteen.",
        ),
    )


SAY_ESCALATE = Text(
    "I cannot settle this myself right now, but I am passing it on with everything you have told me, "
    "and you will have an answer without having to explain it again.",
    "En voi ratkaista tätä heti itse, mutta välitän asian kaikkine tietoineen eteenpäin, "
    "ja saat vastauksen ilman, että sinun tarvitsee selittää asiaa uudelleen.",
)
SAY_DENY = Text(
    "I am sorry, this is something I cannot give. Let me see what I can do instead.",
    "Olen pahoillani, tätä en voi antaa. Katsotaan, mitä voin tehdä sen sijaan.",
)

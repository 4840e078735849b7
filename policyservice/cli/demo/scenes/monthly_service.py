"""Scene 2: the EUR 7 a month service that did not work."""

from __future__ import annotations

from policyservice.cli.demo.cast import AINO
from policyservice.cli.demo.steps import Ask, Give, Look, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=2,
    title=Text("The 7 euros a month service", "Palvelu, joka maksaa 7 euroa kuussa"),
    story=Text(
        "A small monthly service has not worked for twelve days. Elsewhere the claim would be written down, "
        "forwarded, and turned down weeks later, since the service mostly worked.",
        "Pieni kuukausimaksullinen palvelu ei ole toiminut kahteentoista päivään. Muualla vaatimus kirjattaisiin, "
        "lähetettäisiin eteenpäin ja hylättäisiin viikkojen päästä, koska palvelu enimmäkseen toimi.",
    ),
    channel="chat",
    reason="service.not_working",
    customer="C-4712",
    case="T-1002",
    facts={"subscription.monthly_fee": "7.00", "subscription.days_down": 12},
    steps=(
        Look(
            AINO,
            Text("What may I offer?", "Mitä voin tarjota?"),
            want={"credit": "12.00", "refund": "7.00"},
        ),
        Ask(
            AINO,
            Text("May I credit the month?", "Saanko hyvittää kuukauden?"),
            "credit",
            Want("allow", basis="contract", rule="month-that-did-not-work"),
            amount="7.00",
        ),
        Give(Text("The month is on the next bill as a credit.", "Kuukausi näkyy hyvityksenä seuraavalla laskulla.")),
    ),
)

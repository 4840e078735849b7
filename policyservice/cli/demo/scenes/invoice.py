"""Scene 5: the invoice that nobody owned, handed over with its whole history."""

from __future__ import annotations

from policyservice.cli.demo.cast import MAIJA, MATTI, PEKKA
from policyservice.cli.demo.steps import Ask, Give, Later, Scene, SeeCase, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=5,
    title=Text("The invoice that nobody owned", "Lasku, jota kukaan ei omistanut"),
    story=Text(
        "A bill has 24 euros on it by mistake. The e-mail lay for nine days; this is the customer's fourth contact.",
        "Laskulla on virheellinen 24 euron erä. Sähköposti odotti yhdeksän päivää, ja tämä on asiakkaan neljäs "
        "yhteydenotto.",
    ),
    channel="e-mail",
    reason="billing.error",
    customer="C-4715",
    case="T-1005",
    facts={"fee.amount": "24.00", "case.contacts": 4, "case.days_waited": 9},
    steps=(
        Ask(
            MAIJA,
            Text("May I take the 24 euros off?", "Saanko poistaa 24 euroa laskulta?"),
            "waiver",
            Want("allow", basis="contract", rule="billing-error-taken-off"),
            amount="24.00",
        ),
        Later(
            Text(
                "Maija answers the customer and goes on holiday. The customer calls: nothing is to be seen on the "
                "bill yet.",
                "Maija vastaa asiakkaalle ja jää lomalle. Asiakas soittaa: laskulla ei vielä näy mitään.",
            )
        ),
        SeeCase(
            MATTI,
            Text(
                "opens the case and finds the promise, held and not yet given:",
                "avaa asian ja löytää lupauksen, varattuna mutta vielä antamatta:",
            ),
            want=(("waiver", "reserved"),),
        ),
        Give(Text("Matti takes the sum off the bill himself.", "Matti poistaa summan laskulta itse.")),
        Ask(
            MATTI,
            Text("May I give 25 euros for all the explaining?", "Saanko hyvittää 25 euroa kaikesta selittämisestä?"),
            "credit",
            Want("allow", available="25.00", basis="goodwill", rule="kept-waiting-credit"),
            amount="25.00",
            channel="phone",
        ),
        Give(Text("Credited.", "Hyvitetty.")),
        Ask(
            MATTI,
            Text(
                "The customer asks for 60 more for lost hours. May I?",
                "Asiakas pyytää vielä 60 euroa menetetyistä tunneista. Saanko?",
            ),
            "credit",
            Want("escalate", to="customer-relations"),
            amount="60.00",
            channel="phone",
        ),
        SeeCase(
            PEKKA,
            Text(
                "in billing picks it up with the whole history; nobody explains anything again:",
                "laskutuksesta saa asian koko historioineen, eikä kenenkään tarvitse selittää mitään uudelleen:",
            ),
            want=(("credit", "escalated"), ("credit", "committed"), ("waiver", "committed")),
        ),
    ),
)

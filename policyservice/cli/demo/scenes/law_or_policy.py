"""Scene 7: "it is against the law", which it is not."""

from __future__ import annotations

from policyservice.cli.demo.cast import ELLA
from policyservice.cli.demo.steps import Ask, Give, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=7,
    title=Text('"It is against the law"', "”Laki kieltää sen”"),
    story=Text(
        "A phone cannot be sent to a home address, the customer hears, because of the law. Every answer of the "
        "service says on what it rests, so the agent need not guess.",
        "Puhelinta ei voi lähettää kotiosoitteeseen, asiakkaalle sanotaan, koska laki kieltää sen. Palvelun jokainen "
        "vastaus kertoo, mihin se perustuu, joten arvailla ei tarvitse.",
    ),
    channel="phone",
    reason="delivery.address_refused",
    customer="C-4717",
    case="T-1007",
    order="O-5507",
    facts={"order.category": "electronics", "order.paid": "249.00"},
    steps=(
        Ask(
            ELLA,
            Text("May it go to the home address after all?", "Saako sen sittenkin lähettää kotiosoitteeseen?"),
            "home_delivery",
            Want("allow", basis="policy", rule="home-delivery-with-identification"),
        ),
        Give(Text("Booked with a check of identity.", "Varattu, kuljettaja tarkistaa henkilöllisyyden.")),
        Ask(
            ELLA,
            Text(
                "And the delivery fee of 9.90 off, for the wrong explanation?",
                "Ja toimitusmaksu 9,90 pois väärän selityksen takia?",
            ),
            "waiver",
            Want("allow", basis="policy", rule="home-address-is-our-own-rule"),
            amount="9.90",
            facts={"order.category": "electronics", "order.paid": "249.00", "order.delivery_fee": "9.90"},
        ),
        Give(Text("Taken off.", "Poistettu.")),
    ),
)

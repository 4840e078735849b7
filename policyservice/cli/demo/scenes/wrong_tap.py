"""Scene 3: the wrong tap, with the plumber at the door."""

from __future__ import annotations

from policyservice.cli.demo.cast import JOONAS
from policyservice.cli.demo.steps import Ask, Drop, Give, Later, Look, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=3,
    title=Text("The wrong tap", "Väärä hana"),
    story=Text(
        "In the middle of a kitchen renovation the box holds another tap than was ordered, for 189 euros. The "
        "plumber is there now. Whoever answers has to be able to decide now.",
        "Kesken keittiöremontin laatikossa on toinen hana kuin se, joka tilattiin 189 eurolla. Putkimies on paikalla "
        "nyt. Sen, joka vastaa, on voitava päättää nyt.",
    ),
    channel="phone",
    reason="delivery.wrong_item",
    customer="C-4713",
    case="T-1003",
    order="O-5503",
    facts={"order.category": "home", "order.paid": "189.00", "order.needed_now": True},
    steps=(
        Look(
            JOONAS,
            Text("What can I offer while the plumber waits?", "Mitä voin tarjota, kun putkimies odottaa?"),
            want={"replacement": "189.00", "upgrade": "35.00", "refund": "62.25", "credit": "10.00"},
        ),
        Ask(
            JOONAS,
            Text(
                "If the customer keeps this tap: a quarter of the price back?",
                "Jos asiakas pitää tämän hanan: neljännes hinnasta takaisin?",
            ),
            "refund",
            Want("allow", basis="policy", rule="wrong-item-kept-at-a-lower-price"),
            amount="47.25",
        ),
        Later(
            Text(
                "The plumber shakes his head: this one does not fit. The right one, then, and today.",
                "Putkimies pudistaa päätään: tämä ei sovi. Siis oikea hana, ja tänään.",
            )
        ),
        Drop(
            Text(
                "The price reduction is taken back; nothing was paid.",
                "Hinnanalennus perutaan; mitään ei ehditty maksaa.",
            ),
            reason="the customer chose the right item",
        ),
        Ask(
            JOONAS,
            Text("May I send the right tap?", "Saanko lähettää oikean hanan?"),
            "replacement",
            Want("allow", basis="law", rule="wrong-item-replaced"),
            amount="189.00",
        ),
        Give(Text("Picked and packed.", "Kerätty ja pakattu."), external_ref="SHIP-88121"),
        Ask(
            JOONAS,
            Text("And have a courier bring it today, for 35 euros?", "Ja tilata lähetin tuomaan sen tänään, 35 euroa?"),
            "upgrade",
            Want("allow", basis="policy", rule="wrong-item-brought-today"),
            amount="35.00",
        ),
        Give(Text("At the door in two hours.", "Ovella kahden tunnin päästä."), external_ref="COURIER-5120"),
    ),
)

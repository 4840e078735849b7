"""Scene 1: the breakfast that was not on board."""

from __future__ import annotations

from policyservice.cli.demo.cast import MATTI, SARI
from policyservice.cli.demo.steps import Ask, Give, Later, Look, Scene, SeeCustomer, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=1,
    title=Text("The breakfast that was not on board", "Aamiainen, jota ei ollut koneessa"),
    story=Text(
        "A frequent flyer ordered breakfast on the airline's site for 7 euros. It never reached the plane. The crew "
        "have offered a standard sandwich, as their guidelines say.",
        "Paljon lentävä asiakas tilasi lentoyhtiön sivuilta aamiaisen 7 eurolla. Se ei päätynyt koneeseen. "
        "Matkustamossa on tarjottu vakiovoileipää, kuten ohje sanoo.",
    ),
    channel="cabin",
    reason="service.not_delivered",
    customer="C-4711",
    case="T-1001",
    order="O-5501",
    facts={"order.category": "meal", "order.paid": "7.00", "order.standard_alternative_offered": True},
    steps=(
        Look(
            SARI,
            Text(
                "What may I do for the passenger, here in the air?",
                "Mitä voin tehdä matkustajan hyväksi täällä ilmassa?",
            ),
            want={"refund": "7.00", "gift": "10.00"},
        ),
        Ask(
            SARI,
            Text(
                "May I give the 7 euros back, although a sandwich was offered?",
                "Saanko palauttaa 7 euroa, vaikka voileipää tarjottiin?",
            ),
            "refund",
            Want("allow", available="7.00", basis="contract", rule="meal-not-served"),
            amount="7.00",
        ),
        Give(Text("The money is on its way back.", "Rahat ovat matkalla takaisin.")),
        Ask(
            SARI,
            Text("And coffee and a roll from the trolley, 4.50?", "Ja kahvi ja sämpylä kärrystä, 4,50?"),
            "gift",
            Want("allow", basis="goodwill", rule="meal-not-served"),
            amount="4.50",
        ),
        Give(Text("Handed over.", "Annettu.")),
        Later(
            Text(
                "A week later the passenger calls about the same flight, and another colleague answers.",
                "Viikkoa myöhemmin matkustaja soittaa samasta lennosta, ja puheluun vastaa toinen työntekijä.",
            )
        ),
        SeeCustomer(
            MATTI,
            Text("sees what was promised, and nobody asks twice:", "näkee, mitä luvattiin, eikä kukaan kysy kahdesti:"),
            want=(("gift", "committed"), ("refund", "committed")),
        ),
        Ask(
            MATTI,
            Text("May I refund the breakfast?", "Saanko palauttaa aamiaisen hinnan?"),
            "refund",
            Want("deny", rule="meal-not-served"),
            amount="7.00",
            channel="phone",
        ),
    ),
)

"""Scene 10: the courier's message after the visit."""

from __future__ import annotations

from policyservice.cli.demo.cast import JOONAS
from policyservice.cli.demo.steps import Ask, Give, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=10,
    title=Text("The courier's message after the visit", "Kuljettajan viesti käynnin jälkeen"),
    story=Text(
        '"We came, nobody was home." The message should have come before the visit, and a fee of 12.50 came with it.',
        "”Kävimme, ketään ei ollut kotona.” Viestin olisi pitänyt tulla ennen käyntiä, ja sen mukana tuli 12,50 "
        "euron maksu.",
    ),
    channel="phone",
    reason="delivery.missed_visit",
    customer="C-4720",
    case="T-1010",
    order="O-5510",
    facts={"fee.amount": "12.50"},
    steps=(
        Ask(
            JOONAS,
            Text("May I take the fee off?", "Saanko poistaa maksun?"),
            "waiver",
            Want("allow", basis="contract", rule="missed-visit"),
            amount="12.50",
        ),
        Give(Text("Taken off.", "Poistettu.")),
        Ask(
            JOONAS,
            Text("And book a new time at once?", "Ja varata uuden ajan heti?"),
            "new_appointment",
            Want("allow", basis="policy", rule="missed-visit-new-time"),
        ),
        Give(Text("Thursday at nine.", "Torstaina yhdeksältä."), external_ref="VISIT-2219"),
    ),
)

"""Scene 8: the payment from abroad that lacked a reference."""

from __future__ import annotations

from policyservice.cli.demo.cast import JOONAS
from policyservice.cli.demo.steps import Ask, Give, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=8,
    title=Text("The payment from abroad", "Maksu ulkomailta"),
    story=Text(
        "A foreign employer paid the bill; the reference field differs, and the lines were shut off. The payment is "
        "found on the account.",
        "Ulkomainen työnantaja maksoi laskun, mutta viitekenttä on erilainen, ja liittymät suljettiin. Maksu löytyy "
        "tililtä.",
    ),
    channel="phone",
    reason="billing.misallocated_payment",
    customer="C-4718",
    case="T-1008",
    facts={"fee.amount": "18.00", "payment.found": True},
    steps=(
        Ask(
            JOONAS,
            Text("May I open the lines at once?", "Saanko avata liittymät heti?"),
            "reconnection",
            Want("allow", basis="contract", rule="payment-misallocated"),
        ),
        Give(Text("The lines are open.", "Liittymät ovat auki.")),
        Ask(
            JOONAS,
            Text(
                "And take off the reminder and reconnection fees, 18 euros?",
                "Ja poistaa muistutus- ja avausmaksut, 18 euroa?",
            ),
            "waiver",
            Want("allow", basis="contract", rule="payment-misallocated-fees"),
            amount="18.00",
        ),
        Give(Text("Taken off.", "Poistettu.")),
    ),
)

"""Scene 9: the gift card with a code on it."""

from __future__ import annotations

from policyservice.cli.demo.cast import ELLA
from policyservice.cli.demo.steps import Ask, Give, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=9,
    title=Text("The gift card with a code on it", "Lahjakortti, jossa oli koodi"),
    story=Text(
        "The chain's own web shop would not take the chain's own gift card of 50 euros.",
        "Ketjun oma verkkokauppa ei huolinut ketjun omaa 50 euron lahjakorttia.",
    ),
    channel="chat",
    reason="payment.gift_card_refused",
    customer="C-4719",
    case="T-1009",
    facts={"giftcard.value": "50.00"},
    steps=(
        Ask(
            ELLA,
            Text("May I credit its value now?", "Saanko hyvittää sen arvon nyt?"),
            "credit",
            Want("allow", available="50.00", basis="contract", rule="gift-card-credited"),
            amount="50.00",
        ),
        Give(Text("On the account; the card is closed.", "Tilillä, ja kortti on suljettu.")),
    ),
)

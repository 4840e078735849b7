"""Scene 4: the wrong-coloured shirt, and the third agent who sees it all."""

from __future__ import annotations

from policyservice.cli.demo.cast import LIISA, MAIJA, MATTI
from policyservice.cli.demo.steps import Ask, Give, Later, Scene, SeeCustomer, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=4,
    title=Text("The wrong-coloured shirt", "Väärän värinen paita"),
    story=Text(
        "A customer chatted about sizes, since the size chart on the page was wrong, and then ordered a shirt on the "
        "web. The parcel holds the wrong colour.",
        "Asiakas kysyi chatissa koosta, kun sivun kokotaulukko oli väärin, ja tilasi sitten paidan verkosta. "
        "Paketissa on väärä väri.",
    ),
    channel="phone",
    reason="delivery.wrong_item",
    customer="C-4714",
    case="T-1004",
    order="O-5504",
    facts={"order.category": "apparel", "order.paid": "39.90", "order.purchase_price": "14.20"},
    steps=(
        Ask(
            MAIJA,
            Text(
                "In the chat: a pair of socks for the wrong size chart?",
                "Chatissa: saanko antaa sukat väärän kokotaulukon takia?",
            ),
            "gift",
            Want("allow", basis="goodwill", rule="courtesy-small-gift"),
            amount="5.00",
            channel="chat",
            reason="courtesy.other",
            case="T-0988",
            facts={},
        ),
        Give(Text("Packed with the order.", "Pakattu tilauksen mukaan.")),
        Later(Text("The parcel comes, and the customer calls.", "Paketti tulee, ja asiakas soittaa.")),
        SeeCustomer(
            LIISA,
            Text("sees the chat before saying a word:", "näkee chatin jo ennen kuin sanoo mitään:"),
            want=(("gift", "committed"),),
        ),
        Ask(
            LIISA,
            Text("May I send the right colour today?", "Saanko lähettää oikean värin tänään?"),
            "replacement",
            Want("allow", basis="law", rule="wrong-item-replaced"),
            amount="39.90",
        ),
        Give(
            Text(
                "Sent today; the return is recorded under RET-3107.",
                "Lähti tänään, ja palautus on kirjattu numerolla RET-3107.",
            ),
            external_ref="RET-3107",
        ),
        Later(
            Text(
                "Months later a third agent answers an e-mail.",
                "Kuukausia myöhemmin kolmas työntekijä vastaa sähköpostiin.",
            )
        ),
        SeeCustomer(
            MATTI,
            Text("sees it all:", "näkee kaiken:"),
            want=(("replacement", "committed"), ("gift", "committed")),
        ),
    ),
)

"""Where an agent's own authority ends, and what then: never a bare no."""

from __future__ import annotations

from policyservice.cli.demo.cast import MAIJA
from policyservice.cli.demo.steps import Ask, Give, Later, Scene, Want
from policyservice.domain.vocabulary import Text

SCENE = Scene(
    number=None,
    title=Text("Where the limit is", "Missä raja kulkee"),
    story=Text(
        "A loyal customer was put through three times and cut off twice. Maija is new: up to and including 15 euros "
        "of goodwill per decision are hers to give.",
        "Kanta-asiakasta yhdisteltiin kolmesti, ja puhelu katkesi kahdesti. Maija on uusi: hän voi antaa hyvää "
        "tahtoa enintään 15 euroa päätöstä kohti.",
    ),
    channel="chat",
    reason="courtesy.other",
    customer="C-4721",
    case="T-1011",
    facts={"customer.tier": "loyal"},
    steps=(
        Ask(
            MAIJA,
            Text("May I credit 20 euros?", "Saanko hyvittää 20 euroa?"),
            "credit",
            Want("escalate", available="15.00", limit="per-decision", to="trusted", alternatives=("gift", "upgrade")),
            amount="20.00",
        ),
        Later(
            Text(
                "Escalating would cost more than the 5 euros extra, so the policy lets Maija stretch the cap with a "
                "written reason.",
                "Asian siirtäminen maksaisi enemmän kuin 5 euron ylitys, joten ohje antaa Maijan ylittää rajan "
                "kirjallisella perustelulla.",
            )
        ),
        Ask(
            MAIJA,
            Text("May I, with a reason written down?", "Saanko, kun kirjaan perustelun?"),
            "credit",
            Want("allow", basis="goodwill", rule="courtesy-by-tier/loyal", stretched=True),
            amount="20.00",
            justification="Cut off twice in one day; a loyal customer of many years.",
        ),
        Give(Text("Credited.", "Hyvitetty.")),
    ),
)

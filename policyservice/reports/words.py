"""The words of reports in the languages of the service: what is said beside figures, and headings of tables."""

from __future__ import annotations

from collections.abc import Mapping

from policyservice.domain.vocabulary import Text

NOTES: Mapping[str, Text] = {
    "booked": Text(
        "Goodwill and entitlements are sums of the ledger, by what became of them; held, voided, expired and reversed "
        "are not given. A decision counts on its own day, whenever it was settled.",
        "Joustot ja oikeudet ovat kirjanpidon summia sen mukaan, mitä niille tapahtui; varattu, peruttu, rauennut ja "
        "takaisin otettu eivät ole annettua. Päätös kuuluu omaan päiväänsä, vaikka se vahvistettiin myöhemmin.",
    ),
    "interval": Text(
        "The interval of a sum runs from the sum of the lows to the sum of the highs: its parts rest on the same "
        "parameters and err together, so nothing evens out. It says how sure the parameters are, not how single cases "
        "vary.",
        "Summan väli ulottuu alarajojen summasta ylärajojen summaan: osat perustuvat samoihin oletuksiin ja erehtyvät "
        "yhdessä, joten mikään ei tasoitu. Väli kertoo oletusten varmuudesta, ei yksittäisten tapausten vaihtelusta.",
    ),
    "grade": Text(
        "Grade D: the model at its parameters; no comparison of cases stands behind it. A saving is never posted, and "
        "never added to another path's or grade's.",
        "Luokka D: malli oletuksillaan; takana ei ole tapausten vertailua. Säästöä ei kirjata eikä lasketa yhteen "
        "toisen polun tai luokan säästön kanssa.",
    ),
    "realised": Text(
        "Recorded work, contacts and waiting of escalations that were answered, and the remedies given by whoever "
        "answered. Never added to an estimate.",
        "Vastattujen eskalaatioiden kirjattu työ, yhteydenotot ja odotus sekä vastaajan antamat hyvitykset. Ei "
        "lasketa yhteen arvioiden kanssa.",
    ),
    "speed": Text(
        "A case counts once, by its first decision: on that day, for that reason, channel, team and level. Minutes run "
        "from then until something was given. Settled in the first contact: decided at once, given, and nobody came "
        "back; known once the days that outcomes count are over. Nothing is told of fewer than 20 cases. A target is "
        "met where nine in ten are in time and the share is reached.",
        "Tapaus lasketaan kerran, ensimmäisen päätöksensä mukaan: siihen päivään, syyhyn, kanavaan, tiimiin ja tasoon. "
        "Minuutit kuluvat siitä siihen, kun jotain annettiin. Hoidettu ensimmäisellä yhteydenotolla: päätetty heti, "
        "annettu, eikä kukaan palannut; tiedetään, kun tulosten seurantapäivät ovat kuluneet. Alle 20 tapauksesta ei "
        "sanota mitään. Tavoite täyttyy, kun yhdeksän kymmenestä on ajoissa ja osuus on saavutettu.",
    ),
    "defaults": Text(
        "The share of the estimated cost of escalating that rests on defaults instead of own or measured figures.",
        "Osuus eskaloinnin arvioidusta hinnasta, joka perustuu oletuksiin eikä omiin tai mitattuihin lukuihin.",
    ),
    "break_even": Text(
        "Below this amount deciding at once is cheaper than escalating, by the parameters in force now.",
        "Tämän summan alla heti päättäminen on halvempaa kuin eskalointi nyt voimassa olevin oletuksin.",
    ),
    "cost": Text(
        "Booked and recorded: remedies given less what was taken back, and the work recorded on escalations.",
        "Kirjattua: annetut hyvitykset vähennettynä takaisin otetuilla sekä eskalaatioihin kirjattu työ.",
    ),
    "saves": Text(
        "An estimate of grade D of what these cases cost altogether, decided at once or escalated; apart from the "
        "cost, and not to be added to it.",
        "Luokan D arvio siitä, mitä nämä tapaukset kaikkiaan maksoivat, heti päätettyinä tai eskaloituina; erillään "
        "hinnasta, eikä sitä lasketa siihen.",
    ),
    "change": Text(
        "The ratio of cases per day, after to before, with its 95 % interval. Down or up is said only where the "
        "interval leaves no doubt; it shows that the rate changed, not why.",
        "Tapauksia päivässä jälkeen verrattuna ennen, 95 %:n välillä. Laskusta tai noususta puhutaan vain, kun väli "
        "ei jätä epäilystä; se näyttää, että määrä muuttui, ei miksi.",
    ),
    "like": Text(
        "Like cases have the same reason, currency, loss band and customer tier. What one agent or team allowed on the "
        "spot stands beside what all others did.",
        "Samanlaisissa tapauksissa on sama syy, valuutta, menetyksen luokka ja asiakastaso. Yhden henkilön tai tiimin "
        "heti myöntämä on muiden myöntämän vieressä.",
    ),
    "uneven": Text(
        "Uneven: more than chance explains, with every comparison counted; of the groups named so at most 5 % are "
        "named by chance on average. Look at the cases before drawing conclusions.",
        "Epätasainen: enemmän kuin sattuma selittää, kun kaikki vertailut otetaan huomioon; näin nimetyistä "
        "keskimäärin enintään 5 % on sattumaa. Katso tapauksia ennen johtopäätöksiä.",
    ),
}
"""What a figure is, said beside it."""

HEADINGS: Mapping[str, Text] = {
    "period": Text("period", "jakso"),
    "reason": Text("reason", "syy"),
    "channel": Text("channel", "kanava"),
    "team": Text("team", "tiimi"),
    "trust_level": Text("trust level", "luottamustaso"),
    "currency": Text("currency", "valuutta"),
    "decisions": Text("decisions", "päätöksiä"),
    "escalated": Text("escalated", "eskaloitu"),
    "goodwill_given": Text("goodwill given", "joustoa annettu"),
    "entitled_given": Text("owed given", "oikeutta annettu"),
    "held": Text("held", "varattu"),
    "voided": Text("voided", "peruttu"),
    "expired": Text("expired", "rauennut"),
    "reversed": Text("reversed", "otettu takaisin"),
    "escalating": Text("est. of escalated", "arvio eskaloiduista"),
    "saved_cash": Text("est. saved: cash", "arvio säästöstä: kassa"),
    "saved_churn": Text("with churn", "poistuma mukana"),
    "saved_full": Text("in full", "kaikki mukana"),
    "stretched": Text("stretched", "venytetty"),
    "interval": Text("5 to 95 %", "5–95 %"),
    "on_defaults": Text("on defaults", "oletuksilla"),
    "answered": Text("answered", "vastattu"),
    "minutes": Text("minutes", "minuutteja"),
    "began": Text("cases begun", "tapauksia alkoi"),
    "given": Text("given", "annettu"),
    "median_minutes": Text("median min", "mediaani min"),
    "slow_minutes": Text("9 in 10 min", "9/10 min"),
    "within": Text("in time", "ajoissa"),
    "first_contact": Text("first contact", "ensikontakti"),
    "of_known": Text("95 %, of known", "95 %, tiedetyistä"),
    "target": Text("target", "tavoite"),
    "met": Text("met", "täyttyy"),
    "total": Text("all", "kaikki"),
    "limit": Text("limit", "raja"),
    "remedies": Text("remedies", "hyvitykset"),
    "cash": Text("cash", "kassa"),
    "churn": Text("with churn", "poistuma mukana"),
    "full": Text("full", "kaikki mukana"),
    "in_force": Text("limit per decision", "raja päätöstä kohti"),
    "cost": Text("cost", "hinta"),
    "work": Text("work", "työ"),
    "trend": Text("trend", "suunta"),
    "saves": Text("est. removing saves, full", "arvio: poistaminen säästää"),
    "owner": Text("owner", "vastuu"),
    "measure": Text("measure", "toimi"),
    "taken_on": Text("taken on", "päivä"),
    "before": Text("before", "ennen"),
    "after": Text("after", "jälkeen"),
    "ratio": Text("ratio", "suhde"),
    "change": Text("change", "muutos"),
    "by": Text("who", "kuka"),
    "loss": Text("loss", "menetys"),
    "tier": Text("tier", "asiakastaso"),
    "cases": Text("cases", "tapauksia"),
    "mean": Text("mean", "keskiarvo"),
    "others": Text("others", "muut"),
    "higher": Text("higher", "enemmän"),
    "p": Text("p", "p"),
    "uneven": Text("uneven", "epätasainen"),
}
"""The columns of tables on a terminal."""

VALUES: Mapping[str, Text] = {
    "down": Text("down", "laski"),
    "up": Text("up", "nousi"),
    "cannot_tell": Text("cannot tell", "ei voi sanoa"),
    "yes": Text("yes", "kyllä"),
    "no": Text("no", "ei"),
}
"""Words in cells."""

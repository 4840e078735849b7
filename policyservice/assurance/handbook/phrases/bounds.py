"""Sentences about limits, and about what a pack says for every case."""

from __future__ import annotations

from policyservice.domain.vocabulary import Text

LIMITS = {
    "decision": Text("in one decision", "yhdessä päätöksessä"),
    "order": Text("for one order", "yhdestä tilauksesta"),
    "case": Text("for one case", "yhdestä asiasta"),
    "customer": Text("to one customer", "yhdelle asiakkaalle"),
    "agent": Text("by one person who serves", "yhdeltä asiakaspalvelijalta"),
    "incident": Text("because of one incident", "yhden häiriön vuoksi"),
    "scope_reason": Text("for one reason, by everybody together", "yhdestä syystä, kaikilta yhteensä"),
    "team": Text("by one team", "yhdeltä tiimiltä"),
    "organisation": Text("by the whole company", "koko yritykseltä"),
    "once": Text("altogether", "kaikkiaan"),
    "day": Text("in a day", "päivässä"),
    "week": Text("in a week", "viikossa"),
    "month": Text("in a month", "kuukaudessa"),
    "quarter": Text("in a quarter of a year", "vuosineljänneksessä"),
    "year": Text("in a year", "vuodessa"),
    "rolling": Text("in the last {days}", "viimeksi kuluneena aikana, joka on {days}"),
    "counted_at_cost": Text("counted by what it costs the company", "lasketaan sen mukaan, mitä se maksaa yritykselle"),
    "counts_all": Text("counts what is owed, too", "laskee mukaan senkin, mikä asiakkaalle kuuluu"),
    "only_remedies": Text("only: {listed}", "vain: {listed}"),
    "only_reasons": Text("only for: {listed}", "vain syistä: {listed}"),
    "amount": Text("up to and including {amount}", "enintään {amount}"),
    "times_one": Text("once", "kerran"),
    "times_many": Text("up to and including {count} times", "enintään {count} kertaa"),
    "no_bound": Text("no bound", "ei rajaa"),
    "yourself": Text(
        "Of what you may give, you decide yourself in one decision:",
        "Siitä, mitä saat antaa, päätät yhdessä päätöksessä itse:",
    ),
    "yourself_of": Text("{remedy}, in one decision:", "{remedy}, yhdessä päätöksessä:"),
}

SETTINGS = {
    "limits_bound": Text(
        "These limits bound what you may give. What law, contract or our own policy owes the customer is "
        "given in full, "
        "whatever the limits. At the limit is allowed; above it somebody else decides.",
        "Nämä rajat koskevat sitä, mitä saat antaa. Se, mikä asiakkaalle kuuluu lain, sopimuksen tai oman linjauksemme "
        "mukaan, annetaan kokonaan rajoista riippumatta. Rajalla vielä saa antaa, sen yli päättää joku muu.",
    ),
    "no_limits": Text(
        "No limits have been set: what the rules let you give is yours to decide.",
        "Rajoja ei ole asetettu: saat päättää kaikesta, minkä antamiseen säännöt antavat luvan.",
    ),
    "verify": Text(
        "Above {amount} what the customer or you have stated is checked against the company's records first. "
        "{amount} itself needs no check.",
        "Yli {amount} menevissä asiakkaan tai sinun kertomasi tiedot tarkistetaan ensin yrityksen tiedoista. "
        "Tasan {amount} ei vaadi tarkistusta.",
    ),
    "verify_facts": Text(
        "Above {amount} this is checked against the company's records first: {listed}. {amount} itself needs no check.",
        "Yli {amount} menevissä tarkistetaan ensin yrityksen tiedoista: {listed}. Tasan {amount} ei vaadi tarkistusta.",
    ),
    "verify_own": Text(
        "Where a rule says from which sum on something is checked, what it says holds.",
        "Jos sääntö itse sanoo, mistä summasta alkaen jokin tarkistetaan, sen sana pätee.",
    ),
    "stretch": Text(
        "You may exceed the bound on one decision, up to and including {cap}, where asking somebody else "
        "would cost at least "
        "{margin} more than the extra. You write down why. The system tells you when this is possible.",
        "Yhden päätöksen rajan saa ylittää, enintään {cap}, kun asian siirtäminen toiselle maksaisi "
        "vähintään {margin} enemmän "
        "kuin ylitys. Kirjoita perustelu. Järjestelmä kertoo, milloin tämä on mahdollista.",
    ),
    "stretch_heading": Text("More than your limit, with a written reason", "Yli rajan kirjallisella perustelulla"),
    "verify_heading": Text("What has to be checked", "Mikä on tarkistettava"),
    "floor_heading": Text("When the system does not answer", "Kun järjestelmä ei vastaa"),
    "floor": Text(
        "You may give without asking the system, and record it afterwards:",
        "Saat antaa kysymättä järjestelmältä, ja kirjaat sen jälkikäteen:",
    ),
    "floor_none": Text(
        "Nothing is given before the system answers, unless the rules of another part say so.",
        "Mitään ei anneta ennen kuin järjestelmä vastaa, ellei muu osa toisin sano.",
    ),
    "hold_heading": Text("How long a promise is kept for you", "Kuinka kauan lupausta pidetään varattuna"),
    "hold": Text(
        "What you are allowed to give is held for {duration}. Give it, or take it back, before that; then it "
        "is free again.",
        "Se, mitä sait luvan antaa, on varattuna näin kauan: {duration}. Anna se tai peru se ennen sitä; "
        "sitten se vapautuu.",
    ),
    "hold_commits": Text(
        "{remedy}: held for {duration}, and counted as given unless you take it back.",
        "{remedy}: varattuna näin kauan: {duration}. Sen katsotaan tulleen annetuksi, ellet peru sitä.",
    ),
    "hold_releases": Text("{remedy}: held for {duration}.", "{remedy}: varattuna näin kauan: {duration}."),
    "hold_commits_plain": Text(
        "{remedy}: counted as given when the time is up, unless you take it back.",
        "{remedy}: katsotaan tulleen annetuksi ajan päätyttyä, ellet peru sitä.",
    ),
    "refund_heading": Text("Money back", "Rahojen palautus"),
    "refund_bound": Text(
        "Nobody gives back more than was paid. Earlier refunds of the same order count.",
        "Kukaan ei palauta enempää kuin on maksettu. Saman tilauksen aiemmat palautukset lasketaan mukaan.",
    ),
    "beyond_heading": Text("Who decides beyond your limit", "Kuka päättää rajasi yli"),
    "beyond": Text(
        "The next level of trust whose limit is enough; above all levels it is {who}. The customer has an answer "
        "within {duration}, unless the reason says otherwise.",
        "Seuraava luottamustaso, jonka raja riittää; kaikkien tasojen yläpuolella päättää {who}. Asiakas saa "
        "vastauksen ajassa, "
        "joka on enintään {duration}, ellei syy toisin sano.",
    ),
    "answer_by_amount": Text(
        "From {amount} on the answer comes within {duration}.",
        "Kun summa on vähintään {amount}, vastaus tulee ajassa, joka on enintään {duration}.",
    ),
    "reason_beyond": Text(
        "What you may not decide: the next level of trust whose limit is enough, and above every level "
        "{who}. The customer has "
        "an answer within {duration}.",
        "Mistä et saa päättää: seuraava luottamustaso, jonka raja riittää, ja kaikkien tasojen yläpuolella "
        "{who}. Asiakas saa "
        "vastauksen ajassa, joka on enintään {duration}.",
    ),
    "otherwise_open": Text(
        "Anything that is not listed here: somebody with more authority decides.",
        "Mitä tässä ei luetella: siitä päättää joku, jolla on laajemmat valtuudet.",
    ),
    "otherwise_closed": Text(
        "Anything that is not listed here: nobody may give it.", "Mitä tässä ei luetella: sitä ei saa antaa kukaan."
    ),
    "otherwise_closes": Text(
        "Of these, nobody may give more than is listed here: {listed}.",
        "Näistä kukaan ei saa antaa muuta kuin tässä luetellun: {listed}.",
    ),
    "refund_paid": Text(
        "Money back: no more than {fact}, and not before that is known.",
        "Rahojen palautus: enintään {fact}, eikä ennen kuin se on tiedossa.",
    ),
    "refund_paid_where_known": Text(
        "Money back: no more than {fact}, where that is known.",
        "Rahojen palautus: enintään {fact}, jos se on tiedossa.",
    ),
}

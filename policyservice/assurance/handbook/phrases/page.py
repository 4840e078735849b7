"""Headings, labels and what the page says about itself."""

from __future__ import annotations

from policyservice.domain.vocabulary import Text

LABELS = {
    "handbook": Text("Handbook", "Käsikirja"),
    "what_it_is": Text(
        "What you may give a customer, made from the rules in force.",
        "Mitä saat antaa asiakkaalle: tehty voimassa olevista säännöistä.",
    ),
    "as_of": Text("The rules as they stand on {day}", "Säännöt sellaisina kuin ne ovat {day}"),
    "version": Text("Version {digest}", "Versio {digest}"),
    "limits_version": Text("limits version {number}", "rajojen versio {number}"),
    "made_at": Text("read {instant}", "luettu {instant}"),
    "language": Text("Language", "Kieli"),
    "your_level": Text("Your level of trust", "Luottamustasosi"),
    "all_levels": Text("All", "Kaikki"),
    "search": Text("Search the handbook", "Hae käsikirjasta"),
    "search_hint": Text("For example: late, refund", "Esimerkiksi: myöhässä, palautus"),
    "found": Text("{shown} of {all} rules shown.", "Näkyvissä {shown}/{all} sääntöä."),
    "found_nothing": Text(
        "No rule has all of these words. Try one word, or a part of it.",
        "Missään säännössä ei ole kaikkia näitä sanoja. Kokeile yhtä sanaa tai sen osaa.",
    ),
    "how_to_read": Text("How to read this", "Näin luet käsikirjaa"),
    "means_law": Text("must be given. Nobody may refuse it.", "on annettava. Kukaan ei saa evätä sitä."),
    "means_contract": Text(
        "is owed by what we have agreed with the customer. It is given in full.",
        "kuuluu asiakkaalle sen mukaan, mitä on sovittu. Se annetaan kokonaan.",
    ),
    "means_policy": Text(
        "is the company's own choice, the same for everybody.", "on yrityksen oma valinta, kaikille sama."
    ),
    "means_goodwill": Text(
        "is your choice: you may give it, within your limits.",
        "on sinun harkinnassasi: saat antaa rajojesi puitteissa.",
    ),
    "owed_first": Text(
        "Law goes before contract, contract before policy. “Up to and including” means that the sum itself is allowed.",
        "Laki menee sopimuksen edelle ja sopimus linjauksen. ”Enintään” tarkoittaa, että summa itse on sallittu.",
    ),
    "contents": Text("What has happened?", "Mitä on tapahtunut?"),
    "limits": Text("How far you decide yourself", "Kuinka pitkälle päätät itse"),
    "limit": Text("Limit", "Raja"),
    "general": Text("Good to know in every case", "Hyvä tietää joka tapauksessa"),
    "whatever_reason": Text("Whatever the reason", "Syystä riippumatta"),
    "see_whatever": Text(
        "Some rules hold whatever the reason; see those, too.", "Osa säännöistä koskee kaikkia syitä; katso nekin."
    ),
    "find_out": Text("Find out", "Selvitä"),
    "when": Text("When", "Milloin"),
    "say": Text("Say to the customer", "Sano asiakkaalle"),
    "rests_on": Text("Rests on", "Perustuu"),
    "why": Text("Why", "Miksi"),
    "in_english": Text("in English", "englanniksi"),
    "certainty_a": Text("met in several sources", "todettu useasta lähteestä"),
    "certainty_b": Text(
        "the exact figure was not seen in the text itself", "tarkkaa lukua ei ole nähty itse säädöstekstistä"
    ),
    "certainty_c": Text("general knowledge only", "vain yleistietoa"),
    "certainty_of": Text("{words} ({part})", "{words} ({part})"),
    "first_row": Text(
        "Read from the top: the first row that fits is the one that counts.",
        "Lue ylhäältä alas: ensimmäinen sopiva rivi ratkaisee.",
    ),
    "every_row": Text("Every row that fits counts.", "Jokainen sopiva rivi on voimassa."),
    "then": Text("What follows", "Mitä seuraa"),
    "to_come": Text("Rules that are to come", "Tulossa olevat säännöt"),
    "no_rule": Text("No rule speaks about this.", "Mikään sääntö ei puhu tästä."),
    "reckoning": Text("How it is reckoned", "Näin lasketaan"),
    "to_contents": Text("Back to the list", "Takaisin luetteloon"),
    "otherwise": Text("Otherwise", "Muuten"),
    "skip": Text("Skip to the list of reasons", "Siirry syiden luetteloon"),
}

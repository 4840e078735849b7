"""Sentences about conditions, amounts, effects and the dates of rules."""

from __future__ import annotations

from policyservice.domain.vocabulary import Text

CONDITIONS = {
    "all": Text("All of these hold:", "Kaikki nämä täyttyvät:"),
    "any": Text("At least one of these holds:", "Ainakin yksi näistä täyttyy:"),
    "not": Text("This is not the case:", "Näin ei ole:"),
    "fact": Text("{title}: {wanted}", "{title}: {wanted}"),
    "and": Text("{first} and {second}", "{first} ja {second}"),
    "or": Text("{first} or {second}", "{first} tai {second}"),
    "is": Text("{value}", "{value}"),
    "is_not": Text("something other than {value}", "muu kuin {value}"),
    "at_least": Text("{value} or more", "vähintään {value}"),
    "at_most": Text("up to and including {value}", "enintään {value}"),
    "more_than": Text("more than {value} (exactly that does not count)", "yli {value} (tasan se ei riitä)"),
    "less_than": Text("less than {value} (exactly that does not count)", "alle {value} (tasan se ei käy)"),
    "from_day": Text("{value} or later", "{value} tai myöhemmin"),
    "to_day": Text("{value} or earlier", "{value} tai aiemmin"),
    "after_day": Text("after {value}", "{value} jälkeen"),
    "before_day": Text("before {value}", "ennen {value}"),
    "from_rank": Text("{value} or higher", "{value} tai ylempi"),
    "to_rank": Text("{value} or lower", "{value} tai alempi"),
    "above_rank": Text("higher than {value}", "ylempi kuin {value}"),
    "below_rank": Text("lower than {value}", "alempi kuin {value}"),
    "none_of": Text("none of these: {values}", "ei mikään näistä: {values}"),
    "known": Text("is known", "on tiedossa"),
    "not_known": Text("is not known", "ei ole tiedossa"),
    "any_value": Text("any", "mikä tahansa"),
    "yes": Text("yes", "kyllä"),
    "no": Text("no", "ei"),
    "reason": Text("Reason", "Syy"),
    "concluded": Text("{title} (follows from other rules here)", "{title} (seuraa muista säännöistä)"),
}

AMOUNTS = {
    "quoted": Text("“{words}”", "”{words}”"),
    "share": Text("{part} of {amount}", "{part} summasta {amount}"),
    "times": Text("{each} times {count}", "{each} kertaa {count}"),
    "each_started": Text(
        "{each} for every {period}, begun ones too, counted by {count}",
        "{each} jokaiselta alkavalta jaksolta, jonka pituus on {period}; laskuri: {count}",
    ),
    "each_completed": Text(
        "{each} for every full {period}, counted by {count}",
        "{each} jokaiselta täydeltä jaksolta, jonka pituus on {period}; laskuri: {count}",
    ),
    "sum": Text("{first} plus {second}", "{first} plus {second}"),
    "difference": Text("{first} less {second}", "{first} miinus {second}"),
    "least": Text("the smallest of these: {listed}", "pienin näistä: {listed}"),
    "largest": Text("the largest of these: {listed}", "suurin näistä: {listed}"),
    "grouped": Text("({words})", "({words})"),
    "first_known": Text("{first}; if that is not known, {second}", "{first}; jos se ei ole tiedossa, {second}"),
    "unpriced": Text("a sum that somebody else settles", "summa, josta päättää joku muu"),
    "nothing_below": Text(
        "nothing if that comes to less than {floor} (exactly that is given)",
        "ei mitään, jos tulos jää alle {floor} (tasan se annetaan)",
    ),
    "no_less": Text("but no less than {floor}", "kuitenkin vähintään {floor}"),
    "no_more": Text("but up to and including {ceiling}", "kuitenkin enintään {ceiling}"),
    "by_date_of": Text("the value for the day “{fact}”: {listed}", "arvo päivän ”{fact}” mukaan: {listed}"),
    "from_then": Text("{value} from {day}", "{value} alkaen {day}"),
    "not_decided": Text("not decided yet", "ei vielä päätetty"),
    "with_changes": Text("{value} (changes: {listed})", "{value} (muuttuu: {listed})"),
}

EFFECTS = {
    "must_give": Text("The law says you must give: {what}", "Laki velvoittaa antamaan: {what}"),
    "owed": Text("The contract owes the customer: {what}", "Sopimuksen mukaan asiakkaalle kuuluu: {what}"),
    "policy_gives": Text("Our policy gives the customer: {what}", "Linjauksemme mukaan asiakas saa: {what}"),
    "may_give": Text("You may give: {what}", "Saat antaa: {what}"),
    "in_full": Text("{remedy}, {amount}", "{remedy}, {amount}"),
    "up_to": Text("{remedy}, up to and including {amount}", "{remedy}, enintään {amount}"),
    "added": Text("{what}. This comes on top of anything else that is owed", "{what}. Tämä tulee muun lisäksi"),
    "nobody_gives": Text("Nobody may give: {what}", "Kukaan ei saa antaa: {what}"),
    "nothing_at_all": Text("anything at all", "mitään"),
    "decides": Text("Decided by {who}: {what}", "Tästä päättää {who}: {what}"),
    "higher_up": Text("somebody with more authority", "joku, jolla on laajemmat valtuudet"),
    "everything": Text("everything", "kaikki"),
    "note": Text("Remember: {text}", "Muista: {text}"),
    "then_known": Text("Then it holds that {title}: {value}", "Silloin {title}: {value}"),
    "law": Text("Law: must", "Laki: on annettava"),
    "contract": Text("Contract: owed", "Sopimus: kuuluu asiakkaalle"),
    "policy": Text("Our policy", "Oma linjaus"),
    "goodwill": Text("Goodwill: may", "Hyvä tahto: saa antaa"),
    "law_only": Text("Law", "Laki"),
    "contract_only": Text("Contract", "Sopimus"),
    "policy_only": Text("Our policy", "Oma linjaus"),
    "goodwill_only": Text("Goodwill", "Hyvä tahto"),
    "entitled_by_policy": Text("Our policy: owed", "Oma linjaus: kuuluu asiakkaalle"),
    "permitted_by_policy": Text("Our policy: may", "Oma linjaus: saa antaa"),
}

FACTS = {
    "presumed": Text("{title} (unless told otherwise: {value})", "{title} (ellei muuta kerrota: {value})"),
    "by_system": Text("{title} (the company's systems tell)", "{title} (yrityksen järjestelmät kertovat)"),
    "reckoned": Text("{title} is reckoned so: {words}", "{title} lasketaan näin: {words}"),
    "until": Text("In force until {day}, that day included", "Voimassa {day} asti, se päivä mukaan lukien"),
    "dated_from": Text("Holds when {fact} is {day} or later", "Koskee tapauksia, joissa {fact} on {day} tai myöhemmin"),
    "dated_between": Text(
        "Holds when {fact} is from {day} to {last}, both included",
        "Koskee tapauksia, joissa {fact} on {day}–{last}, molemmat mukaan lukien",
    ),
    "starts": Text("{title}, from {day}", "{title}, alkaen {day}"),
    "only_currency": Text("For cases in {currency}", "Koskee tapauksia, joiden valuutta on {currency}"),
}

"""The agents of the demo."""

from __future__ import annotations

from policyservice.cli.demo.steps import Person
from policyservice.domain.vocabulary import AgentKind, Text

SARI = Person("sari", "Sari", Text("cabin crew", "matkustamohenkilökunta"), "cabin", "new")
AINO = Person("aino", "Aino", Text("AI agent in the chat", "chatin tekoälyavustaja"), "chat", "new", AgentKind.AI)
MAIJA = Person("maija", "Maija", Text("chat and e-mail", "chat ja sähköposti"), "chat", "new")
JOONAS = Person("joonas", "Joonas", Text("phone", "puhelinpalvelu"), "phone", "new")
LIISA = Person("liisa", "Liisa", Text("phone", "puhelinpalvelu"), "phone", "trusted")
MATTI = Person("matti", "Matti", Text("phone", "puhelinpalvelu"), "phone", "trusted")
ELLA = Person("ella", "Ella", Text("shop counter", "myymälä"), "shop", "new")
PEKKA = Person("pekka", "Pekka", Text("billing", "laskutus"), "billing", "lead")

EVERYBODY = (SARI, AINO, MAIJA, JOONAS, LIISA, MATTI, ELLA, PEKKA)

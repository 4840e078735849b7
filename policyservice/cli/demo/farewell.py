"""The end of the demo's print: where the service is, with what to speak to it, and a line to try."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policyservice.cli.demo.cast import SARI
from policyservice.cli.demo.opening import Opening
from policyservice.cli.demo.words import Words


def verdict(words: Words, wrong: list[str]) -> str:
    """Whether every answer was the wanted one."""
    if wrong:
        return words.both(
            "Not every answer was the wanted one; see !! above.",
            "Kaikki vastaukset eivät olleet toivottuja, katso !! yltä.",
        )
    return words.both("Every answer was the wanted one.", "Jokainen vastaus oli toivottu.")


def farewell(words: Words, address: str, opening: Opening, *, temporary: bool) -> Iterator[str]:
    """The last lines. The curl line works as it is, and as often as it is pasted: its key repeats the answer."""
    yield words.both("The service goes on answering until Ctrl-C.", "Palvelu vastaa, kunnes painat Ctrl-C.") + (
        words.both(" Its database is temporary.", " Sen tietokanta on väliaikainen.") if temporary else ""
    )
    yield ""
    yield f"  {words.both('address', 'osoite'):9} {address}"
    yield f"  {words.both('docs', 'ohjeet'):9} {address}/docs"
    yield f"  {words.both('key', 'avain'):9} {opening.key}"
    yield f"  {words.both('agent', 'työntekijä'):10}{SARI.ref}{opening.tag}"
    yield ""
    yield words.both("Try it:", "Kokeile:")
    yield ""
    yield curl_line(address, opening, words.language)


def curl_line(address: str, opening: Opening, language: str) -> str:
    """A decision to ask for, on one line."""
    body = {
        "agent": f"{SARI.ref}{opening.tag}",
        "case": f"T-2001{opening.tag}",
        "customer": f"C-2001{opening.tag}",
        "order": f"O-2001{opening.tag}",
        "channel": "cabin",
        "reason": "service.not_delivered",
        "remedy": "refund",
        "amount": "7.00",
        "currency": "EUR",
        "facts": {"order.category": "meal", "order.paid": "7.00"},
    }
    headers = (
        f"Authorization: Bearer {opening.key}",
        "Content-Type: application/json",
        f"Idempotency-Key: try-1{opening.tag}",
        f"Accept-Language: {language}",
    )
    given = " ".join(f"-H '{header}'" for header in headers)
    return f"curl -s {address}/v1/decisions {given} -d '{json.dumps(body, separators=(',', ':'))}'"

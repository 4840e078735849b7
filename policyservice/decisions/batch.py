"""Many requests of one caller, decided in chunks: one transaction for each, so that it is there whole or not at all.

Every request has its own key and its own outcome, as if it had been sent by itself, in the order they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from policyservice.access.keys import ApiKey
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import Answer, Item, Render, answer, item_of
from policyservice.decisions.services import Services
from policyservice.domain.errors import LogUnavailable, PolicyServiceError

MOST = 500
"""Requests in one batch."""
CHUNK = 50
"""Requests decided in one transaction: enough to share its price, few enough that others do not wait for long."""


class Sent(NamedTuple):
    """One request as it came in: raw values by field name, and its key."""

    raw: Mapping[str, object]
    idempotency: Idempotency


def ask_all(services: Services, sent: Sequence[Sent], actor: ApiKey, render: Render) -> list[Answer]:
    """Decide every request, or say what is wrong with it.

    Raises:
        LogUnavailable: the database does not answer; nothing was decided. Where it stops answering later on, that is
            what the requests from there on are answered.
    """
    answers: list[Answer] = []
    for chunk in _chunks(sent):
        try:
            answers += _answered(services, chunk, actor, render)
        except LogUnavailable as unavailable:
            if not answers:
                raise
            return [*answers, *[unavailable] * (len(sent) - len(answers))]
    return answers


def _chunks(sent: Sequence[Sent]) -> Iterator[list[Sent]]:
    """At most `CHUNK` at once, and no key twice in one: who repeats a key is answered from what was kept."""
    chunk: list[Sent] = []
    keys: set[str] = set()
    for one in sent:
        if len(chunk) == CHUNK or one.idempotency.key in keys:
            yield chunk
            chunk, keys = [], set()
        chunk.append(one)
        keys.add(one.idempotency.key)
    if chunk:
        yield chunk


def _answered(services: Services, chunk: Sequence[Sent], actor: ApiKey, render: Render) -> list[Answer]:
    read = [_item(services, one, actor) for one in chunk]
    answers = iter(answer(services, [item for item in read if isinstance(item, Item)], render))
    return [next(answers) if isinstance(item, Item) else item for item in read]


def _item(services: Services, sent: Sent, actor: ApiKey) -> Item | PolicyServiceError:
    try:
        return item_of(services, sent.raw, actor, sent.idempotency)
    except PolicyServiceError as refused:
        return refused

"""An agent says that a decision is wrong; whoever owns the rule hears of it with the case, and answers.

Nothing of the decision changes: an objection that is right leads to another rule, or to a new decision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from policyservice.access.keys import ApiKey
from policyservice.cases import objections
from policyservice.cases.objections import Answered, Objection, Verdict
from policyservice.decisions import acting, log
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.services import Services
from policyservice.decisions.sight import ids_of_own
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.errors import NotAllowed, ObjectionAnswered
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.kept import Personal, keep_now
from policyservice.rulebook.model import Rulebook


class Raised(NamedTuple):
    """An objection that is kept; `is_new` is False for a copy of one that was kept before."""

    objection: Objection
    is_new: bool


def object_to(services: Services, decision_id: str, agent: str, sentence: str, actor: ApiKey) -> Raised:
    """Keep what an agent holds against a decision, for whoever owns the rule.

    Raises:
        NotFound: no such decision, or none that the key may see.
        NotAllowed, UnknownAgent: the agent is outside the key's binding, or nobody registered it.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    now = services.clock.now()
    by = services.pseudonyms.reference(PersonalKind.AGENT, agent)
    note = services.pseudonyms.seal(sentence)
    content = services.pseudonyms.digest("objection", sentence)

    def work(conn: Connection) -> Raised:
        stored = log.read(conn, decision_id, seen_by=actor)
        acting.registered(conn, agent, actor, services.settings.unknown_agents)
        earlier = objections.copy_of(conn, decision_id, by.pseudonym, content)
        if earlier is not None:
            return Raised(earlier, is_new=False)
        book = services.rulebooks.plain(conn, stored.policy.rules, stored.policy.costs)
        rule, owner = owner_of(stored, book.rulebook)
        found = Objection(services.ids.new("obj"), decision_id, now, by.pseudonym, owner, rule, content, note.seal)
        objections.add(conn, found, actor.id)
        keep_now(conn, Personal((by,), (note,)), now=now, decision_id=decision_id)
        return Raised(found, is_new=True)

    try:
        return in_transaction(services.db, work)
    except IntegrityError:  # a copy came at the same moment: it is kept by now, and found
        return in_transaction(services.db, work)


def answer(
    services: Services, objection_id: str, agent: str, result: Verdict, sentence: str, actor: ApiKey
) -> Objection:
    """Answer an objection, once. Nobody answers their own.

    Raises:
        NotFound: no such objection, or none that the key may see.
        NotAllowed, UnknownAgent: the agent objected itself, is outside the key's binding, or nobody registered it.
        ObjectionAnswered: somebody answered it before.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    now = services.clock.now()
    by = services.pseudonyms.reference(PersonalKind.AGENT, agent)
    note = services.pseudonyms.seal(sentence)
    answered = Answered(now, by.pseudonym, result, note.seal)

    def work(conn: Connection) -> Objection:
        found = objections.get(conn, objection_id, among=ids_of_own(actor))
        acting.registered(conn, agent, actor, services.settings.unknown_agents)
        if found.answer is not None:
            raise ObjectionAnswered
        if found.agent == by.pseudonym:
            raise NotAllowed("Nobody answers their own objection. Have a colleague do it.", field="agent")
        objections.answer(conn, objection_id, answered, actor.id)
        keep_now(conn, Personal((by,), (note,)), now=now, decision_id=found.decision_id)
        return replace(found, answer=answered)

    try:
        return in_transaction(services.db, work)
    except IntegrityError:
        raise ObjectionAnswered from None


def owner_of(stored: StoredDecision, rulebook: Rulebook) -> tuple[str | None, str]:
    """The first rule that spoke in a decision (None where none did), and who answers for it.

    That is the owner of the rule, else of the reason, else of the reason's pack, else who decides beyond every trust
    level.
    """
    spoke = next((because.rule for because in stored.decision.because if because.rule is not None), None)
    rule = next((rule for rule in rulebook.rules if rule.id == spoke), None)
    reason = rulebook.reasons[stored.request.reason]
    pack = rulebook.pack(reason.pack)
    return spoke, (rule.owner if rule else None) or reason.owner or pack.owner or pack.beyond

"""Takes what points to a person out of a grant before it is appended."""

from __future__ import annotations

from dataclasses import replace

from policyservice.domain.limits import Grant
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms
from policyservice.personal.kept import Personal


def mask(pseudonyms: Pseudonyms, grant: Grant) -> tuple[Grant, Personal]:
    """A grant with a pseudonym for its agent and a seal for its reason, and what was taken out of it.

    A blank reason stays, to be refused as such.
    """
    agent = None if grant.agent is None else pseudonyms.reference(PersonalKind.AGENT, grant.agent)
    reason = pseudonyms.seal(grant.reason) if grant.reason.strip() else None
    masked = replace(
        grant,
        agent=agent.pseudonym if agent else None,
        reason=reason.seal if reason else grant.reason,
    )
    return masked, Personal((agent,) if agent else (), (reason,) if reason else ())

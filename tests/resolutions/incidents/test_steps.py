"""Who may step on an incident, and who is refused."""

from __future__ import annotations

import pytest

from policyservice.domain.errors import NotAllowed, NotFound, UnknownAgent
from tests.decisions.factories import a_key
from tests.resolutions.incident import CREDIT, confirmed, opened, rolled_out, step


def test_a_key_that_is_bound_decides_about_no_incident(shop, key):
    incident_id = confirmed(shop, key)
    bound = a_key(shop, teams=("phone",))
    with pytest.raises(NotAllowed):
        opened(shop, bound)
    for name, fields in (("transition", {"to": "fixed"}), ("act", {"done": True}), ("set_remedy", CREDIT)):
        with pytest.raises(NotAllowed):
            step(shop, bound, name, incident_id, **fields)
    with pytest.raises(NotAllowed):
        rolled_out(shop, bound, incident_id)


def test_who_is_not_registered_and_what_is_not_there_is_refused(shop, key):
    incident_id = opened(shop, key)
    with pytest.raises(UnknownAgent):
        step(shop, key, "transition", incident_id, agent="stranger", to="confirmed")
    with pytest.raises(NotFound):
        step(shop, key, "transition", "inc_none", to="confirmed")
    with pytest.raises(NotFound):
        rolled_out(shop, key, "inc_none")

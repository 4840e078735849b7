"""One action about an incident, with an owner and a due time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.domain.errors import InvalidRequest
from policyservice.resolutions.messages import tell_of_late_actions
from tests.decisions.factories import a_key, a_shop, pseudonym
from tests.fakes import NOON
from tests.resolutions.desk import announced
from tests.resolutions.incident import opened, read, step


def test_one_action_has_an_owner_and_a_due_time_and_is_done_once(shop, key):
    incident_id = opened(shop, key)
    due = (NOON + timedelta(hours=4)).isoformat()
    step(shop, key, "act", incident_id, what="Mend the belt.", owner="teppo", due_at=due)
    action = read(shop, incident_id).incident.action
    assert action is not None
    assert (action.what, action.owner) == ("Mend the belt.", pseudonym(shop, "teppo", "agent"))

    shop.clock.advance(hours=4, microseconds=-1)
    assert tell_of_late_actions(shop) == 0
    shop.clock.advance(microseconds=1)
    assert [tell_of_late_actions(shop), tell_of_late_actions(shop)] == [1, 0]
    assert [kind for kind, _, _ in announced(shop)] == ["incident.action_overdue"]
    step(shop, key, "act", incident_id, done=True)
    with pytest.raises(InvalidRequest):
        step(shop, key, "act", incident_id, done=True)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, ["due_at", "owner", "what", "what"]),
        ({"what": "w", "owner": "teppo", "due_at": "2026-06-01T09:00:00Z"}, ["due_at"]),
        ({"what": "w", "owner": "teppo", "due_at": "2026-06-01T10:00:00Z", "done": True}, ["what"]),
    ],
)
def test_an_action_that_cannot_be_taken_names_its_fields(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    with pytest.raises(InvalidRequest) as caught:
        step(shop, key, "act", opened(shop, key), **fields)
    assert sorted(error.field for error in caught.value.errors) == named

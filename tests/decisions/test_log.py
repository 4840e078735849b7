from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from policyservice.db import tables
from policyservice.decisions import log
from policyservice.domain.errors import NotFound
from tests.decisions.factories import a_key


def test_a_bound_key_reads_the_decisions_of_its_agents_and_teams(shop, ids):
    web, liisa, none = a_key(shop, teams=("web",)), a_key(shop, agents=("liisa",)), a_key(shop, agents=())
    with shop.db.reading() as conn:
        assert log.read(conn, ids["given"], seen_by=web).id == ids["given"]
        assert log.read(conn, ids["other"], seen_by=liisa).id == ids["other"]
        for key, name in ((web, "other"), (liisa, "given"), (none, "given")):
            with pytest.raises(NotFound):
                log.read(conn, ids[name], seen_by=key)


def test_a_decision_that_was_never_made_is_not_found(shop):
    with shop.db.reading() as conn, pytest.raises(NotFound):
        log.read(conn, "dec_nothing")


def test_the_database_refuses_to_change_or_delete_a_row(shop, ids):
    for statement in (update(tables.decision).values(agent="x"), delete(tables.decision)):
        with pytest.raises(DBAPIError), shop.db.transaction() as conn:
            conn.execute(statement)
    with shop.db.reading() as conn:
        assert conn.execute(select(func.count()).select_from(tables.decision)).scalar() == 4

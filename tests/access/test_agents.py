from __future__ import annotations

import pytest

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.domain.errors import InvalidRequest
from policyservice.domain.vocabulary import AgentKind
from tests.fakes import NOON

LEVELS = ("new", "trusted")
MAIJA = AgentRecord("maija", "Maija", "web", "new", AgentKind.HUMAN)
HEADER = "ref,name,team,trust_level,kind\n"


def test_an_agent_is_found_by_its_reference(any_db):
    with any_db.transaction() as conn:
        assert agents.put(conn, MAIJA, trust_levels=LEVELS, now=NOON) is True
        assert agents.get(conn, "maija") == MAIJA
        assert agents.get(conn, "Maija") is None


def test_putting_an_agent_again_changes_it(any_db):
    moved = AgentRecord("maija", "Maija M", None, "trusted", AgentKind.AI)
    with any_db.transaction() as conn:
        agents.put(conn, MAIJA, trust_levels=LEVELS, now=NOON)
        assert agents.put(conn, moved, trust_levels=LEVELS, now=NOON) is False
        assert agents.list_all(conn) == [moved]


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("ref", AgentRecord("", "Maija", None, "new", AgentKind.HUMAN)),
        ("ref", AgentRecord("x" * 201, "Maija", None, "new", AgentKind.HUMAN)),
        ("name", AgentRecord("maija", "Mai\nja", None, "new", AgentKind.HUMAN)),
        ("team", AgentRecord("maija", "Maija", " ", "new", AgentKind.HUMAN)),
        ("trust_level", AgentRecord("maija", "Maija", None, "boss", AgentKind.HUMAN)),
    ],
)
def test_a_registration_that_cannot_be_taken_is_refused_by_its_field(sqlite_db, field, record):
    with sqlite_db.transaction() as conn:
        with pytest.raises(InvalidRequest) as caught:
            agents.put(conn, record, trust_levels=LEVELS, now=NOON)
        assert agents.list_all(conn) == []
    assert [error.field for error in caught.value.errors] == [field]


def test_agents_are_imported_from_csv(any_db):
    lines = [HEADER, "maija,Maija,web,trusted,human\n", 'bot,"Bot, the",,new,ai\n']
    with any_db.transaction() as conn:
        agents.put(conn, MAIJA, trust_levels=LEVELS, now=NOON)
        assert agents.import_csv(conn, lines, trust_levels=LEVELS, now=NOON) == (1, 1)
        assert agents.list_all(conn) == [
            AgentRecord("bot", "Bot, the", None, "new", AgentKind.AI),
            AgentRecord("maija", "Maija", "web", "trusted", AgentKind.HUMAN),
        ]


def test_a_csv_with_faults_names_them_all_and_imports_nothing(sqlite_db):
    lines = [
        HEADER,
        "good,Good,web,new,human\n",
        "short,Short\n",
        "long,Long,web,new,human,extra\n",
        "boss,Boss,web,boss,robot\n",
        "good,Again,web,new,human\n",
        ",Nobody,web,boss,human\n",
    ]
    with sqlite_db.transaction() as conn:
        with pytest.raises(InvalidRequest) as caught:
            agents.import_csv(conn, lines, trust_levels=LEVELS, now=NOON)
        assert agents.list_all(conn) == []
    assert [error.field for error in caught.value.errors] == [
        "line 3.columns",
        "line 4.columns",
        "line 5.kind",
        "line 6.ref",
        "line 7.ref",
        "line 7.trust_level",
    ]


@pytest.mark.parametrize("header", ["", "ref,name\n", "name,ref,team,trust_level,kind\n"])
def test_a_csv_without_the_right_columns_is_refused(sqlite_db, header):
    with sqlite_db.transaction() as conn, pytest.raises(InvalidRequest, match="expected the columns"):
        agents.import_csv(conn, [header], trust_levels=LEVELS, now=NOON)


def test_an_agent_taken_off_the_register_is_gone(sqlite_db):
    with sqlite_db.transaction() as conn:
        agents.put(conn, MAIJA, trust_levels=LEVELS, now=NOON)
        assert agents.remove(conn, "maija") is True
        assert agents.remove(conn, "maija") is False

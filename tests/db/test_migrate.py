"""The steps make exactly the schema of the code, and the log can only be added to."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, MetaData, exc, inspect, select, text

from policyservice.access.keys import ApiKey
from policyservice.cases.objections import Verdict
from policyservice.cases.promises import StepKind
from policyservice.cases.verified import VerifiedFacts
from policyservice.config import SurveySource
from policyservice.db import migrate, migrations, tables
from policyservice.db.session import Database
from policyservice.decisions import settle, verifying
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.seal.sealer import Sealer
from policyservice.domain.errors import PlainLog, SchemaOutOfDate
from policyservice.domain.limits import Grant
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.limits import grants
from policyservice.personal.grants import mask
from policyservice.personal.kept import keep_now
from policyservice.privacy.erase import erase
from policyservice.reports.measures import Told, record
from policyservice.resolutions import contacts, promises
from policyservice.resolutions.contacts import TakenContact
from policyservice.resolutions.deliveries import Delivery, Door, take
from policyservice.resolutions.objections import answer, object_to
from policyservice.resolutions.promises import TakenStep
from policyservice.resolutions.rising import rise_overdue
from policyservice.resolutions.surveys.signature import Signed, signature
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, render
from tests.fakes import NOON
from tests.ledger.factories import a_held, a_limit, hold, limits_of, prepare
from tests.resolutions.incident import linked, opened, unlinked

BEFORE_PERSONAL_DATA = str(ScriptDirectory(str(Path(migrations.__file__).parent)).get_revision("0004").down_revision)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server = request.getfixturevalue("postgres_server")
    with server.database(migrated=False) as url:
        yield url


@pytest.fixture
def filled(any_db):
    """A database with a row in every append-only table and of each rate, all written as the service writes them."""
    shop = a_shop(any_db)
    key = a_key(shop)
    decision = str(decide(shop, key, "k").decision_id)
    settle.commit(shop, decision, key, Idempotency("p", "c", "f"), render)
    trust(shop)
    speak(shop, key)
    hear(shop, key, decision)
    escalate(shop, key)
    linked(shop, key, opened(shop, key), "T-2", customer="C-1")
    act(shop, key)
    erase(shop, PersonalKind.CUSTOMER, "C-1", "ticket 12")
    shop.rulebooks.close()
    with any_db.transaction() as connection:
        connection.execute(tables.rate.insert().values(api_key=key.id, full_at=1))
        connection.execute(tables.survey_rate.insert().values(source="tool", full_at=1))
    Sealer(any_db).step(NOON)
    return any_db


def speak(shop: Runtime, key: ApiKey) -> None:
    """A contact, an answer that is promised and broken, and a fact stated otherwise than it is verified."""
    contacts.take(shop, "T-1", TakenContact("maija", "phone"), key, Idempotency("c", "c", "f"), lambda one: "{}")
    with shop.db.transaction() as connection:
        said = VerifiedFacts("ERP", NOON, None, {"order.days_late": 1})
        verifying.put(shop, connection, PersonalKind.ORDER, "O-1", said)
    decide(shop, key, "escalated", amount="90.00")
    with shop.db.reading() as connection:
        promise = connection.execute(select(tables.promise.c.id)).scalar_one()
    step = TakenStep("maija", "cannot be kept")
    promises.step(shop, promise, StepKind.BROKEN, step, key, Idempotency("b", "b", "f"), lambda one, steps: "{}")


def hear(shop: Runtime, key: ApiKey, decision: str) -> None:
    """An outcome by a delivery, and an objection with its answer."""
    body = b'{"kind": "repeat_contact", "at": "2026-06-01T08:00:00Z", "case": "T-1"}'
    stamp = str(int(NOON.timestamp()))
    signed = Signed("msg_1", stamp, "v1," + signature(b"s" * 24, "msg_1", stamp, body))
    door = Door((SurveySource("tool", "generic", b"s" * 24),), shop.survey_rates, shop.refused_deliveries)
    take(shop, door, Delivery("tool", signed, body), json.loads)
    raised = object_to(shop, decision, "maija", "Too little.", key)
    answer(shop, raised.objection.id, "liisa", Verdict.STANDS, "It is enough.", key)


def escalate(shop: Runtime, key: ApiKey) -> None:
    """An escalation that nobody answered in time."""
    decide(shop, key, "more", amount="90.00", case="T-2", order="O-2")
    shop.clock.advance(minutes=240)
    rise_overdue(shop)
    shop.clock.instant = NOON


def act(shop: Runtime, key: ApiKey) -> None:
    """A measure against a root cause."""
    record(shop, Told("delivery.late", NOON.date(), "liisa", "liisa", "One more van."), NOON.date(), key)


def trust(shop: Runtime) -> None:
    """A grant for an agent."""
    plain = Grant(
        "grn_1", NOON, NOON.replace(year=2030), "stands in", "author", NOON, agent="maija", trust_level="trusted"
    )
    masked, personal = mask(shop.pseudonyms, plain)
    with shop.db.transaction() as connection:
        grants.add(connection, masked, limits_of(a_limit()))
        keep_now(connection, personal, now=NOON)


def test_the_steps_make_the_schema_that_the_code_describes(any_db):
    with any_db.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        found = {
            (table, check["name"])
            for table in tables.metadata.tables
            for check in inspect(connection).get_check_constraints(table)
        }

    assert found == {
        (table.name, check.name)
        for table in tables.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }


def test_an_empty_database_is_refused_until_it_is_upgraded_and_upgrading_again_changes_nothing(empty_url):
    db = Database(empty_url)
    assert migrate.current(db) is None
    with pytest.raises(SchemaOutOfDate, match=r"empty.*policyservice db upgrade"):
        migrate.require_current(db)

    migrate.upgrade(empty_url)
    migrate.upgrade(empty_url)

    assert migrate.current(db) == migrate.head()
    migrate.require_current(db)
    db.dispose()


def test_a_schema_of_another_version_is_refused(any_db):
    with any_db.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaOutOfDate, match=f"9999.*{migrate.head()}"):
        migrate.require_current(any_db)


def test_processes_that_upgrade_at_once_make_the_schema_once(empty_url):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: migrate.upgrade(empty_url), range(3)))

    db = Database(empty_url)
    migrate.require_current(db)
    db.dispose()


def test_every_step_can_be_taken_back(filled):
    migrate.downgrade(filled.url, "base")

    with filled.reading() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate.upgrade(filled.url)
    migrate.require_current(filled)


@pytest.mark.parametrize("step", range(1, len(migrate.steps())), ids=migrate.steps()[1:])
def test_a_step_taken_back_and_taken_again_keeps_what_both_schemas_hold(filled, step):
    migrate.downgrade(filled.url, migrate.steps()[step])
    above = held(filled)

    migrate.downgrade(filled.url, migrate.steps()[step - 1])
    below = held(filled)
    migrate.upgrade(filled.url, migrate.steps()[step])
    again = held(filled)

    assert len(below["decision", "id"]) == 3
    assert len(below) > 50
    assert {column: above[column] for column in below} == below
    assert {column: again[column] for column in below} == below
    assert set(again) == set(above)


def test_a_log_with_plain_references_is_not_upgraded_and_stays_as_it_is(empty_url):
    migrate.upgrade(empty_url)
    db = Database(empty_url)
    prepare(db, limits_of(a_limit()))
    hold(db, a_held())  # by "maija", as logs once had it
    migrate.downgrade(empty_url, BEFORE_PERSONAL_DATA)

    with pytest.raises(PlainLog, match="Begin a new database"):
        migrate.upgrade(empty_url)
    assert migrate.current(db) == BEFORE_PERSONAL_DATA
    db.dispose()


def test_a_log_with_pseudonyms_is_upgraded_again_with_its_key_from_outside(any_db):
    shop = a_shop(any_db, pseudonym_key="k" * 32)
    decide(shop, a_key(shop), "k")
    customer = pseudonym(shop, "C-1")
    shop.rulebooks.close()
    migrate.downgrade(any_db.url, BEFORE_PERSONAL_DATA)
    migrate.upgrade(any_db.url)

    with any_db.reading() as connection:
        assert connection.execute(select(tables.decision.c.customer)).scalars().all() == [customer]


def test_what_is_open_when_promises_come_gets_the_promise_of_an_answer(any_db):
    shop = a_shop(any_db)
    decide(shop, a_key(shop), "k", amount="90.00")
    shop.rulebooks.close()
    before = held(any_db)
    migrate.downgrade(any_db.url, "0004")
    migrate.upgrade(any_db.url)

    again = held(any_db)
    assert {key: value for key, value in again.items() if key[0] == "promise"} == {
        key: value for key, value in before.items() if key[0] == "promise"
    }
    assert len(again["promise", "id"]) == 1


def test_what_was_taken_out_of_an_incident_is_forgotten_by_the_schema_before_and_the_histories_stay_guarded(any_db):
    shop = a_shop(any_db)
    key = a_key(shop)
    decide(shop, key, "k", amount="90.00")
    incident_id = opened(shop, key)
    for case in ("T-1", "T-2"):
        linked(shop, key, incident_id, case)
    unlinked(shop, key, incident_id, "T-1")
    shop.rulebooks.close()
    migrate.downgrade(any_db.url, "0012")

    before = held(any_db)
    assert before["incident_case", "case_ref"] == [pseudonym(shop, "T-2", "case")]
    assert (before["incident_event", "kind"], before["promise_step", "kind"]) == (["open"], ["kept"])
    for table in ("incident_event", "promise_step"):
        with pytest.raises(exc.DBAPIError, match=f"{table} is append-only"), any_db.transaction() as connection:
            connection.execute(text(f"DELETE FROM {table}"))

    migrate.upgrade(any_db.url)
    again = held(any_db)
    assert (again["incident_case", "number"], again["incident_case", "unlinked_at"]) == (["1"], ["None"])
    linked(shop, key, incident_id, "T-1")
    unlinked(shop, key, incident_id, "T-1")
    assert held(any_db)["incident_event", "kind"] == ["open", "unlink"]


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
def test_the_database_refuses_to_change_or_delete_what_was_logged(filled, table):
    column = tables.metadata.tables[table].columns.values()[-1].name

    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(exc.DBAPIError, match=f"{table} is append-only"), filled.transaction() as connection:
            connection.execute(text(statement))


def test_postgresql_refuses_to_empty_what_was_logged(postgres_db):
    for table in tables.APPEND_ONLY:
        with pytest.raises(exc.DBAPIError, match="is append-only"), postgres_db.transaction() as connection:
            connection.execute(text(f"TRUNCATE {table} CASCADE"))


@pytest.mark.parametrize("table", ["decision", "entry", "seal"])
def test_sqlite_refuses_to_replace_a_row_of_the_log_even_on_a_connection_of_somebody_elses(sqlite_db, table):
    prepare(sqlite_db, limits_of(a_limit()))
    hold(sqlite_db, a_held())
    Sealer(sqlite_db).step(NOON)

    with (
        closing(sqlite3.connect(str(sqlite_db.url.database))) as other,
        pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"),
    ):
        other.execute(f"REPLACE INTO {table} SELECT * FROM {table}")


def test_sqlite_refuses_to_replace_a_version_on_a_connection_of_ours(sqlite_db):
    prepare(sqlite_db, limits_of(a_limit()))

    with pytest.raises(exc.DBAPIError, match="append-only"), sqlite_db.transaction() as connection:
        connection.execute(text("REPLACE INTO limit_version SELECT * FROM limit_version"))


def held(db: Database) -> dict[tuple[str, str], list[str]]:
    """What each column of each table holds, as texts in the order of texts, whatever the schema is."""
    metadata = MetaData()
    with db.reading() as connection:
        metadata.reflect(connection)
        return {
            (table.name, column.name): sorted(str(row[0]) for row in connection.execute(select(column)))
            for table in metadata.sorted_tables
            for column in table.columns
            if table.name != "alembic_version"
        }

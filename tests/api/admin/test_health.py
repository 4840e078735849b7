"""GET /healthz and /readyz."""

from __future__ import annotations

from policyservice.domain.errors import LogUnavailable, SchemaOutOfDate
from tests.api.factories import Service, assert_problem


def test_the_process_says_that_it_is_up_without_asking_the_database(service: Service, monkeypatch):
    monkeypatch.setattr(service.runtime.db, "reading", _down)
    assert service.anonymous().get("/healthz").get_json() == {"status": "ok"}


def test_it_is_ready_when_database_schema_and_rulebook_are(service: Service):
    assert service.anonymous().get("/readyz").get_json() == {
        "status": "ok",
        "checks": {"database": "ok", "writes": "ok", "migrations": "ok", "rulebook": "ok"},
    }


def test_a_database_that_does_not_answer_is_asked_once(service: Service, monkeypatch):
    asked = []

    def down():
        asked.append(1)
        raise LogUnavailable

    monkeypatch.setattr(service.runtime.db, "reading", down)
    response = service.anonymous().get("/readyz")
    assert_problem(response, 503, "not-ready", "database")
    assert response.headers["Retry-After"]
    assert len(asked) == 1


def test_a_database_that_reads_and_does_not_write_is_not_ready(service: Service, monkeypatch):
    monkeypatch.setattr(service.runtime.db, "wrote_within", lambda seconds: False)
    monkeypatch.setattr(service.runtime.db, "transaction", _down)
    assert_problem(service.anonymous().get("/readyz"), 503, "not-ready", "writes")


def test_a_write_that_was_refused_a_moment_ago_counts_though_the_next_one_succeeds(service: Service, monkeypatch):
    monkeypatch.setattr(service.runtime.db, "refused_within", lambda seconds: seconds >= 1)
    assert_problem(service.anonymous().get("/readyz"), 503, "not-ready", "writes")


def test_asking_again_and_again_does_not_write_again_and_again(service: Service, monkeypatch):
    service.anonymous().get("/readyz")
    monkeypatch.setattr("policyservice.db.migrate.touch", _down)
    assert service.anonymous().get("/readyz").status_code == 200


def test_another_schema_is_named(service: Service, monkeypatch):
    def old(_: object) -> None:
        raise SchemaOutOfDate("0000", "0001")

    monkeypatch.setattr("policyservice.db.migrate.require_current", old)
    problem = assert_problem(service.anonymous().get("/readyz"), 503, "not-ready", "migrations")
    assert "db upgrade" in problem["errors"][0]["message"]


def test_without_a_rulebook_in_force_it_is_not_ready(service: Service):
    service.clock.advance(days=-1)
    assert_problem(service.anonymous().get("/readyz"), 503, "not-ready", "rulebook")


def test_a_table_that_is_gone_is_told_without_its_trace(service: Service):
    with service.runtime.db.transaction() as conn:
        conn.exec_driver_sql("ALTER TABLE publication RENAME TO gone")
    problem = assert_problem(service.anonymous().get("/readyz"), 503, "not-ready", "rulebook")
    assert "SELECT" not in problem["errors"][0]["message"]


def _down():
    raise LogUnavailable

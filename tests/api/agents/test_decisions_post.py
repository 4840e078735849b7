"""POST /v1/decisions: decide, hold, log; once per idempotency key."""

from __future__ import annotations

import threading

import pytest

from tests.api.factories import Caller, Service, assert_problem, body, serving


def test_the_missed_breakfast_is_paid_back_at_once(ui: Caller):
    response = ui.ask()
    answer = response.get_json()
    assert response.status_code == 201
    assert (answer["outcome"], answer["status"], answer["basis"]) == ("allow", "reserved", "contract")
    assert (answer["amount"], answer["available"], answer["currency"]) == ("7.00", "7.00", "EUR")
    assert answer["reasons"] == [
        {
            "code": "rule",
            "rule": "meal-not-served",
            "text": "Pre-ordered meal not served",
            "basis": "contract",
            "reference": "Conditions of carriage, extra services",
        }
    ]
    assert answer["say"].startswith("I am sorry.")
    assert (answer["binding_limit"], answer["alternatives"], answer["escalation"]) == (None, [], None)
    assert (answer["stretched"], answer["fault"], answer["missing"]) == (False, False, [])
    assert response.headers["Location"] == f"/v1/decisions/{answer['id']}"


def test_an_answer_says_until_when_it_holds_in_utc(service: Service, ui: Caller):
    assert ui.decided()["expires_at"] == "2026-06-02T09:00:00Z"


def test_facts_that_were_not_given_are_shown_as_presumed(ui: Caller):
    assert ui.decided()["presumed"]["order.booking_shows_item"] is True


def test_the_cost_of_the_remedy_stands_beside_that_of_escalating(ui: Caller):
    cost = ui.decided(remedy="gift", amount="10.00")["cost"]
    assert cost["remedy"] == "4.50"
    low, expected, high = (float(cost["escalation"][name]) for name in ("low", "expected", "high"))
    assert low < expected < high
    assert set(cost["views"]) == {"cash", "churn", "full"}
    assert cost["views"]["full"]["saving"] == cost["saving"]


def test_the_policy_is_named_by_its_versions(ui: Caller):
    policy = ui.decided()["policy"]
    assert policy["rules"].startswith("sha256:")
    assert (policy["limits"], policy["costs"]) == (1, 1)


def test_more_than_the_cap_is_escalated_with_what_may_be_given_instead(ui: Caller):
    answer = ui.decided(remedy="gift", amount="10.01")
    assert (answer["outcome"], answer["status"], answer["available"]) == ("escalate", "escalated", "10.00")
    assert answer["escalation"]["to"]
    assert answer["escalation"]["due_at"] == "2026-06-01T10:00:00Z"
    assert [(one["remedy"], one["up_to"]) for one in answer["alternatives"]] == [("refund", "7.00")]
    assert answer["expires_at"] is None


def test_more_than_was_paid_is_denied(ui: Caller):
    answer = ui.decided(amount="7.01")
    assert (answer["outcome"], answer["status"], answer["available"]) == ("deny", "denied", "7.00")


def test_a_limit_that_binds_is_named_with_what_is_left_and_when_it_renews(ui: Caller):
    for number in range(6):
        assert ui.decided(remedy="gift", amount="10.00", case=f"T-{number}", order=f"O-{number}", customer=...)
    answer = ui.decided(remedy="gift", amount="1.00", case="T-7", order="O-7", customer=...)
    assert answer["outcome"] == "escalate"
    limit = answer["binding_limit"]
    assert (limit["limit"], limit["scope"], limit["left"], limit["bound"]) == ("agent-day", "agent", "0.00", "60.00")
    assert limit["renews_at"] == "2026-06-01T21:00:00Z"  # midnight in Helsinki


def test_a_remedy_without_a_sum_has_none_in_the_answer(ui: Caller):
    answer = ui.decided(
        reason="delivery.missed_visit",
        remedy="new_appointment",
        amount=...,
        facts={"order.category": ..., "order.paid": ...},
    )
    assert (answer["amount"], answer["available"]) == (None, None)


def test_a_null_is_a_field_left_out(ui: Caller):
    assert ui.decided(incident=None, justification=None, customer=None)["outcome"] == "allow"


def test_what_was_given_before_it_was_asked_is_booked_and_marked(service: Service, ui: Caller):
    service.clock.advance(hours=2)
    answer = ui.decided(remedy="gift", amount="5.00", given_at="2026-06-01T13:30:00+03:00")
    assert (answer["outcome"], answer["given_at"]) == ("allow", "2026-06-01T10:30:00Z")


def test_more_than_the_safe_floor_may_not_be_given_before_asking(service: Service, ui: Caller):
    given_at = service.clock.now().isoformat()
    service.clock.advance(hours=2)
    assert_problem(ui.ask(amount="7.00", remedy="upgrade", given_at=given_at), 422, "beyond-safe-floor")
    assert service.rows("decision") == 0


# --- idempotency -------------------------------------------------------------------------------------


def test_the_same_key_and_body_give_the_same_answer_again(service: Service, ui: Caller):
    first, again = ui.ask(key="k"), ui.ask(key="k")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert (service.rows("decision"), service.rows("entry")) == (1, 1)


def test_the_order_of_the_keys_of_a_body_does_not_matter(ui: Caller):
    first = ui.post("/v1/decisions", body(), key="k")
    again = ui.post("/v1/decisions", dict(reversed(body().items())), key="k")
    assert again.data == first.data


def test_the_same_key_with_another_body_is_refused(service: Service, ui: Caller):
    ui.ask(key="k")
    assert_problem(ui.ask(key="k", amount="6.00"), 422, "idempotency-key-reused")
    assert service.rows("decision") == 1


def test_a_key_belongs_to_the_caller_who_used_it(service: Service, ui: Caller):
    first = ui.ask(key="k").get_json()
    other = service.bound(agents=("maija",)).ask(key="k", case="T-2", order="O-2").get_json()
    assert other["id"] != first["id"]


@pytest.mark.parametrize("key", [None, "", " " * 256, "x" * 256, "tab\there"])
def test_without_a_usable_key_nothing_is_decided(service: Service, ui: Caller, key):
    assert_problem(ui.ask(key=key), 400, "idempotency-key-missing")
    assert service.rows("decision") == 0


def test_a_key_of_255_characters_is_taken(ui: Caller):
    assert ui.ask(key="x" * 255).status_code == 201


def test_a_refusal_is_not_kept_so_the_corrected_request_may_use_the_same_key(ui: Caller):
    assert_problem(ui.ask(key="k", amount=7), 422, "invalid-request", "amount")
    assert ui.ask(key="k").status_code == 201


def test_a_repeated_answer_stays_as_it_was_after_the_commit(ui: Caller):
    first = ui.ask(key="k")
    ui.post(f"/v1/decisions/{first.get_json()['id']}/commit")
    assert ui.ask(key="k").get_json()["status"] == "reserved"


def test_ten_callers_with_one_key_get_one_answer(service: Service):
    answers: list[tuple[int, bytes]] = []

    def ask() -> None:
        response = service.caller().ask(key="same")
        answers.append((response.status_code, response.data))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert service.rows("decision") == 1


# --- agents ------------------------------------------------------------------------------------------


def test_an_agent_nobody_registered_is_refused(service: Service, ui: Caller):
    assert_problem(ui.ask(agent="nobody"), 422, "unknown-agent", "agent")
    assert service.rows("decision") == 0


def test_a_setting_may_give_unknown_agents_a_trust_level(prepared, tmp_path):
    with serving(prepared, tmp_path, unknown_agents="new") as service:
        assert service.caller().decided(agent="nobody")["outcome"] == "allow"


def test_a_disagreement_of_the_evaluators_is_told_and_never_allows(service: Service, ui: Caller, monkeypatch):
    from policyservice.engine.matcher import DurableMatcher

    monkeypatch.setattr(DurableMatcher, "match", lambda *_: ())
    answer = ui.decided()
    assert (answer["outcome"], answer["fault"]) == ("escalate", True)
    assert service.rows("entry") == 0

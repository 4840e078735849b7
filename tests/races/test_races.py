"""Eight processes at once, on SQLite and on PostgreSQL: no budget is overspent, nothing is decided or settled twice,
and nobody waits in a circle."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from threading import Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import func, select, text

from policyservice.db import tables
from policyservice.limits import versions
from policyservice.limits.change import with_bound
from tests.decisions.factories import body
from tests.fakes import NOON
from tests.races.conftest import PROCESSES
from tests.races.shop import GIFTS, TEAM_DAY

AGENTS = ("maija", "teppo")  # of one team
THREADS = 4


def asked(key: str, **changes: object) -> dict[str, object]:
    return {"what": "ask", "key": key, "fields": body(**changes)}


def settled(what: str, key: str, decision: str, **fields: object) -> dict[str, object]:
    given = fields if what == "commit" else {"reason": "as she wished", **fields}
    return {"what": what, "key": key, "fields": given, "decision": decision}


def statuses(told: list[list[str]]) -> Counter[str]:
    """How often which status was answered; a refusal by its code."""
    return Counter(answer.split()[-2] if " " in answer else answer for answers in told for answer in answers)


def decisions(track) -> int:
    with track.shop.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(tables.decision)).scalar_one()


def drains(track, **changes: object) -> list[dict[str, object]]:
    return [
        track.task(asked(f"w{number}", agent=AGENTS[number % 2], customer=f"C-{number}", **changes), until_refused=True)
        for number in range(PROCESSES)
    ]


def test_a_budget_is_drained_to_the_cent_and_not_beyond(track):
    told = track.race(drains(track, amount="2.50"))

    assert statuses(told) == {"reserved": TEAM_DAY // 250, "escalated": PROCESSES}
    assert track.allowed_minor() == TEAM_DAY
    assert track.complaints() == []


def test_a_budget_is_drained_to_the_cent_by_callers_who_share_transactions(track):
    tasks = [
        track.task(
            *(
                asked(
                    f"w{number}-{n}",
                    agent=AGENTS[n % 2],
                    case=f"T-{number}-{n}",
                    order=f"O-{number}-{n}",
                    amount="2.50",
                )
                for n in range(8)
            ),
            threads=THREADS,
        )
        for number in range(PROCESSES)
    ]
    told = track.race(tasks)

    assert statuses(told) == {"reserved": TEAM_DAY // 250, "escalated": 8 * PROCESSES - TEAM_DAY // 250}
    assert track.allowed_minor() == TEAM_DAY
    assert track.complaints() == []


def test_sums_that_do_not_fit_evenly_leave_less_than_the_smallest(track):
    amounts = ("0.70", "1.10", "1.90", "2.30", "3.10", "3.70", "4.10", "7.30")
    tasks = [
        track.task(asked(f"w{n}", agent=AGENTS[n % 2], customer=f"C-{n}", amount=amount), until_refused=True)
        for n, amount in enumerate(amounts)
    ]

    track.race(tasks)

    assert 0 <= TEAM_DAY - track.allowed_minor() < 70
    assert track.complaints() == []


def test_a_count_is_used_up_and_not_exceeded(track):
    told = track.race(drains(track, remedy="gift", amount="0.01"))

    assert statuses(told) == {"reserved": GIFTS, "escalated": PROCESSES}
    assert track.complaints() == []


def test_duplicates_of_one_key_collapse_to_one_decision(track):
    calls = [asked(f"same-{n}", case=f"T-{n}", order=f"O-{n}") for n in range(4)]
    told = track.race([track.task(*calls, order=number % 2) for number in range(PROCESSES)])

    answers = Counter(answer for answers in told for answer in answers)
    assert sorted(answers.values()) == [PROCESSES] * 4
    assert decisions(track) == 4

    ids = [answer.split()[0] for answer in answers]
    gives = [settled("commit", f"given-{decision}", decision, amount="5.00") for decision in ids]
    told = track.race([track.task(*gives, order=number % 3) for number in range(PROCESSES)])

    assert statuses(told) == {"committed": 4 * PROCESSES}
    assert track.allowed_minor() == 4 * 500
    assert track.complaints() == []


def test_of_those_who_settle_one_reservation_one_wins(track):
    ids = held(track, 6)
    steps = ("commit", "void", "reverse", "commit", "void", "reverse", "commit", "void")
    tasks = [
        track.task(*[settled(what, f"{what}-{n}-{one}", one) for one in ids], order=n) for n, what in enumerate(steps)
    ]

    told = dict(zip([f"{what}-{n}" for n, what in enumerate(steps)], track.race(tasks), strict=True))

    won = Counter(
        answer.split()[0] for by, answers in told.items() if by[0] in "cv" for answer in answers if " " in answer
    )
    assert won == dict.fromkeys(ids, 1)
    assert track.complaints() == []


def test_the_end_of_a_hold_and_those_who_settle_it_do_not_both_win(track):
    ids = held(track, 6)
    now = NOON + timedelta(minutes=60)
    ends = [track.task({"what": "end", "key": "-", "fields": {}}, now=now) for _ in range(4)]
    settles = [
        track.task(*[settled(what, f"{what}-{n}-{one}", one) for one in ids], now=now, order=n)
        for n, what in enumerate(("commit", "void", "commit", "reverse"))
    ]

    told = track.race([*ends, *settles])

    late = Counter(answer.split()[0] for answers in told[4:] for answer in answers if "committed" in answer)
    assert late == dict.fromkeys(ids, 1)  # the customer has the money: booked once, late, whoever ended the hold
    assert track.complaints() == []


def held(track, number: int) -> list[str]:
    """Reservations of EUR 7.00 each."""
    calls = [asked(f"hold-{n}", case=f"T-{n}", order=f"O-{n}") for n in range(number)]
    ((*answers,),) = track.race([track.task(*calls)])
    return [answer.split()[0] for answer in answers]


def test_a_limit_lowered_meanwhile_holds_for_all_that_are_decided_after_it(track):
    lowered = Thread(target=lower_when_begun, args=(track, "60.00"))
    lowered.start()
    told = track.race(drains(track, amount="0.50"))
    lowered.join()

    assert statuses(told)["escalated"] == PROCESSES
    with track.shop.db.reading() as conn:
        under = dict(
            conn.execute(
                select(tables.decision.c.limits_version, func.sum(tables.decision.c.goodwill_minor)).group_by(
                    tables.decision.c.limits_version
                )
            ).all()
        )
    assert under.keys() == {1, 2}
    assert track.allowed_minor() == max(6000, under[1])
    assert track.complaints() == []


def lower_when_begun(track, bound: str) -> None:
    """Lower the team's budget as soon as some of it is used."""
    until = monotonic() + 60
    while decisions(track) < 10 and monotonic() < until:
        sleep(0.005)
    with track.shop.db.transaction() as conn:
        limits = with_bound(versions.in_force(conn, NOON), "team-day", bound)
        versions.publish(conn, limits, effective_from=NOON, author="liisa", because="enough", now=NOON)


@pytest.mark.parametrize("threads", [1, THREADS])
def test_callers_that_need_the_same_counters_in_any_order_never_deadlock(track, threads):
    """Few subjects in every combination, so that each pair of counters, and of references, is wanted in both orders.

    Several threads of a process have their decisions made in one transaction.
    """
    tasks = []
    for number in range(PROCESSES):
        chance = Random(number)
        calls = [
            asked(
                f"w{number}-{n}",
                agent=chance.choice((*AGENTS, "liisa")),
                case=f"T-{chance.randint(1, 2)}",
                order=f"O-{chance.randint(1, 2)}",
                customer=f"C-{chance.randint(1, 2)}",
                remedy=chance.choice(("credit", "gift")),
                amount="0.10",
            )
            for n in range(15)
        ]
        tasks.append(track.task(*calls, threads=threads))

    told = track.race(tasks)
    ids = [answer.split()[0] for answers in told for answer in answers if "reserved" in answer]
    settling = [
        track.task(
            *[settled(("commit", "void")[n % 2], f"s{n}-{one}", one) for one in ids[n::2]], order=n, threads=threads
        )
        for n in range(PROCESSES)
    ]
    track.race(settling)

    assert len(ids) >= 60
    assert deadlocks(track) == 0
    assert track.complaints() == []


def deadlocks(track) -> int:
    """How many the database had to break up; SQLite has one writer, so none."""
    if track.shop.db.is_sqlite:
        return 0
    with track.shop.db.reading() as conn:
        statement = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return conn.execute(statement).scalar_one()

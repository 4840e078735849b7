from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from policyservice.cli.nycflights13 import HISTORY_COLUMNS, convert
from policyservice.cli.online_retail import agent_of
from policyservice.domain.errors import HistoryRefused
from tests.cli.support import run

HEADER = (
    "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,"
    "carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour"
)
_SAMPLE = Path(__file__).resolve().parents[1] / "data" / "nycflights13-sample" / "flights.csv"


def a_flight(number: int = 1, **more: str) -> str:
    values = {"day": "8", "dep_time": "1010", "dep_delay": "10", "arr_delay": "75", "air_time": "150", **more}
    return (
        f"2013,2,{values['day']},{values['dep_time']},1000,{values['dep_delay']},1300,1200,{values['arr_delay']},"
        f"UA,{number},N1,JFK,MIA,{values['air_time']},1000,10,0,2013-02-08T15:00:00Z"
    )


def cancelled(number: int = 1, absent: str = "", **more: str) -> str:
    return a_flight(number, dep_time=absent, dep_delay=absent, arr_delay=absent, air_time=absent, **more)


def history(folder: Path, *rows: str) -> list[dict[str, str]]:
    source = folder / "flights.csv"
    source.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    out = io.StringIO()
    convert(source, out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


@pytest.mark.parametrize(("late", "claims"), [("59", False), ("60", True), ("60.0", True), ("-5", False)])
def test_a_flight_draws_claims_from_an_hour_late_on(tmp_path: Path, late: str, claims: bool):
    assert bool(history(tmp_path, a_flight(arr_delay=late))) is claims


def test_claims_are_in_time_order_where_clocks_are_set_back(tmp_path: Path):
    rows = [cancelled(number).replace("2013,2,8,,1000", "2013,11,3,,0030") for number in range(1, 61)]
    times = [datetime.fromisoformat(line["time"]) for line in history(tmp_path, *rows)]

    assert times == sorted(times)
    assert {time.utcoffset() for time in times} == {timedelta(hours=-4), timedelta(hours=-5)}


@pytest.mark.parametrize("absent", ["", "NA"])
def test_a_flight_without_a_known_arrival_draws_none_and_a_cancelled_one_does(tmp_path: Path, absent: str):
    assert history(tmp_path, a_flight(arr_delay=absent, air_time=absent)) == []
    assert history(tmp_path, cancelled(absent=absent))


def test_a_late_flight_draws_one_or_two_claims_and_a_cancelled_one_up_to_three(tmp_path: Path):
    late = history(tmp_path, *(a_flight(number) for number in range(1, 61)))
    gone = history(tmp_path, *(cancelled(number) for number in range(1, 61)))

    assert set(Counter(line["case"].rsplit("/", 1)[0] for line in late).values()) == {1, 2}
    assert set(Counter(line["case"].rsplit("/", 1)[0] for line in gone).values()) == {1, 2, 3}


def test_a_claim_is_made_within_twelve_hours_of_landing_or_of_the_departure_that_was_cancelled(tmp_path: Path):
    (late, *_) = history(tmp_path, a_flight())
    (gone, *_) = history(tmp_path, cancelled())

    assert "2013-02-08T12:40:00-05:00" <= late["time"] < "2013-02-09T00:40:00-05:00"
    assert "2013-02-08T10:00:00-05:00" <= gone["time"] < "2013-02-08T22:00:00-05:00"


def test_what_is_claimed_are_the_reasons_of_the_airlines_rules(tmp_path: Path):
    late = history(tmp_path, *(a_flight(number) for number in range(1, 61)))
    gone = history(tmp_path, *(cancelled(number) for number in range(1, 61)))

    assert {(line["reason"], line["remedy"]) for line in late} == {("complaint.flight_delayed", "credit")}
    assert {(line["reason"], line["remedy"]) for line in gone} == {
        ("complaint.flight_cancelled", "credit"),
        ("cancel.airline_cancelled", "refund"),
    }
    for line in late:
        passengers = int(line["facts.booking.passengers"])
        assert line["amount"] in (f"{50 * passengers}.00", f"{100 * passengers}.00")
        assert line["facts.booking.flight_status"] == "delayed"
        assert line["facts.booking.changed_or_cancelled"] in ("true", "false", "")
    for line in gone:
        assert line["facts.booking.flight_status"] == "cancelled"
        if line["remedy"] == "refund":
            assert line["amount"] == line["facts.booking.paid"]


def test_the_price_follows_from_the_miles_the_cabin_and_the_passengers(tmp_path: Path):
    lines = history(tmp_path, *(a_flight(number) for number in range(1, 61)))
    each = {"basic_economy": 120, "economy": 150, "business": 450}  # dollars for 1,000 miles

    assert {line["facts.booking.cabin"] for line in lines} == set(each)
    for line in lines:
        price = each[line["facts.booking.cabin"]] * int(line["facts.booking.passengers"])
        assert line["facts.booking.paid"] == f"{price}.00"


@pytest.mark.parametrize(("gone", "is_storm"), [(1, False), (2, True)])
def test_a_day_is_an_incident_once_more_than_a_tenth_of_its_flights_are_cancelled(
    tmp_path: Path, gone: int, is_storm: bool
):
    others = [a_flight(number, arr_delay="90" if number == 9 else "0") for number in range(1, 11 - gone)]
    quiet = [a_flight(number, day="9", arr_delay="90") for number in range(1, 11)]
    lines = history(tmp_path, *others, *(cancelled(50 + number) for number in range(gone)), *quiet)

    of_days = {line["case"][:10]: line["incident"] for line in lines}
    assert of_days == {"2013-02-08": "storm-2013-02-08" if is_storm else "", "2013-02-09": ""}


def test_two_runs_give_the_same_and_claims_come_in_time_order(tmp_path: Path):
    rows = [cancelled(number) for number in range(1, 31)]
    first, second = history(tmp_path, *rows), history(tmp_path, *rows)

    assert first == second
    assert [line["time"] for line in first] == sorted(line["time"] for line in first)
    assert tuple(first[0]) == HISTORY_COLUMNS
    agents = {(line["agent"], line["team"], line["trust_level"]) == agent_of(line["case"]) for line in first}
    assert agents == {True}


def test_a_customers_membership_stays_what_it_is(tmp_path: Path):
    out = io.StringIO()
    convert(_SAMPLE, out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))

    assert len(set(Counter((line["customer"], line["facts.customer.membership"]) for line in lines))) == len(
        {line["customer"] for line in lines}
    )


def test_a_gzipped_file_and_one_zipped_as_in_the_package_give_the_same(tmp_path: Path):
    text = "\n".join((HEADER, a_flight(), cancelled(2), ""))
    plain, packed, zipped = (tmp_path / name for name in ("a.csv", "a.csv.gz", "flights.csv.zip"))
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("flights.csv", text)

    results = [run("history", "nycflights13", str(path)) for path in (plain, packed, zipped)]

    assert len({result.stdout for result in results}) == 1
    assert results[0].stderr.startswith("2 flights read, 1 of them cancelled, 1 at least an hour late, 0 without")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n",
        f"{HEADER}\n1,2,3\n".encode(),
        f"{HEADER}\n{a_flight(day='40')}\n".encode(),
        f"{HEADER}\n{a_flight(arr_delay='much')}\n".encode(),
        b"\xff\xfe",
        b"\x1f\x8b broken",
        b"PK broken",
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes):
    source = tmp_path / "flights.csv"
    source.write_bytes(content)

    result = run("history", "nycflights13", str(source))

    assert result.exit_code == 1
    assert str(source) in result.stderr


def test_a_zip_without_flights_is_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("planes.csv", "")

    with pytest.raises(HistoryRefused, match=r"no flights\.csv"):
        convert(tmp_path / "a.zip", io.StringIO())

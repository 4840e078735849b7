from __future__ import annotations

import json

import pytest

from tests.cli.support import run

_GOOD = "ref,source,at,currency,order.paid\nO-1,ERP,,EUR,7.00\nO-2,ERP,2026-01-01T00:00:00Z,,\n"


def shown(url, ref="O-1"):
    return json.loads(run("facts", "show", "order", ref, url=url).stdout)


def test_import_takes_every_subject_of_the_file_and_what_is_said_again_replaces_it(url, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(_GOOD, encoding="utf-8")

    assert run("facts", "import", "order", str(file), url=url).stdout == "Verified facts of 2 order(s) taken.\n"
    assert shown(url)["facts"] == {"order.paid": "7.00"}
    assert shown(url, "O-2") == {
        "at": "2026-01-01T00:00:00+00:00",
        "currency": None,
        "facts": {},
        "source": "ERP",
    }
    run("facts", "import", "order", "-", url=url, given=_GOOD.replace("7.00", "8.00"))
    assert shown(url)["facts"] == {"order.paid": "8.00"}


def test_every_line_at_fault_is_named_and_nothing_is_taken(url):
    lines = _GOOD + "O-3,ERP,,EUR,seven\nO-1,ERP,,EUR,7.00\nO-4,,,,1.00\n"
    result = run("facts", "import", "order", "-", url=url, given=lines)

    assert result.exit_code == 1
    named = ("line 4.facts.order.paid", "line 5.ref", "line 6.source", "line 6.currency")
    assert [name for name in named if name not in result.stderr] == []
    assert run("facts", "show", "order", "O-2", url=url).exit_code == 1


@pytest.mark.parametrize(
    "columns", ["ref,source", "ref,source,at,currency,order.paid,order.paid", "source,ref,at,currency"]
)
def test_other_columns_are_refused(url, columns):
    result = run("facts", "import", "order", "-", url=url, given=f"{columns}\n")

    assert result.exit_code == 1
    assert "ref,source,at,currency" in result.stderr


def test_what_nobody_verified_is_said_to_be_so(url):
    result = run("facts", "show", "customer", "C-1", url=url)

    assert result.exit_code == 1
    assert "Nothing is verified" in result.stderr

"""Rules and limits published under load: no request is lost, and each decision cites one version of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyservice.db.session import Database
from policyservice.limits import versions
from tests.cli.support import PACK, run, write_pack
from tests.faults.audit import audit
from tests.faults.load import Load
from tests.faults.service import serving
from tests.faults.stage import LIMITS, WIDE, set_up


def published_under_load(folder: Path, url: str, rounds: int):
    """Rules and limits changed in turn while callers ask; the load, and the digests and versions that were made."""
    stage = set_up(folder, url)
    with serving(folder, url, POLICYSERVICE_WORKERS="2") as service:
        load = Load([service.address], stage.secret).begin()
        for number in range(rounds):
            load.wait_for(8)
            words = PACK["rules/coffee.yaml"].replace("Please take a biscuit.", f"Please take {number + 2} biscuits.")
            pack = write_pack(
                folder / f"round-{number}",
                rules__coffee_yaml=words,
                limits__opening_yaml=LIMITS.format(budget=WIDE),
            )
            assert run("rules", "publish", str(pack), "--because", "more", url=url).exit_code == 0
            load.wait_for(8)
            to = f"{70_000 + number}.00"
            assert run("limits", "set", "budget", to, "--because", "less", "--yes", url=url).exit_code == 0
        load.wait_for(8)
        load.finish()
        assert load.repeat() == []
    return load


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.long)])
def test_rules_and_limits_are_published_under_load(any_url, tmp_path, rounds):
    load = published_under_load(tmp_path, any_url, rounds)

    assert audit(any_url, load) == []
    assert load.unanswered == []
    assert load.refused == []
    assert load.broken == {}  # nobody had to ask twice
    said, cited = {}, set()
    for body in map(json.loads, load.answered.values()):
        policy = body["policy"]
        cited.add((policy["rules"], policy["limits"]))
        said.setdefault(policy["rules"], set()).add(body["say"])
    assert all(len(words) == 1 for words in said.values())  # what is said is what the cited rules say
    assert len(said) == rounds + 1  # every rulebook was in use
    assert {limits for _, limits in cited} == {version.version for version in all_limits(any_url)}
    assert run("log", "replay", url=any_url).exit_code == 0


def all_limits(url):
    db = Database(url)
    with db.reading() as conn:
        found = versions.history(conn)
    db.dispose()
    return found

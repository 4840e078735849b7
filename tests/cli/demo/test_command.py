from __future__ import annotations

import json
import shlex
import signal
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from policyservice.cli.demo.host import choose_port
from tests.cli.support import database_url, opened_database, start


def test_the_demo_plays_every_scene_and_ends(tmp_path: Path):
    process = start("demo", "--exit", "--port", str(choose_port(0)), cwd=tmp_path)
    shown, errors = process.communicate(timeout=180)

    assert (process.returncode, errors) == (0, "")
    for number in (1, 2, 3, 4, 5, 7, 8, 9, 10):
        assert f"Scene {number}: " in shown
    assert "Every answer was the wanted one." in shown
    assert list(tmp_path.iterdir()) == []


def test_rules_that_know_nothing_of_the_scenes_end_it_with_1_and_a_sentence(tmp_path: Path):
    url = opened_database(tmp_path)
    process = start("demo", "--exit", "--port", str(choose_port(0)), cwd=tmp_path, POLICYSERVICE_DATABASE_URL=url)
    _, errors = process.communicate(timeout=180)

    assert process.returncode == 1
    assert "is not one of new, lead" in errors
    assert "Traceback" not in errors


def test_it_keeps_serving_and_its_curl_line_works_until_ctrl_c(tmp_path: Path):
    """In Finnish, on a database of one's own that keeps what was decided."""
    url = database_url(tmp_path)
    process = start(
        "demo",
        "--language",
        "fi",
        "--port",
        str(choose_port(0)),
        cwd=tmp_path,
        POLICYSERVICE_DATABASE_URL=url,
        PYTHONUNBUFFERED="1",
    )
    try:
        shown = read_until_curl(process)
        assert "Kohtaus 1: Aamiainen" in shown
        assert "Jokainen vastaus oli toivottu." in shown
        for _ in range(2):
            status, answer = send(shown.splitlines()[-1])
            assert (status, answer["outcome"], answer["basis"]) == (201, "allow", "contract")
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Traceback" not in errors
    with pytest.raises(ConnectionRefusedError):
        send(shown.splitlines()[-1])


def read_until_curl(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("curl "):
            break
    return "".join(lines)


def send(curl: str) -> tuple[int, dict]:
    """What a shell would make of the line, without needing curl."""
    words = shlex.split(curl)
    url = urlsplit(next(word for word in words if word.startswith("http")))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    connection = HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        connection.request("POST", url.path, words[words.index("-d") + 1].encode(), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()

"""Two machines of the tests: network namespaces where the tests may make them, else two addresses of this machine.

A namespace has its own addresses and sees nothing but the other end of its cable, where the database listens.
Everything stays inside; all of it is removed at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from policyservice.cli.demo.host import HOST


class Machine(NamedTuple):
    """Where a service listens, how it reaches the database, and the command that runs a process there."""

    address: str
    database_host: str
    within: tuple[str, ...] = ()


@contextmanager
def two_machines() -> Iterator[tuple[str, tuple[Machine, Machine]]]:
    """What they are, in words, and the machines."""
    made: list[str] = []
    try:
        try:
            machines = [_namespace(number, made) for number in range(2)]
        except (OSError, subprocess.CalledProcessError):
            machines = [Machine(HOST, HOST), Machine("127.0.0.2", HOST)]
            yield "two addresses of one network: namespaces cannot be made here", (machines[0], machines[1])
        else:
            yield "two network namespaces", (machines[0], machines[1])
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)  # its cable goes with it


def _namespace(number: int, made: list[str]) -> Machine:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise PermissionError
    name, cable = f"policyservice-{os.getpid()}-{number}", f"ps{os.getpid() % 100_000}x{number}"
    net = f"10.213.{os.getpid() % 128 * 2 + number}"
    here, there = f"{net}.1", f"{net}.2"
    _ip("netns", "add", name)
    made.append(name)
    _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
    _ip("addr", "add", f"{here}/30", "dev", cable)
    _ip("link", "set", cable, "up")
    for arguments in (
        ("addr", "add", f"{there}/30", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
    ):
        _ip("-n", name, *arguments)
    return Machine(there, here, ("ip", "netns", "exec", name))


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)

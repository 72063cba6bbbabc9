"""The database of a data directory: started as a child process, found where it runs already, stopped in order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from service import clock
from service.errors import CannotStart
from service.runtime import children, class_data, jars, java, jvm, lockfile
from service.settings import Settings
from service.store.graph import Address, Health, checked, health
from service.store.space import Space

LEFTOVER_SECONDS = 20.0
END_SECONDS = 5.0
HOLDER_SECONDS = 600.0
DAMAGED_HEAP = "4g"
"""Where a log is cut, Neo4j may take what it reads for the length of a text, of up to 2 GiB, and makes room for it."""

Tell = Callable[[str], None]


@contextmanager
def database(settings: Settings, *, tell: Tell, command: str) -> Iterator[Address]:
    """Where the database answers while the block runs: the one of the settings, else the one that runs on the data
    directory, else one that is started here and stopped afterwards (once no other command uses it).

    Errors: CannotStart with what to do.
    """
    if settings.neo4j_uri is not None:
        yield external(settings)
        return
    with ExitStack() as stack:
        deadline = clock.monotonic() + HOLDER_SECONDS
        while (address := _start_own(settings, stack, tell, command) or _join_running(settings, stack)) is None:
            if clock.monotonic() > deadline:
                raise CannotStart(f"{data_dir(settings)} を使っている処理のデータベースが、いつまでも答えません。")
            time.sleep(0.2)
        yield address


@contextmanager
def started(settings: Settings, claim: lockfile.Claim, *, tell: Tell) -> Iterator[Embedded]:
    """The running database of a data directory that this process holds; stopped at the end of the block."""
    with running(prepared(settings, claim, tell=tell), tell=tell) as embedded:
        yield embedded


@contextmanager
def running(embedded: Embedded, *, tell: Tell) -> Iterator[Embedded]:
    """A prepared database, started and answering; stopped at the end of the block. CannotStart when it does not."""
    try:
        embedded.launch(tell)
        embedded.wait()
        yield embedded
    finally:
        embedded.stop()


def prepared(settings: Settings, claim: lockfile.Claim, *, tell: Tell) -> Embedded:
    """A database that can be started: the software is there, and what a killed process left is gone."""
    chosen_java = java.java(settings, tell)
    software = jvm.Software(java=chosen_java, library=jars.fetch(settings, tell))
    home = data_dir(settings) / "neo4j"
    _end_leftover(claim, home, tell)
    memory = jvm.Memory(heap=settings.neo4j_heap, pagecache=settings.neo4j_pagecache)
    return Embedded(home, software, memory, claim)


def external(settings: Settings) -> Address:
    """The database that the settings name. CannotStart without a password, or when the address is none."""
    if settings.neo4j_uri is None or settings.neo4j_password is None:
        raise CannotStart("TETSUZUKI_NEO4J_URI を使うときは、TETSUZUKI_NEO4J_PASSWORD も指定してください。")
    password = settings.neo4j_password.get_secret_value()
    return checked(
        Address(
            settings.neo4j_uri, settings.neo4j_user, password, settings.neo4j_database, evidence(data_dir(settings))
        )
    )


def space(settings: Settings) -> Space | None:
    """Where the database's files are, and what has to be free there; None where that is another machine's business.

    Errors: CannotStart when the folder that the settings name is not there.
    """
    if settings.store_dir is not None:
        if not settings.store_dir.is_dir():
            raise CannotStart(f"TETSUZUKI_STORE_DIR の {settings.store_dir} というフォルダーがありません。")
        return Space(settings.store_dir, settings.store_free_bytes)
    return Space(data_dir(settings), settings.store_free_bytes) if settings.neo4j_uri is None else None


def data_dir(settings: Settings) -> Path:
    """The data directory as an absolute path."""
    return settings.data_dir.expanduser().resolve()


def evidence(folder: Path) -> Path:
    """Where a data directory keeps what the history is compared with."""
    return folder / "history"


@dataclass(slots=True)
class Embedded:
    """A Neo4j child that can be started again on the same port after its death."""

    home: Path
    software: jvm.Software
    memory: jvm.Memory
    claim: lockfile.Claim
    setting: str = ""
    _running: jvm.Jvm | None = None

    @property
    def address(self) -> Address:
        """Where it answers; ValueError before the first start."""
        if self._running is None:
            raise ValueError("the database has not been started")
        return replace(self._running.address, evidence=evidence(self.home.parent))

    def open_with(self, setting: str) -> None:
        """From its next start on it has a setting of Neo4j's more, and the memory that a damaged log may take."""
        self.setting = setting
        self.memory = replace(self.memory, heap=DAMAGED_HEAP)

    def launch(self, tell: Tell) -> Address:
        """Starts it; returns where it will answer. CannotStart when its folder cannot be prepared."""
        software = class_data.shared(self.software, tell)
        tell("データベースを起動しています…")
        self._launch(software, jvm.free_port())
        return self.address

    def wait(self) -> None:
        """Returns when it answers, started once more without its archive if need be.

        Errors: CannotStart with the reason, or the end of its log.
        """
        try:
            self._wait()
        except jvm.DidNotStart:
            if class_data.ready(self.software) == self.software:
                raise
            self._launch(self.software, self.port)
            self._wait()
            class_data.remove(self.software)

    @property
    def port(self) -> int:
        """The loopback port that it has, as long as this process lives."""
        return int(self.address.uri.rpartition(":")[2])

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._running is not None and self._running.child.status() is None

    def launch_again(self) -> None:
        """Starts a dead one on the port it had; returns at once, before it answers."""
        self._launch(class_data.ready(self.software), self.port)

    def tell_answers(self) -> None:
        """Says in the data directory that it answers, so that other commands use it."""
        if self._running is not None:
            self.claim.tell_database(pid=self._running.child.pid, bolt=self._running.address.uri)

    def health(self, *, seconds: float) -> Health:
        """How it is, as far as it says so within `seconds`."""
        return asyncio.run(health(self.address, seconds=seconds))

    def end(self) -> None:
        """Ends a process that is of no use any more."""
        if self._running is not None:
            self._running.stop(seconds=END_SECONDS)

    def why_failed(self) -> str:
        """What to do where its server runs and could not open the store."""
        return "" if self._running is None else self._running.failed()

    def log_end(self) -> str:
        """The last lines it wrote."""
        return "" if self._running is None else jvm.tail(self._running.log)

    def stop(self, *, seconds: float = jvm.STOP_SECONDS) -> None:
        """Stops it and takes its entry away; nothing happens when it does not run."""
        if self._running is not None:
            self._running.stop(seconds=seconds)
        self.claim.forget()

    def _wait(self) -> None:
        """Waits for the running one; a failed one is ended."""
        if self._running is None:
            raise ValueError("the database has not been started")
        try:
            self._running.wait()
        except CannotStart:
            self._running.stop(seconds=0)
            raise
        self.tell_answers()

    def _launch(self, software: jvm.Software, port: int) -> jvm.Jvm:
        password = jvm.password(self.home)
        self._running = jvm.start(
            self.home, software, memory=self.memory, password=password, port=port, extra_configuration=self.setting
        )
        self.claim.tell_database(pid=self._running.child.pid, bolt=None)
        return self._running


def _start_own(settings: Settings, stack: ExitStack, tell: Tell, command: str) -> Address | None:
    """The database started here, kept by the stack; None when another process holds the data directory."""
    try:
        claim = stack.enter_context(lockfile.claim(data_dir(settings), command=command))
    except lockfile.Held:
        return None
    embedded = stack.enter_context(started(settings, claim, tell=tell))
    stack.enter_context(_retired_at_end(claim))
    return embedded.address


@contextmanager
def _retired_at_end(claim: lockfile.Claim) -> Iterator[None]:
    """At the end, waits for other users of the database, except when the user or the system wants us gone."""
    try:
        yield
    except Exception:
        claim.retire_database()
        raise
    claim.retire_database()


def _join_running(settings: Settings, stack: ExitStack) -> Address | None:
    """The database of the process that holds the data directory, marked as used; None when none answers (yet)."""
    folder = data_dir(settings)
    usage = stack.enter_context(ExitStack())
    usage.enter_context(lockfile.usage(folder))
    holder = lockfile.holder(folder)
    if holder is not None and holder.bolt is not None and lockfile.is_alive(holder):
        return Address(holder.bolt, jvm.USER, jvm.password(folder / "neo4j"), "neo4j", evidence(folder))
    usage.close()
    return None


def _end_leftover(claim: lockfile.Claim, home: Path, tell: Tell) -> None:
    """Ends the database of a holder that was killed: two on the same files would refuse each other."""
    leftover = claim.left_behind
    if leftover is None or leftover.database_pid is None or not jvm.is_ours(leftover.database_pid, home):
        return
    tell("前回の終わりに残ったデータベースを止めています…")
    children.send(leftover.database_pid, signal.SIGTERM)
    deadline = clock.monotonic() + LEFTOVER_SECONDS
    while jvm.is_ours(leftover.database_pid, home):
        if clock.monotonic() > deadline:
            children.send(leftover.database_pid, signal.SIGKILL)
        time.sleep(0.05)

"""The embedded database: started, found, shared, stopped, and put right after a kill."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from service.errors import CannotStart
from service.runtime import children, class_data, jars, java, jvm, lockfile
from service.runtime.embedded import database, external
from service.settings import Settings
from service.store.graph import Address, answers

pytestmark = pytest.mark.slow

HOLD = """
import sys
from pathlib import Path
from service.runtime.embedded import database
from service.settings import Settings
with database(Settings(data_dir=Path(sys.argv[1]), neo4j_uri=None), tell=lambda _: None, command="held"):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """A data directory of its own, with a space in its name."""
    return Settings(data_dir=tmp_path / "a place", neo4j_uri=None)


def quiet(_: str) -> None:
    """Progress is not looked at here."""


def _software(settings: Settings) -> jvm.Software:
    return jvm.Software(java.java(settings, quiet), jars.library(settings))


def does_answer(address: Address) -> bool:
    return asyncio.run(answers(address))


def until(holds: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Whether it holds within so many seconds."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def told(settings: Settings) -> lockfile.Holder:
    """What the data directory says of its holder."""
    holder = lockfile.holder(settings.data_dir)
    assert holder is not None
    return holder


def database_pid(settings: Settings) -> int:
    pid = told(settings).database_pid
    assert pid is not None
    return pid


def test_it_answers_while_the_block_runs_and_leaves_its_password_to_its_user_alone(own: Settings) -> None:
    with database(own, tell=quiet, command="first") as address:
        assert does_answer(address)
        assert not does_answer(Address(address.uri, "neo4j", "neo4j", "neo4j")), "the well-known password"
        pid = database_pid(own)
        began = time.monotonic()
    assert time.monotonic() - began < jvm.STOP_SECONDS, "it did not have to be ended by force"
    assert not children.is_alive(pid)
    assert lockfile.holder(own.data_dir) is None
    assert own.data_dir.stat().st_mode & 0o777 == 0o700
    secret = own.data_dir / "neo4j" / "password"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text().strip() == address.password


def test_a_second_use_finds_the_running_one_and_the_first_waits_for_it(own: Settings) -> None:
    ended: list[str] = []

    def first() -> None:
        with database(own, tell=quiet, command="first"):
            running.set()
            leave.wait(60)
        ended.append("first")

    running, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=first)
    thread.start()
    assert running.wait(120)
    with database(own, tell=quiet, command="second") as address:
        leave.set()
        time.sleep(0.5)
        assert does_answer(address), "the first waits with its stop"
        assert ended == []
    thread.join(60)
    assert ended == ["first"]


def test_what_a_killed_process_leaves_is_put_right(own: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(own.data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        pid = database_pid(own)
        holder.kill()
    if sys.platform == "linux":
        assert until(lambda: not children.is_alive(pid)), "the database ends with the process that started it"
    with database(own, tell=quiet, command="next") as address:
        assert does_answer(address)
        assert told(own).pid == os.getpid()


def test_a_database_that_outlived_its_holder_is_ended_first(own: Settings) -> None:
    """Where the kernel does not end a child with its parent: the entry of the holder names it."""
    with database(own, tell=quiet, command="first"):
        pass
    home = own.data_dir.resolve() / "neo4j"
    found = java.java(own, quiet)
    with subprocess.Popen([found.program, f"@{home}/conf/java.args"], stdout=subprocess.DEVNULL) as orphan:
        (own.data_dir / "running.json").write_text(
            json.dumps({"pid": 2**22 + 1, "command": "serve", "database_pid": orphan.pid})
        )
        assert until(lambda: (home / "data" / "databases" / "store_lock").exists())
        lines: list[str] = []
        with database(own, tell=lines.append, command="next") as address:
            assert orphan.poll() is not None
            assert does_answer(address)
        assert any("残った" in line for line in lines)


def test_a_number_that_another_program_has_now_is_left_alone(own: Settings) -> None:
    own.data_dir.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (own.data_dir / "running.json").write_text(
            json.dumps({"pid": 2**22 + 1, "command": "serve", "database_pid": stranger.pid})
        )
        with database(own, tell=quiet, command="next"):
            assert stranger.poll() is None
        stranger.kill()


def test_the_holder_is_named(own: Settings) -> None:
    with lockfile.claim(own.data_dir, command="serve") as claim:
        claim.tell_web("http://127.0.0.1:8000/")
        with (
            pytest.raises(lockfile.Held, match=rf"serve（プロセス {os.getpid()}、http://127\.0\.0\.1:8000/）"),
            lockfile.claim(own.data_dir, command="serve"),
        ):
            pass
    with lockfile.claim(own.data_dir, command="serve"):
        """Free again."""


def test_wrong_memory_is_told_with_the_end_of_the_log(own: Settings) -> None:
    wrong = own.model_copy(update={"neo4j_heap": "lots"})
    with (
        pytest.raises(CannotStart, match="Invalid maximum heap size"),
        database(wrong, tell=quiet, command="wrong"),
    ):
        pass
    assert lockfile.holder(own.data_dir) is None
    assert class_data.path(_software(own)).exists()


def test_a_lost_password_is_told(own: Settings) -> None:
    (own.data_dir / "neo4j" / "data" / "databases" / "system").mkdir(parents=True)
    with pytest.raises(CannotStart, match="password がありません"), database(own, tell=quiet, command="lost"):
        pass


def test_a_damaged_archive_only_costs_time(own: Settings, tmp_path: Path) -> None:
    library = jars.fetch(own, quiet)
    other = own.model_copy(update={"cache_dir": tmp_path / "cache"})
    jars.library(other).parent.mkdir(parents=True)
    jars.library(other).symlink_to(library)
    archive = class_data.path(_software(other))
    class_data.shared(_software(own), quiet)
    with class_data.path(_software(own)).open("rb") as source, archive.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.truncate(1_000_000)
    with database(other, tell=quiet, command="damaged") as address:
        assert does_answer(address)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    own = Settings(data_dir=tmp_path / "file" / "data", neo4j_uri=None)
    with pytest.raises(CannotStart, match="TETSUZUKI_DATA_DIR"), database(own, tell=quiet, command="nowhere"):
        pass


def test_the_database_of_the_settings_needs_a_password() -> None:
    with pytest.raises(CannotStart, match="TETSUZUKI_NEO4J_PASSWORD"):
        external(Settings(neo4j_uri="neo4j://db.example", neo4j_password=None))


def test_a_child_ends_by_force_when_it_does_not_listen() -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    reading, writing = os.pipe()
    with ExitStack() as stack, os.fdopen(writing, "wb") as output, os.fdopen(reading, "rb") as lines:
        child = children.start([sys.executable, "-c", stubborn], output=output)
        stack.callback(child.stop, seconds=0)
        assert lines.readline() == b"1\n"
        child.stop(seconds=0.2)
        assert child.status() == -signal.SIGKILL

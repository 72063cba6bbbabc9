"""The processes of a guide: its database and web workers, started in order, watched, and stopped in order."""

from __future__ import annotations

import asyncio
import errno
import http.client
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from service import clock
from service.errors import CannotStart, GuideError
from service.runtime import children, embedded, lockfile
from service.settings import Settings, child_environment
from service.store.graph import Address, answers
from service.store.space import Space

LOOK_SECONDS = 0.1
FIRST_PAGE_SECONDS = 120.0
EXTERNAL_SECONDS = 60.0
WORKER_STOP_SECONDS = 1.5
LONGEST_PAUSE_SECONDS = 30.0
CALM_SECONDS = 60.0
ASK_SECONDS = 5.0
ANSWER_SECONDS = 3.0
PATIENCE_SECONDS = 15.0
"""How long a database that was started again may take for its first statement."""
RESTART_BYTES = 64 * 1024 * 1024
"""What has to be free before a database is started again: a new file of its transaction log, and as much again."""

Tell = Callable[[str], None]


def web_address(settings: Settings, listening: socket.socket) -> str:
    """The address to type into a browser on this machine."""
    return _url(settings.host, listening.getsockname()[1])


def _url(host: str, port: int) -> str:
    named = host if host not in {"", "0.0.0.0", "::"} else "127.0.0.1"
    shown = f"[{named}]" if ":" in named else named
    return f"http://{shown}:{port}/"


def running_web(settings: Settings) -> str:
    """Where the guide of these settings answers: as the one that runs says, else as the settings lay down."""
    holder = None if settings.neo4j_uri else lockfile.holder(embedded.data_dir(settings))
    if holder is not None and holder.web is not None and lockfile.is_alive(holder):
        return holder.web
    return _url(settings.host, settings.port)


def bind(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet: whoever comes early is told so, and does not wait.

    Errors: CannotStart when the port is taken or the address is not this machine's.
    """
    try:
        addresses = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, socket_address = addresses[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(socket_address)
    except OSError as error:
        raise CannotStart(_bind_failure(host, port, error)) from error
    return bound


def _bind_failure(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"ポート {port} は使われています。別の番号で試してください（例：make serve PORT={port + 1}）。"
    if error.errno == errno.EACCES:
        return f"ポート {port} を使う権限がありません。1024 以上で試してください（例：make serve PORT=8000）。"
    return f"{host} のポート {port} で待ち受けできません（{error.strerror}）。HOST と PORT を確かめてください。"


@dataclass(slots=True)
class Pause:
    """How long to wait before starting something again: longer each time, short again after a calm while."""

    seconds: float = 0.0
    last_start: float = field(default=float("-inf"))

    def passed(self) -> bool:
        """Whether it may be started again; if so, the next pause is longer."""
        now = clock.monotonic()
        if now - self.last_start > CALM_SECONDS:
            self.seconds = 0.0
        if now - self.last_start < self.seconds:
            return False
        self.last_start = now
        self.seconds = min(max(self.seconds * 2, 1.0), LONGEST_PAUSE_SECONDS)
        return True


@dataclass(slots=True)
class Worker:
    """A web worker that is started again when it ends."""

    listening: socket.socket
    environment: dict[str, str]
    pause: Pause = field(default_factory=Pause)
    child: children.Child | None = None

    def start(self) -> None:
        """Starts it unless it runs or the pause has not passed."""
        if self.is_alive() or not self.pause.passed():
            return
        handle = self.listening.fileno()
        command = [sys.executable, "-m", "service.worker", str(handle)]
        self.child = children.start(command, environment=self.environment, pass_fds=(handle,))

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self.child is not None and self.child.status() is None


@dataclass(slots=True)
class Revival:
    """Starts a database again that died or refuses every transaction, and says so; the web workers recover by
    themselves. Where the disk is full it waits for room: what a start could not write would damage the store.
    """

    database: embedded.Embedded
    space: Space
    pause: Pause = field(default_factory=Pause)
    waiting: bool = False
    last_message: str = ""
    last_asked: float = field(default=float("-inf"))

    def look(self, tell: Tell) -> None:
        """One look at the database."""
        if self.database.is_alive() and not self._is_useless(tell):
            return
        if self.database.is_alive():
            self.database.end()
        elif not self.waiting:
            tell(f"データベースが止まりました。起動し直します。ログの終わり：\n{self.database.log_end()}")
        self.waiting = True
        if self.space.free() < min(self.space.least, RESTART_BYTES):
            self._say(f"{self.space.sentence()}空きができしだい、データベースを起動し直します。", tell)
        elif self.pause.passed():
            self._launch(tell)

    def _is_useless(self, tell: Tell) -> bool:
        """Asks it how it is, now and then: whether it will not answer before it is started again."""
        now = clock.monotonic()
        if now - self.last_asked < (LOOK_SECONDS if self.waiting else ASK_SECONDS):
            return False
        self.last_asked = now
        health = self.database.health(seconds=PATIENCE_SECONDS if self.waiting else ANSWER_SECONDS)
        if health == "well" and self.waiting:
            self.waiting, self.last_message = False, ""
            self.database.tell_answers()
            tell("データベースが答えるようになりました。")
        elif health == "panicked":
            self._say("データベースが、どの命令も受け付けなくなりました。起動し直します。", tell)
        elif health == "failed":
            self._say(self.database.why_failed(), tell)
        return health in {"panicked", "failed"}

    def _launch(self, tell: Tell) -> None:
        try:
            self.database.launch_again()
        except GuideError as error:
            self._say(error.message, tell)
        except OSError as error:
            self._say(f"データベースを起動し直せません（{error.strerror}）。", tell)

    def _say(self, text: str, tell: Tell) -> None:
        """Says it, unless it was the last thing said."""
        if text != self.last_message:
            tell(text)
        self.last_message = text


@dataclass(slots=True)
class Shortage:
    """Says once when the disk gets too full for writes, and once when it has room again."""

    space: Space
    short: bool = False

    def look(self, tell: Tell) -> None:
        """One look at the disk."""
        short = self.space.is_short()
        if short and not self.short:
            tell(f"{self.space.sentence()}空きができるまで、職員の変更と取り込みを断ります。住民への案内は続けます。")
        elif self.short and not short:
            tell("ディスクに空きができました。職員の変更と取り込みを、また受け付けます。")
        self.short = short


def prepared_database(
    settings: Settings, stack: ExitStack, tell: Tell
) -> tuple[lockfile.Claim | None, embedded.Embedded | None]:
    """The claim on the data directory and its database, not started yet; nothing where the settings name another."""
    if settings.neo4j_uri is not None:
        return None, None
    claim = stack.enter_context(lockfile.claim(embedded.data_dir(settings), command="serve"))
    return claim, embedded.prepared(settings, claim, tell=tell)


def launched(database: embedded.Embedded, stack: ExitStack, tell: Tell) -> Address:
    """Where the database will answer; it is stopped after everything that comes later."""
    stack.callback(database.stop)
    return database.launch(tell)


def wait_for_external(address: Address, tell: Tell) -> None:
    """Returns when the database of the settings answers. CannotStart when it does not within a minute."""
    tell(f"{address.uri} のデータベースを待っています…")
    deadline = clock.monotonic() + EXTERNAL_SECONDS
    while not asyncio.run(answers(address)):
        if clock.monotonic() > deadline:
            raise CannotStart(
                f"{address.uri} のデータベースが答えません。TETSUZUKI_NEO4J_ で始まる設定を確かめてください。"
            )
        time.sleep(0.5)


@contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    with bind(settings.host, settings.port) as listening:
        yield listening


@contextmanager
def web_workers(settings: Settings, listening: socket.socket, address: Address) -> Iterator[list[Worker]]:
    """The web workers, all told to stop at once at the end. The password goes by environment: others cannot see it."""
    space = embedded.space(settings)
    environment = child_environment(
        **({"store_dir": str(space.folder)} if space else {}),
        neo4j_uri=address.uri,
        neo4j_user=address.user,
        neo4j_password=address.password,
        neo4j_database=address.database,
    )
    workers = [Worker(listening, environment) for _ in range(settings.workers)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        _stop([worker.child for worker in workers if worker.child is not None])


def _stop(running: list[children.Child]) -> None:
    for child in running:
        child.ask_to_stop()
    deadline = clock.monotonic() + WORKER_STOP_SECONDS
    for child in running:
        child.stop(seconds=max(0.0, deadline - clock.monotonic()))


def wait_for_first_page(listening: socket.socket, workers: list[Worker]) -> None:
    """Returns when the workers have answered the beginnings of all interviews, so that the first resident does not wait
    for the database; after a while also without (a store may have no live edition).

    Errors: CannotStart when a worker ends, its reason is above, or when none answers at all.
    """
    deadline = clock.monotonic() + FIRST_PAGE_SECONDS
    ready = 0  # any of them may be asked: each has to be met
    while ready < 2 * len(workers):
        if not all(worker.is_alive() for worker in workers):
            raise CannotStart("Web サーバーが起動できませんでした。理由は上に表示されています。")
        if clock.monotonic() > deadline:
            if _answers(listening, "/health/live"):
                return
            raise CannotStart("Web サーバーが、いつまでも答えません。")
        ready = ready + 1 if _answers(listening, "/health/ready") else 0
        time.sleep(LOOK_SECONDS)


def _answers(listening: socket.socket, path: str) -> bool:
    host, port = listening.getsockname()[:2]
    reachable_host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(reachable_host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(settings: Settings, database: embedded.Embedded | None, workers: list[Worker], *, tell: Tell) -> None:
    """Starts again whatever ends, until an exception ends the watch."""
    space = embedded.space(settings)
    shortage = None if space is None else Shortage(space)
    revival = None if database is None or space is None else Revival(database, space)
    while True:
        if shortage is not None:
            shortage.look(tell)
        if revival is not None:
            revival.look(tell)
        for worker in workers:
            if not worker.is_alive() and worker.pause.seconds <= 1.0:
                tell("Web サーバーのプロセスが終わったので、起動し直します。")
            worker.start()
        time.sleep(LOOK_SECONDS)

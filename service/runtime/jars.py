"""The jars of Neo4j: fetched once into the cache, in parallel, and trusted only when they match the lock file."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from service.errors import CannotStart
from service.settings import ROOT, Settings

LOCK = ROOT / "ops" / "neo4j.lock"
MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
SERVER = "org/neo4j/neo4j/"
THREADS = 8
ATTEMPTS = 4
RETRY_SECONDS = 0.5
TIMEOUT_SECONDS = 60
CHUNK_BYTES = 1 << 18

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: what the file must be, and where the repository keeps it."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        """The file's name in the cache."""
        return self.path.rpartition("/")[2]


def locked(lock: Path = LOCK) -> tuple[Jar, ...]:
    """Every jar of the lock file."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    fields = (line.split() for line in lines if line and not line.startswith("#"))
    return tuple(Jar(sha256, int(size), path) for sha256, size, path in fields)


def version(jars: tuple[Jar, ...]) -> str:
    """The server's version that the lock names; ValueError for a lock without the server."""
    for jar in jars:
        if jar.path.startswith(SERVER):
            return jar.path.removeprefix(SERVER).partition("/")[0]
    raise ValueError("the lock does not name the Neo4j server")


def home(settings: Settings) -> Path:
    """The folder of this Neo4j version in the cache, shared by every checkout of this user."""
    return settings.cache_dir.expanduser().resolve() / f"neo4j-{version(locked())}"


def library(settings: Settings) -> Path:
    """The folder with the jars."""
    return home(settings) / "lib"


def missing(folder: Path, jars: tuple[Jar, ...]) -> list[Jar]:
    """The jars that are not in the folder with their size (a file gets its name only after its hash was right)."""
    return [jar for jar in jars if not _has_size(folder / jar.name, jar.size)]


def damaged(folder: Path, jars: tuple[Jar, ...]) -> list[Jar]:
    """The jars that are missing or whose content is not the lock's; reads every byte."""
    return [jar for jar in jars if not matches(folder / jar.name, jar)]


def matches(file: Path, jar: Jar) -> bool:
    """Whether the file is there with the size and the hash of the lock."""
    if not _has_size(file, jar.size):
        return False
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == jar.sha256


def fetch(settings: Settings, tell: Tell, *, jars: tuple[Jar, ...] | None = None) -> Path:
    """The folder with every jar of the lock, fetching what is missing.

    Errors: CannotStart when the repository cannot be reached or serves something else, or the cache cannot be written.
    """
    locked_jars = locked() if jars is None else jars
    folder = library(settings)
    if not missing(folder, locked_jars):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _exclusive(folder.parent / "fetch.lock", tell):
            _remove_partial_files(folder)
            if lacking := missing(folder, locked_jars):
                _fetch_all(lacking, folder, settings, tell)
    except OSError as error:
        raise CannotStart(
            f"キャッシュ {folder} に書き込めません（{error.strerror}）。TETSUZUKI_CACHE_DIR で場所を変えられます。"
        ) from error
    return folder


def base_url(settings: Settings) -> str:
    """The address of the Maven repository, without a slash at its end."""
    return (settings.maven_url or MAVEN_CENTRAL).rstrip("/")


def trust(settings: Settings) -> ssl.SSLContext:
    """The certificates to trust: the machine's (or SSL_CERT_FILE's), and those of the CA bundle setting."""
    context = ssl.create_default_context()
    if settings.ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_bundle)
        except (OSError, ssl.SSLError) as error:
            raise CannotStart(f"TETSUZUKI_CA_BUNDLE の {settings.ca_bundle} を読めません。") from error
    return context


def _has_size(file: Path, size: int) -> bool:
    try:
        return file.stat().st_size == size
    except OSError:
        return False


@contextmanager
def _exclusive(lock: Path, tell: Tell) -> Iterator[None]:
    """Lets one process in at a time; says so when it has to wait for another."""
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("別の処理が Neo4j を取得しています。終わるのを待っています…")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _remove_partial_files(folder: Path) -> None:
    """Removes what an interrupted fetch left."""
    for partial_file in folder.glob("*.part"):
        partial_file.unlink(missing_ok=True)


def _fetch_all(jars: list[Jar], folder: Path, settings: Settings, tell: Tell) -> None:
    """Fetches every jar; the first failure, or Ctrl-C, stops the rest.

    The threads are daemons, because one that waits for a slow server must not keep an ended process alive.
    """
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust(settings)))
    source = _Source(opener, base_url(settings), folder, threading.Event())
    waiting: SimpleQueue[Jar] = SimpleQueue()
    results: SimpleQueue[int | Exception] = SimpleQueue()
    for jar in jars:
        waiting.put(jar)
    try:
        for _ in range(min(THREADS, len(jars))):
            threading.Thread(target=source.work, args=(waiting, results), daemon=True).start()
        _report([jar.size for jar in jars], (_size_or_raise(results.get()) for _ in jars), tell)
    finally:
        source.stop.set()


def _size_or_raise(result: int | Exception) -> int:
    if isinstance(result, Exception):
        raise result
    return result


def _report(sizes: Sequence[int], fetched_sizes: Iterator[int], tell: Tell) -> None:
    """Says how far it is: a bar at a terminal, elsewhere a line each tenth of the way."""
    total = max(sum(sizes), 1)
    tell(f"Neo4j を取得しています（{total / 1e6:.0f} MB）…")
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    fetched = tenth = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=total)
        for size in fetched_sizes:
            fetched += size
            progress.update(bar, completed=fetched)
            if not console.is_terminal and fetched * 10 // total > tenth:
                tenth = fetched * 10 // total
                tell(f"  {fetched / 1e6:.0f} / {total / 1e6:.0f} MB")


class _Stopped(Exception):
    """Another thread failed, or the user stopped everything."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A repository to fetch from until `stop` is set."""

    opener: urllib.request.OpenerDirector
    base: str
    folder: Path
    stop: threading.Event

    def work(self, waiting: SimpleQueue[Jar], results: SimpleQueue[int | Exception]) -> None:
        """Fetches jars until none waits; each is answered by its size, or by what prevented it."""
        while not self.stop.is_set():
            try:
                results.put(self.fetch(waiting.get_nowait()))
            except Empty:
                return
            except Exception as error:
                results.put(error)

    def fetch(self, jar: Jar) -> int:
        """The bytes of the jar, which is in the folder afterwards under its name."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._fetch_once(jar)
            except (
                urllib.error.URLError,
                http.client.HTTPException,
                TimeoutError,
                ConnectionError,
                ssl.SSLError,
            ) as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                if attempt == ATTEMPTS or not _is_transient(error):
                    raise CannotStart(self._unreachable(jar, error)) from error
                time.sleep(RETRY_SECONDS * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _fetch_once(self, jar: Jar) -> int:
        partial_file = self.folder / f"{jar.name}.{threading.get_ident()}.part"
        digest = hashlib.sha256()
        size = 0
        url = f"{self.base}/{jar.path}"
        try:
            with self.opener.open(url, timeout=TIMEOUT_SECONDS) as answer, partial_file.open("wb") as file:
                while chunk := answer.read(CHUNK_BYTES):
                    if self.stop.is_set():
                        raise _Stopped
                    size += len(chunk)
                    digest.update(chunk)
                    file.write(chunk)
                    if size > jar.size:
                        break
            if size < jar.size:
                raise http.client.IncompleteRead(b"", jar.size - size)
            if (size, digest.hexdigest()) != (jar.size, jar.sha256):
                raise CannotStart(f"{url} の内容が ops/neo4j.lock と違います。取得先を確かめてください。")
            partial_file.replace(self.folder / jar.name)
        finally:
            partial_file.unlink(missing_ok=True)
        return size

    def _unreachable(self, jar: Jar, error: Exception) -> str:
        reason = getattr(error, "reason", None) or error
        return (
            f"{self.base}/{jar.path} を取得できません（{reason}）。"
            "ミラーは TETSUZUKI_MAVEN_URL、プロキシは https_proxy、独自の認証局は TETSUZUKI_CA_BUNDLE で指定できます。"
        )


def _is_transient(error: Exception) -> bool:
    """Whether another attempt may succeed: not for a refused certificate, or an answer such as 404."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in {408, 425, 429} or error.code >= 500
    reason = getattr(error, "reason", error)
    return not isinstance(reason, ssl.SSLCertVerificationError)

"""Jars are fetched in parallel, verified, kept, and never half there."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.errors import CannotStart
from service.runtime import jars
from service.runtime.jars import Jar
from service.settings import Settings


@dataclass
class Repository:
    """A Maven repository on loopback: its files, and how often each was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=dict)
    url: str = ""

    def put(self, name: str, content: bytes) -> Jar:
        """Serves the content; its line of a lock."""
        path = f"org/example/{name}/1/{name}-1.jar"
        self.files[f"/maven/{path}"] = content
        return Jar(hashlib.sha256(content).hexdigest(), len(content), path)

    def fault(self, jar: Jar, *kinds: str) -> None:
        """The next answers for the jar go wrong in these ways, one after the other."""
        self.faults[f"/maven/{jar.path}"] = list(kinds)

    def times(self, jar: Jar) -> int:
        """How often the jar was asked for."""
        return self.asked[f"/maven/{jar.path}"]


def handler(repository: Repository) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.asked[self.path] += 1
            kinds = repository.faults.get(self.path, [])
            kind = kinds.pop(0) if kinds else "none"
            content = repository.files.get(self.path)
            if kind == "busy" or content is None:
                self.send_error(503 if kind == "busy" else 404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write({"short": content[:-1], "other": b"x" * len(content)}.get(kind, content))

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setattr(jars, "RETRY_SECONDS", 0.001)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    found = Repository()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    found.url = f"http://127.0.0.1:{server.server_port}/maven/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def own(tmp_path: Path, repository: Repository) -> Settings:
    return Settings(cache_dir=tmp_path / "cache", maven_url=repository.url)


def files(settings: Settings) -> dict[str, bytes]:
    """What is in the cache's folder of jars."""
    return {file.name: file.read_bytes() for file in jars.library(settings).iterdir()}


def test_every_jar_is_fetched_once_and_kept(repository: Repository, own: Settings) -> None:
    wanted = tuple(repository.put(f"part{number}", bytes([number]) * 5000) for number in range(30))
    told: list[str] = []
    folder = jars.fetch(own, told.append, jars=wanted)
    assert folder == jars.library(own)
    assert files(own) == {jar.name: repository.files[f"/maven/{jar.path}"] for jar in wanted}
    assert told[-1] == "  0 / 0 MB" and len(told) == 11
    jars.fetch(own, told.append, jars=wanted)
    assert set(repository.asked.values()) == {1}
    assert len(told) == 11, "nothing is said when nothing is fetched"


def test_only_what_is_missing_is_fetched(repository: Repository, own: Settings) -> None:
    first, second, third = (repository.put(name, name.encode() * 100) for name in ("one", "two", "three"))
    jars.fetch(own, print, jars=(first,))
    (jars.library(own) / f"{second.name}.1.part").write_bytes(b"left by a killed process")
    (jars.library(own) / third.name).write_bytes(b"cut off")
    jars.fetch(own, print, jars=(first, second, third))
    assert repository.times(first) == 1
    assert files(own).keys() == {first.name, second.name, third.name}
    assert jars.damaged(jars.library(own), (first, second, third)) == []


@pytest.mark.parametrize("kind", ["busy", "short"])
def test_what_may_pass_is_tried_again(repository: Repository, own: Settings, kind: str) -> None:
    jar = repository.put("late", b"content" * 1000)
    repository.fault(jar, kind, kind, kind)
    jars.fetch(own, print, jars=(jar,))
    assert repository.times(jar) == 4
    assert jars.damaged(jars.library(own), (jar,)) == []


@pytest.mark.parametrize("kind", ["busy", "short"])
def test_what_does_not_pass_is_told(repository: Repository, own: Settings, kind: str) -> None:
    jar = repository.put("never", b"content" * 1000)
    repository.fault(jar, *[kind] * 20)
    with pytest.raises(CannotStart, match=r"never-1\.jar を取得できません.*TETSUZUKI_MAVEN_URL") as told:
        jars.fetch(own, print, jars=(jar,))
    assert repository.url.rstrip("/") in told.value.message
    assert repository.times(jar) == jars.ATTEMPTS
    assert files(own) == {}


def test_a_proxy_of_the_environment_is_used(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = repository.put("behind", b"content")
    repository.files[f"http://maven.invalid/maven/{jar.path}"] = b"content"
    monkeypatch.setenv("http_proxy", repository.url.removesuffix("/maven/"))
    own = Settings(cache_dir=tmp_path / "cache", maven_url="http://maven.invalid/maven")
    jars.fetch(own, print, jars=(jar,))
    assert repository.asked == {f"http://maven.invalid/maven/{jar.path}": 1}


def test_other_content_is_refused_at_once(repository: Repository, own: Settings) -> None:
    jar = repository.put("changed", b"content" * 1000)
    repository.fault(jar, *["other"] * 20)
    with pytest.raises(CannotStart, match=r"ops/neo4j\.lock と違います"):
        jars.fetch(own, print, jars=(jar,))
    assert repository.times(jar) == 1
    assert files(own) == {}


def test_longer_content_is_refused(repository: Repository, own: Settings) -> None:
    real = repository.put("longer", b"content" * 1000)
    jar = Jar(real.sha256, real.size - 7, real.path)
    with pytest.raises(CannotStart, match=r"ops/neo4j\.lock と違います"):
        jars.fetch(own, print, jars=(jar,))
    assert files(own) == {}


def test_a_missing_file_is_told_without_another_attempt(repository: Repository, own: Settings) -> None:
    jar = Jar("0" * 64, 10, "org/example/absent/1/absent-1.jar")
    with pytest.raises(CannotStart, match="取得できません"):
        jars.fetch(own, print, jars=(jar,))
    assert repository.times(jar) == 1


def test_two_processes_do_not_fetch_the_same(repository: Repository, own: Settings) -> None:
    wanted = tuple(repository.put(f"shared{number}", bytes([number]) * 50_000) for number in range(20))
    folders: list[Path] = []
    threads = [
        threading.Thread(target=lambda: folders.append(jars.fetch(own, lambda _: None, jars=wanted))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert folders == [jars.library(own)] * 3
    assert set(repository.asked.values()) == {1}


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "file").write_text("in the way")
    own = Settings(cache_dir=tmp_path / "file", maven_url=repository.url)
    with pytest.raises(CannotStart, match="TETSUZUKI_CACHE_DIR"):
        jars.fetch(own, print, jars=(repository.put("any", b"any"),))


def test_a_bundle_that_is_none_is_told(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    with pytest.raises(CannotStart, match="TETSUZUKI_CA_BUNDLE"):
        jars.trust(Settings(ca_bundle=bundle))


def test_the_lock_names_the_server_and_no_file_twice() -> None:
    locked = jars.locked()
    names = Counter(jar.name for jar in locked)
    assert jars.version(locked).startswith("5.26.")
    assert [name for name, times in names.items() if times > 1] == []
    assert all(len(jar.sha256) == 64 and jar.size > 0 and jar.name.endswith(".jar") for jar in locked)


def test_maven_central_is_asked_unless_a_mirror_is_named() -> None:
    assert jars.base_url(Settings(maven_url=None)) == "https://repo1.maven.org/maven2"
    assert jars.base_url(Settings(maven_url="https://mirror.example/maven/")) == "https://mirror.example/maven"

"""The console script as a process, and a small content to serve."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from service.settings import Settings

CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "death", "name": "死亡", "date_label": "亡くなった日"}],
    "questions": [
        {
            "key": "pension",
            "text": "年金を受けていましたか。",
            "kind": "one",
            "options": [{"key": "pension/yes", "label": "はい"}, {"key": "pension/no", "label": "いいえ"}],
        },
        {
            "key": "things",
            "text": "次のうち、お持ちだったものはどれですか。",
            "kind": "many",
            "position": 1,
            "options": [{"key": "things/car", "label": "軽自動車"}, {"key": "things/dog", "label": "犬"}],
        },
    ],
    "conditions": [
        {"key": "always", "label": "ご家族が亡くなった", "life_events": ["death"], "selects": ["notice"]},
        {
            "key": "pensioner",
            "label": "年金を受けていた",
            "life_events": ["death"],
            "requires": [["pension/yes"]],
            "selects": ["pension-end"],
        },
        {
            "key": "dog-owner",
            "label": "犬を飼っていた",
            "life_events": ["death"],
            "requires": [["things/dog"]],
            "selects": ["dog-change"],
        },
    ],
    "procedures": [
        {"key": "notice", "name": "死亡届"},
        {"key": "pension-end", "name": "年金の受給停止"},
        {"key": "dog-change", "name": "犬の登録の変更"},
    ],
}
NOWHERE = {"neo4j_uri": "bolt://127.0.0.1:1", "neo4j_password": "unused"}
"""Settings of a database that is not there."""
READY = re.compile(r"準備ができました： (http://\S+/)")


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with these settings and no others of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TETSUZUKI_NEO4J")}
    return {**kept, **{f"TETSUZUKI_{name.upper()}": value for name, value in settings.items()}}


def names(settings: Settings) -> dict[str, str]:
    """Settings of a process on the same store, with the same evidence of its history."""
    assert settings.neo4j_uri and settings.neo4j_password
    return {
        "data_dir": str(settings.data_dir),
        "neo4j_uri": settings.neo4j_uri,
        "neo4j_user": settings.neo4j_user,
        "neo4j_password": settings.neo4j_password.get_secret_value(),
        "neo4j_database": settings.neo4j_database,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "service", *arguments]


def run(*arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """The finished command, to which somebody typed the lines."""
    return subprocess.run(
        command(*arguments),
        env=environment(**settings),
        capture_output=True,
        text=True,
        input=typed,
        timeout=200,
        check=False,
    )


def content_file(folder: Path, content: dict[str, Any] = CONTENT) -> Path:
    """A file with the content: JSON is YAML too."""
    file = folder / "content.yaml"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


@dataclass
class Serving:
    """A `tetsuzuki serve` and every line it has said."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Collects lines until the end."""
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def said(self, words: str, *, seconds: float = 120) -> bool:
        """Whether a line has the words, within so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(words in line for line in self.lines):
                return True
            if self.process.poll() is not None and not self.thread.is_alive():
                return any(words in line for line in self.lines)
            time.sleep(0.05)
        return False

    def url(self) -> str:
        """The address that it prints when it is ready."""
        assert self.said("準備ができました"), "".join(self.lines)
        found = READY.search("".join(self.lines))
        assert found is not None
        return found[1]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status after the signal."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def __post_init__(self) -> None:
        self.thread = Thread(target=self.read, daemon=True)
        self.thread.start()


@contextmanager
def serving(*, port: str = "0", **settings: str) -> Iterator[Serving]:
    """A server, on a free port unless one is given; killed at the end if it still runs."""
    process = subprocess.Popen(
        command("serve"),
        env=environment(port=port, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = Serving(process)
    try:
        yield found
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)
        found.thread.join(30)
        assert process.stdout is not None
        process.stdout.close()


def get(url: str, path: str = "") -> int:
    """The status of a page, 0 where nobody answers."""
    try:
        return httpx.get(url + path, trust_env=False, timeout=20).status_code
    except httpx.TransportError:
        return 0


def becomes(url: str, path: str, *, statuses: Sequence[int], seconds: float = 90) -> bool:
    """Whether the page has one of the statuses within so many seconds."""
    end = time.monotonic() + seconds
    while (status := get(url, path)) not in statuses and time.monotonic() < end:
        time.sleep(0.1)
    return status in statuses

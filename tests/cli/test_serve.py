"""`tetsuzuki serve` as a process: start, watch, stop, and what a second one says."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from service.runtime import children, jvm, lockfile
from tests.cli.running import CONTENT, becomes, content_file, get, run, serving

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """Settings of a data directory and a small first edition."""
    (tmp_path / "seed").mkdir()
    content_file(tmp_path / "seed")
    return {"data_dir": str(tmp_path / "data"), "seed": str(tmp_path / "seed")}


def holder(place: dict[str, str]) -> lockfile.Holder:
    found = lockfile.holder(Path(place["data_dir"]))
    assert found is not None
    return found


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def worker_pids(pid: int) -> list[int]:
    return [child for child in children_of(pid) if "service.worker" in children.command_line(child)]


def test_it_serves_shares_its_database_and_leaves_nothing(place: dict[str, str]) -> None:
    with serving(workers="2", **place) as server:
        url = server.url()
        assert get(url) == 200
        assert len(worker_pids(server.process.pid)) == 2
        answer = httpx.get(url + "health/ready", trust_env=False)
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert server.said("手続き 3 件")

        second = run("serve", **place)
        assert second.returncode == 1
        assert f"プロセス {server.process.pid}、{url}" in second.stderr

        guided = run("guide", "--event", "death", "--answer", "pension:yes", "--answer", "things:dog", **place)
        assert guided.returncode == 0, guided.stderr
        assert "起動" not in guided.stderr, "the running database is used"
        assert [one["key"] for one in json.loads(guided.stdout)["procedures"]].count("dog-change") == 1

        running = [server.process.pid, *children_of(server.process.pid)]
        assert len(running) == 4
        began = time.monotonic()
        assert server.stop(signal.SIGINT) == 0
        assert time.monotonic() - began < jvm.STOP_SECONDS, "nothing had to be ended by force"
    assert not any(children.is_alive(pid) for pid in running)
    assert get(url) == 0
    assert lockfile.holder(Path(place["data_dir"])) is None
    with serving(**place) as again:
        again.url()
        assert not again.said("公開しました", seconds=0.1), "only a store without an edition is seeded"
        assert again.stop() == 0


def test_what_ends_is_started_again(place: dict[str, str]) -> None:
    with serving(**place) as server:
        url = server.url()
        assert get(url) == 200
        (worker,) = worker_pids(server.process.pid)
        os.kill(worker, signal.SIGKILL)
        assert server.said("Web サーバーのプロセスが終わった")
        assert becomes(url, "", statuses=[200])
        first = holder(place).database_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert server.said("データベースが止まりました")
        assert server.said("データベースが答えるようになりました")
        assert becomes(url, "health/ready", statuses=[200])
        assert holder(place).database_pid not in {None, first}
        assert holder(place).bolt is not None
        assert server.stop() == 0


def test_a_killed_server_is_put_right_by_the_next(place: dict[str, str]) -> None:
    with serving(**place) as server:
        server.url()
        left = children_of(server.process.pid)
        assert len(left) == 2
        server.process.kill()
        server.process.wait(10)
        with serving(**place) as again:
            assert get(again.url()) == 200
            assert not any(children.is_alive(pid) for pid in left)
            assert again.stop() == 0


@pytest.mark.parametrize("words", ["データベースを起動しています", "内容を確かめています"])
def test_a_signal_during_the_start_ends_it(place: dict[str, str], words: str) -> None:
    with serving(**place) as server:
        assert server.said(words)
        time.sleep(0.3)
        running = children_of(server.process.pid)
        assert server.stop() == 0
        assert "終了しました" in "".join(server.lines) or server.said("終了しました", seconds=30)
    assert not any(children.is_alive(pid) for pid in running)
    assert lockfile.holder(Path(place["data_dir"])) is None


def test_a_taken_port_is_told_before_anything_starts(place: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("serve", port=port, **place)
    assert refused.returncode == 1
    assert f"ポート {port} は使われています" in refused.stderr
    assert "データベース" not in refused.stderr


def test_a_first_edition_with_errors_is_refused_with_each_of_them(place: dict[str, str]) -> None:
    wrong = CONTENT | {"procedures": CONTENT["procedures"][:1]}
    content_file(Path(place["seed"]), wrong)
    refused = run("serve", **place)
    assert refused.returncode == 1
    assert "pension-end" in refused.stderr and "dog-change" in refused.stderr
    assert lockfile.holder(Path(place["data_dir"])) is None


def test_a_municipality_that_cannot_be_read_is_told_first(place: dict[str, str], tmp_path: Path) -> None:
    refused = run("serve", municipality=str(tmp_path / "nowhere.yaml"), **place)
    assert refused.returncode == 1
    assert "nowhere.yaml" in refused.stderr
    assert "Traceback" not in refused.stderr and "データベース" not in refused.stderr


def test_who_comes_early_reads_that_it_is_on_its_way(place: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}/"
    with serving(port=port, **place) as server:
        assert becomes(url, "", statuses=[503])
        assert not server.said("準備ができました", seconds=0)
        assert server.url() == url
        assert get(url) == 200
        assert server.stop() == 0


def test_no_line_shows_what_a_resident_asked(place: dict[str, str]) -> None:
    with serving(**place) as server:
        url = server.url()
        assert get(url, "guide?event=death&a=pension:yes") in {200, 303, 307}
        assert get(url, "secret-path-4711?a=b") == 404
        get(url, "guide?event=%00secret-4711")
        assert server.stop() == 0
    said = "".join(server.lines)
    assert '"route"' in said
    assert "pension" not in said and "4711" not in said

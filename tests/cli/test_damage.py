"""Stores that are not what was published: a file cut while nothing runs, or somebody who wrote with the password."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from service.runtime import jvm, lockfile
from tests.cli.running import content_file, run, serving

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own

STARTS_WITHIN = 300.0
ENDS_WITHIN = 300.0
"""From the database's answer on; it is a matter of a second or two, but the machine may be busy."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a seed and the data directory of a guide that was stopped in order."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "seed").mkdir()
    content_file(folder / "seed")
    with serving(**_place(folder)) as server:
        assert server.said("準備ができました", seconds=STARTS_WITHIN), "".join(server.lines)
        assert server.stop() == 0
    yield folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> dict[str, str]:
    """Settings of a copy of it."""
    shutil.copytree(made / "data", tmp_path / "data")
    shutil.copytree(made / "seed", tmp_path / "seed")
    return _place(tmp_path)


def _place(folder: Path) -> dict[str, str]:
    return {"data_dir": str(folder / "data"), "seed": str(folder / "seed")}


def _refused(place: dict[str, str]) -> str:
    """What a server says that does not start."""
    with serving(**place) as server:
        assert server.said("内容を確かめています", seconds=STARTS_WITHIN), "".join(server.lines)
        began = time.monotonic()
        assert not server.said("準備ができました", seconds=ENDS_WITHIN)
        assert server.process.wait(10) == 1 and time.monotonic() - began < ENDS_WITHIN
    said = "".join(server.lines)
    assert "Traceback" not in said, said
    return said


@pytest.mark.parametrize(
    "name", ["neostore.relationshipstore.db", "neostore.nodestore.db", "neostore.propertystore.db.strings"]
)
def test_a_store_with_a_cut_file_is_not_announced_as_ready(place: dict[str, str], name: str) -> None:
    (file,) = (Path(place["data_dir"]) / "neo4j" / "data" / "databases" / "neo4j").glob(name)
    os.truncate(file, 0)
    said = _refused(place)
    assert "案内を始められません。" in said and "控えから戻す" in said
    assert any(words in said for words in ("中身を読めません", "公開中の", "あったはずの版と履歴がありません")), said
    assert "最初の版を公開しました" not in said, "a damaged store is not taken for an empty one"


def _write(place: dict[str, str], statement: str) -> None:
    """A statement with the database's password, beside the program."""
    folder = Path(place["data_dir"])
    holder = lockfile.holder(folder)
    assert holder is not None and holder.bolt is not None
    with neo4j.GraphDatabase.driver(holder.bolt, auth=(jvm.USER, jvm.password(folder / "neo4j"))) as driver:
        driver.execute_query(statement)


def test_what_somebody_wrote_is_told_by_every_command_and_the_way_back_is_as_described(place: dict[str, str]) -> None:
    with serving(**place) as server:
        assert server.said("準備ができました", seconds=STARTS_WITHIN), "".join(server.lines)
        exported = Path(place["data_dir"]).parent / "live.json"
        exported.write_text(run("export", **place).stdout, encoding="utf-8")
        looked = run("doctor", **place)
        assert "○ 公開中の版、ほかの版、変更の履歴は、書き込まれたとおりです" in looked.stdout
        _write(place, "MATCH (:Condition {edition: 1})-[edge:SELECTS]->() WITH edge LIMIT 1 DELETE edge")
        looked, verified = run("doctor", **place), run("history", "verify", "--json", **place)
        assert looked.returncode == verified.returncode == 1
        assert "× 公開中の第1版の内容が、履歴のハッシュと違います" in looked.stdout
        told = json.loads(verified.stdout)
        assert not told["whole"] and [(one["edition"], one["live"]) for one in told["flaws"]] == [(1, True), (1, True)]
        assert server.stop() == 0
    said = _refused(place)
    assert "公開中の第1版の内容が、履歴のハッシュと違います" in said and "tetsuzuki rollback" in said
    assert run("import", str(exported), "--publish", **place).returncode == 0
    with serving(**place) as server:
        assert server.said("準備ができました", seconds=STARTS_WITHIN), "".join(server.lines)
        assert server.stop() == 0


def test_a_history_that_was_cut_is_told_but_does_not_stop_the_guide(place: dict[str, str]) -> None:
    with serving(**place) as server:
        assert server.said("準備ができました", seconds=STARTS_WITHIN), "".join(server.lines)
        assert run("fork", "--title", "下書き", **place).returncode == 0
        _write(place, "MATCH (c:Change {seq: 3}), (e:Edition {number: 2}) DETACH DELETE c, e")
        _write(
            place,
            "MATCH (chain:Chain), (c:Change {seq: 2}) SET chain.seq = 2, chain.head = c.hash",
        )
        assert server.stop() == 0
    with serving(**place) as server:
        assert server.said("準備ができました", seconds=STARTS_WITHIN), "".join(server.lines)
        assert server.said("注意：履歴の 3 番：その後の変更が切り取られているか", seconds=1)
        refused = run("fork", "--title", "次", **place)
        assert refused.returncode == 1 and "tetsuzuki history verify" in refused.stderr
        anchored = run("history", "anchor", "--reason", "試し", **place)
        assert anchored.returncode == 0 and "2 番までの履歴" in anchored.stdout
        assert run("fork", "--title", "次", **place).returncode == 0
        assert server.stop() == 0

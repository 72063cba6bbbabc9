"""The other commands, as processes on the session's Neo4j: results, exit statuses, words."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from service.settings import Settings
from tests.cli.running import CONTENT, NOWHERE, command, content_file, environment, names, run

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own


@pytest.fixture(scope="module")
def store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of the session's Neo4j, on which the small content is live."""
    store = names(settings)
    done = run("import", str(content_file(tmp_path_factory.mktemp("content"))), "--publish", **store)
    assert done.returncode == 0, done.stderr
    return store


def procedures(body: str) -> dict[str, str]:
    return {one["key"]: one["status"] for one in json.loads(body)["procedures"]}


def test_import_tells_the_edition_and_is_idempotent(store: dict[str, str], tmp_path: Path) -> None:
    done = run("import", str(content_file(tmp_path)), "--publish", "--title", "同じ内容", **store)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["created"] is False
    assert len(told["hash"]) == 64
    assert told["counts"]["procedures"] == 3 and told["counts"]["questions"] == 2


def test_an_import_says_who_made_it(store: dict[str, str], tmp_path: Path) -> None:
    content = CONTENT | {"terms": [{"key": "by", "term": "取り込んだ人", "meaning": "履歴に残ります。"}]}
    edition = str(
        json.loads(run("import", str(content_file(tmp_path, content)), "--by", "editor-7", **store).stdout)["edition"]
    )
    (entry,) = json.loads(run("history", "--edition", edition, "--json", **store).stdout)
    assert (entry["action"], entry["by"]) == ("import", "editor-7")


@pytest.mark.parametrize("form", [[], ["--yaml"]])
def test_export_and_import_agree(store: dict[str, str], tmp_path: Path, form: list[str]) -> None:
    out = subprocess.run(command("export", *form), env=environment(**store), capture_output=True, check=True).stdout
    file = tmp_path / ("export.yaml" if form else "export.json")
    file.write_bytes(out)
    assert json.loads(run("import", str(file), "--publish", **store).stdout)["created"] is False
    edition = json.loads(run("guide", "--event", "death", **store).stdout)["edition"]
    again = run("export", "--edition", str(edition["number"]), *form, **store)
    assert again.stdout.encode() == out


def test_guide_prints_the_body_of_the_api(store: dict[str, str]) -> None:
    some = run("guide", "--event", "death", "--answer", "pension:no", **store)
    assert procedures(some.stdout) == {"notice": "applies", "dog-change": "may_apply"}
    assert json.loads(some.stdout)["next_question"] == "things"
    unsure = run("guide", "--event", "death", "--answer", "pension:?", "--answer", "things:", **store)
    assert procedures(unsure.stdout) == {"notice": "applies", "pension-end": "may_apply"}
    several = run("guide", "--event", "death", "--answer", "things:car,dog", "--answer", "pension:yes", **store)
    assert set(procedures(several.stdout).values()) == {"applies"}


def test_compare_says_what_the_page_says_of_life_events_that_come_and_go(store: dict[str, str], tmp_path: Path) -> None:
    """A removed life event was told as 「0 通りで変わります」, by its key."""
    live = json.loads(run("guide", "--event", "death", **store).stdout)["edition"]["number"]
    other = CONTENT | {
        "life_events": [{"key": "birth", "name": "出生"}],
        "conditions": [{**condition, "life_events": ["birth"]} for condition in CONTENT["conditions"]],
    }
    imported = json.loads(run("import", str(content_file(tmp_path, other)), **store).stdout)
    compared = run("compare", str(live), str(imported["edition"]), **store).stdout
    assert "死亡：このライフイベントは、なくなります。" in compared
    assert "出生：新しいライフイベントです。" in compared
    assert "通りで変わります" not in compared and "death" not in compared.partition("住民への影響")[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["guide", "--event", "nobody"], "/life_events/0"),
        (["guide", "--event", "death", "--answer", "nobody:x"], "/answers/0/question"),
        (["guide", "--event", "death", "--answer", "pension:yes,no"], "/answers/0/options"),
        (["guide", "--event", "death", "--date", "death:2026-02-30"], "/dates/death"),
        (["guide", "--event", "death", "--edition", "999999"], "第999999版"),
        (["export", "--edition", "999999"], "999999"),
    ],
)
def test_what_is_refused_has_a_reason_and_status_1(store: dict[str, str], arguments: list[str], words: str) -> None:
    done = run(*arguments, **store)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_content_with_errors_names_them(store: dict[str, str], tmp_path: Path) -> None:
    file = content_file(tmp_path, CONTENT | {"procedures": []})
    done = run("import", str(file), **store)
    assert done.returncode == 1
    assert done.stderr.count("content.yaml:") >= 3
    assert "dog-change" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["import"],
        ["import", "/no/such/file.yaml"],
        ["export", "--edition", "newest"],
        ["export", "--edition", "0"],
        ["guide"],
        ["guide", "--event", "death", "--answer", "pension"],
        ["guide", "--event", "death", "--date", "2026-01-01"],
        ["serve", "now"],
    ],
)
def test_wrong_use_is_status_2(arguments: list[str]) -> None:
    done = run(*arguments, **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr and "--help" in done.stderr


def test_a_near_miss_is_offered() -> None:
    done = run("histroy", **NOWHERE)
    assert done.returncode == 2
    assert "「histroy」というコマンドはありません" in done.stderr and "history" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["history", "--help"], ["export", "--yaml"], ["history"], ["editions", "--json"]]
)
def test_a_reader_that_closes_the_pipe_ends_a_command_quietly(store: dict[str, str], arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        done = subprocess.run(
            command(*arguments), env=environment(**store), stdout=output, stderr=subprocess.PIPE, check=False, text=True
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_setting_is_named_without_its_value() -> None:
    done = run("doctor", workers="secret-4711")
    assert done.returncode == 2
    assert "TETSUZUKI_WORKERS" in done.stderr
    assert "4711" not in done.stderr


def test_a_database_that_is_not_there_is_status_1() -> None:
    done = run("export", **NOWHERE)
    assert done.returncode == 1
    assert "データベース" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_looks_and_changes_nothing(tmp_path: Path, store: dict[str, str]) -> None:
    own = run("doctor", data_dir=str(tmp_path / "data"), cache_dir=str(tmp_path / "cache"), port="1")
    assert own.returncode == 0, own.stdout
    assert "・ Neo4j 5.26" in own.stdout
    assert list(tmp_path.iterdir()) == []
    assert f"○ データベース {store['neo4j_uri']}" in run("doctor", port="1", **store).stdout
    away = run("doctor", port="1", **NOWHERE)
    assert away.returncode == 1
    assert "× データベース bolt://127.0.0.1:1 が答えません" in away.stdout


def test_guide_asks_at_a_terminal(store: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("guide"), env=environment(**store), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        os.close(theirs)
        for line in ("1", "9", "１", "2 3", "2"):
            time.sleep(0.2)
            os.write(ours, f"{line}\n".encode())
        body, asked = asking.communicate(timeout=60)
    os.close(ours)
    assert asking.returncode == 0, asked.decode()
    assert procedures(body.decode()) == {"notice": "applies", "pension-end": "applies", "dog-change": "applies"}
    words = asked.decode()
    assert "死亡" in words and "年金を受けていましたか" in words
    assert "1 から 3 までの番号で答えてください" in words
    assert "「わからない」は、ほかの答えと一緒に選べません" in words


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:7474", "neo4j://", "bolt://127.0.0.1:notaport", "bolt://u:secret-4711@h"]
)
@pytest.mark.parametrize("arguments", [["export"], ["serve"], ["doctor"]], ids=" ".join)
def test_an_address_that_is_none_is_told_with_what_to_do(tmp_path: Path, uri: str, arguments: list[str]) -> None:
    began = time.monotonic()
    done = run(*arguments, neo4j_uri=uri, neo4j_password="unused", data_dir=str(tmp_path), port="0")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "TETSUZUKI_NEO4J_URI を読めません" in said and "neo4j://ホスト名:7687" in said
    assert "Traceback" not in said and "4711" not in said
    assert time.monotonic() - began < 60, "nothing is waited for"

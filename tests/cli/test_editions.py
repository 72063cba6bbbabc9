"""An edition's life by the commands, on the first edition and two workers: drafted, compared, published, taken back."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from service import clock
from service.content import patches
from tests.cli.running import Serving, content_file, run, serving
from tests.cli.test_serve import worker_pids
from tests.seed import seed

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own

SECONDS = 1.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a data directory in which the first edition becomes live."""
    return {"data_dir": str(tmp_path_factory.mktemp("editions") / "data")}


@pytest.fixture(scope="module")
def server(place: dict[str, str]) -> Iterator[Serving]:
    """The service with two workers."""
    with serving(workers="2", **place) as found:
        found.url()
        yield found


def told(place: dict[str, str], *arguments: str, status: int = 0) -> Any:
    """What the command says with --json."""
    done = run(*arguments, "--json", **place)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def _worker(pids: Sequence[int], port: int, mine: int) -> int | None:
    """The worker at the other end of a connection from the port `mine`, as the system knows it."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        if [int(end.split(":")[1], 16) for end in parts[1:3]] == [port, mine]:
            for pid in pids:
                if f"socket:[{parts[9]}]" in {_link(file) for file in Path(f"/proc/{pid}/fd").iterdir()}:
                    return pid
    return None


def _link(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:  # closed meanwhile
        return ""


def _answers(server: Serving, pids: Sequence[int]) -> Iterator[tuple[int | None, int]]:
    """New connections, one after the other: the worker that answered, and the edition that it calls live."""
    parts = urlsplit(server.url())
    while True:
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
            connection.connect()
            mine = connection.sock.getsockname()[1]
            connection.request("GET", "/api/v1/procedures/tennyu")
            number = json.loads(connection.getresponse().read())["edition"]["number"]
            found = _worker(pids, parts.port or 0, mine), number
        yield found


def _reaches_all(server: Serving, number: int) -> None:
    """Within a second both workers answer with the edition, and from then on nobody with another."""
    pids = worker_pids(server.process.pid)
    assert len(pids) == 2
    began = time.monotonic()
    answered: set[int | None] = set()
    late: list[int] = []
    for pid, found in _answers(server, pids):
        if time.monotonic() - began > SECONDS:
            answered.add(pid)
            late.append(found)
        if time.monotonic() - began > 30 or (set(pids) <= answered and len(late) > 40):
            break
    assert set(pids) <= answered
    assert set(late) == {number}


def _changed(place: dict[str, str], number: int) -> dict[str, Any]:
    """A deadline, a new condition, a moved window, and what used the question that is to go."""
    first = {key: deepcopy(dict(item.fields)) for key, item in patches.items(seed()).items()}
    deadline = told(place, "show", str(number), "tennyu")["item"]
    deadline["deadline"]["value"] = 15
    window = first["window-shimin"] | {"building": "総社市役所 新館"}
    used = first["if-birth-first-payment"] | {"requires": [["birth-notice/pregnant"]]}
    new = {
        "key": "if-within-newer-well",
        "label": "井戸を使う方",
        "life_events": ["moving-within"],
        "requires": [["within-other/well"]],
        "selects": ["shomei-saihakko"],
    }
    gone = "kosodate-ouen-shokai"
    touched = [one for one in seed().scenarios if "pregnancy-filed" in one.answers or gone in one.rules_out]
    cases = [first[one.key] for one in touched]
    for case in cases:
        case["answers"].pop("pregnancy-filed", None)
        case["rules_out"] = [key for key in case["rules_out"] if key != gone]
    return {"procedures": [deadline], "windows": [window], "conditions": [used, new], "scenarios": cases}


def test_a_change_of_four_kinds_reaches_residents_on_both_workers_and_is_taken_back(
    server: Serving, place: dict[str, str], tmp_path: Path
) -> None:
    old = next(one for one in told(place, "editions") if one["live"])
    _reaches_all(server, old["number"])
    draft = told(place, "fork", "--title", "四つの変更", "--by", "editor-1")["number"]
    put = _changed(place, draft)
    file = content_file(tmp_path, put)
    keys = [item["key"] for items in put.values() for item in items if item["key"] != "if-within-newer-well"]
    revisions = [part for key in [*keys, "pregnancy-filed"] for part in ("--revision", f"{key}=1")]
    saved = told(
        place,
        "save",
        str(draft),
        "--put",
        str(file),
        "--remove",
        "pregnancy-filed",
        *revisions,
        "--by",
        "editor-1",
        "--note",
        "四つまとめて",
    )
    assert saved["removed"] == ["pregnancy-filed"]
    assert set(saved["changed"]) == {*keys, "if-within-newer-well"}

    review = told(place, "compare", "live", str(draft))
    named = {one["key"] for one in review["content"]}
    assert {"tennyu", "if-within-newer-well", "window-shimin", "pregnancy-filed", "if-birth-first-payment"} <= named
    assert review["decided"] and not review["same_for_residents"]

    unseen = told(place, "publish", str(draft), status=1)
    assert unseen["error"]["code"] and "比較" in unseen["error"]["message"]
    done = told(place, "publish", str(draft), "--seen", review["seen"], "--by", "approver-1")
    assert done["live"] and done["published_by"] == "approver-1"
    _reaches_all(server, draft)

    back = told(place, "rollback", str(old["number"]), "--reason", "試し", "--by", "approver-1")
    assert back["hash"] == old["hash"]
    _reaches_all(server, back["number"])
    assert told(place, "history", "verify")["whole"] is True
    entries = told(place, "history", "--edition", str(draft))
    assert [one["action"] for one in entries] == ["publish", "save", "fork"]


def test_each_command_has_a_body_and_its_errors_too(server: Serving, place: dict[str, str], tmp_path: Path) -> None:
    number = str(told(place, "fork", "--title", "ひととおり")["number"])
    item = told(place, "show", number, "tennyu")
    file = content_file(tmp_path, {"procedures": [item["item"] | {"note": "ひととおり", "basis": "elsewhere"}]})
    tried = told(place, "trial", number, "--put", str(file))
    assert (tried["keys"], tried["same_for_residents"], told(place, "show", number, "tennyu")) == (
        ["tennyu"],
        True,
        item,
    )
    saved = told(place, "save", number, "--put", str(file), "--revision", f"tennyu={item['revision']}")
    collided = told(place, "save", number, "--put", str(file), "--revision", f"tennyu={item['revision']}", status=1)
    assert collided["error"]["code"] == "conflict"
    assert collided["error"]["details"]["theirs"]["note"] == "ひととおり"
    assert told(place, "revert", number, str(saved["seq"]))["changed"] == ["tennyu"]
    assert [one["number"] for one in told(place, "editions", number)] == [int(number)]
    assert told(place, "merge-preview", number)["target"] is None
    assert told(place, "ready", number, status=1)["unchanged"] is True
    assert told(place, "merge", number)["seq"] is None
    events = told(place, "questions", number)
    event, asked = next((one["life_event"], one["figures"]["longest"]) for one in events if one["figures"]["longest"])
    assert told(place, "questions", number, "--event", event, "--move", asked[0]["question"])["life_event"] == event
    assert told(place, "questions", number, "--move", "x", status=1)["error"]["message"]
    assert all(one["severity"] != "blocking" for one in told(place, "check", number))
    assert all(one["green"] for one in told(place, "scenarios", number))
    told(place, "save", number, "--put", str(file), "--revision", "tennyu=3")
    places = told(place, "unconfirmed", number)
    (tennyu,) = [one for window in places for one in window["procedures"] if one["key"] == "tennyu"]
    confirming = ("confirm", number, "--procedure", "tennyu", "--group", "duty")
    assert told(place, *confirming, "--seen", tennyu["seen"])["changed"] == ["tennyu"]
    assert told(place, *confirming, "--seen", tennyu["seen"], status=1)["error"]["code"] == "refused"
    seen = told(place, "compare", "live", number)["seen"]
    assert (told(place, "ready", number)["seen"], told(place, "editions", "--due")) == (seen, [])
    at = (clock.now() + timedelta(days=30)).isoformat(timespec="minutes")
    assert told(place, "schedule", number, "--at", at, "--seen", seen)["waiting"] is True
    again = told(place, "withdraw", number)
    assert again["state"] == "draft"
    assert told(place, "discard", str(again["number"]))["state"] == "discarded"
    assert told(place, "archive", str(again["number"]))[0]["archived"] is True
    assert told(place, "bring-back", str(again["number"]))["archived"] is False
    assert told(place, "archive", "live", status=1)["error"]["message"]
    missing = told(place, "check", "999999", status=1)["error"]
    assert (missing["code"], missing["where"]) == ("not_found", "/edition")


def test_what_becomes_due_while_the_service_is_down_is_live_when_it_is_back(
    server: Serving, place: dict[str, str], tmp_path: Path
) -> None:
    """Runs last: it stops the server of this module."""
    number = str(told(place, "fork", "--title", "停止中に公開")["number"])
    item = told(place, "show", number, "tennyu")
    file = content_file(tmp_path, {"procedures": [item["item"] | {"note": "停止中に公開"}]})
    told(place, "save", number, "--put", str(file), "--revision", f"tennyu={item['revision']}")
    seen = told(place, "compare", "live", number)["seen"]
    at = clock.now() + timedelta(seconds=15)
    assert told(place, "schedule", number, "--at", at.isoformat(), "--seen", seen)["waiting"] is True
    assert server.stop() == 0
    assert clock.now() < at, "the service is down before the moment"
    time.sleep((at - clock.now()).total_seconds() + 0.1)
    with serving(workers="2", **place) as back:
        back.url()
        _reaches_all(back, int(number))
        assert told(place, "history", "verify")["whole"] is True


def test_households_preview_links_and_new_drafts_by_the_commands(server: Serving, place: dict[str, str]) -> None:
    draft = str(told(place, "fork", "--title", "試験ケースとプレビュー")["number"])
    event = seed().life_events[0].key
    kept = told(place, "keep-scenario", draft, "--name", "ひとり", "--event", event)
    assert (kept["changed"], kept["removed"]) == ([kept["key"]], [])
    assert told(place, "show", draft, kept["key"])["item"]["life_events"] == [event]
    link = told(place, "preview-link", draft, "--days", "3", "--note", "市民課に")
    assert link["path"].startswith(f"/preview/{draft}/enter?token=")
    (listed,) = told(place, "previews", draft)
    assert (listed["note"], listed["revoked_at"]) == ("市民課に", None)
    assert told(place, "revoke-link", draft, listed["id"])["revoked_by"] == "operator"
    before = [one["number"] for one in told(place, "editions")]
    refused = told(place, "revert", "new", str(kept["seq"]), status=1)
    assert refused["error"]["code"] == "refused"
    open_ones = [one["number"] for one in told(place, "editions") if one["state"] == "draft"]
    assert set(open_ones) <= set(before)
    back = told(place, "revert", draft, str(kept["seq"]), "--note", "要らなくなった")
    assert back["removed"] == [kept["key"]]
    (entry,) = told(place, "history", "--edition", draft, "--most", "1")
    assert f"{kept['seq']}番の変更を取り消しました" in entry["sentence"] and entry["note"] == "要らなくなった"

"""The staff's API, from a draft to what residents see and back, over HTTP; the same errors as the commands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service import clock
from service.content.canonical import document
from service.settings import Settings
from service.web.staff import auth
from tests.seed import small
from tests.web.reading import ok
from tests.web.serving import publish, staff_session

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = "/api/v1/staff"
KEY = small().procedures[0].key
OTHER = small().procedures[1].key


@pytest.fixture(scope="module")
def session(settings: Settings) -> str:
    """A session of staff."""
    return staff_session(settings)


@pytest.fixture(scope="module")
def staff(service: tuple[FastAPI, httpx.Client], session: str) -> Iterator[httpx.Client]:
    """A program of staff."""
    headers = {"Authorization": f"Bearer {session}"}
    with httpx.Client(base_url=f"{service[1].base_url}{ROOT}", headers=headers, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def live(settings: Settings, staff: httpx.Client) -> int:
    """The first edition is live, and nothing waits."""
    for one in staff.get("/editions").json():
        if one["waiting"]:
            assert staff.post(f"/editions/{one['number']}/withdraw", json={}).status_code == 200
    return publish(settings, small(), title="最初の版")


def _refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    return error


async def test_the_city_confirms_by_a_program(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    _save(staff, number, KEY, basis={"duty": "elsewhere"}, deadline=None, fee="無料")
    windows = ok(staff.get(f"/editions/{number}/unconfirmed"))
    (found,) = [one for window in windows for one in window["procedures"] if one["key"] == KEY]
    assert {"duty", "fee"} <= {group["group"] for group in found["groups"]}
    wanted = {"procedure": KEY, "groups": ["fee"], "seen": found["seen"]}
    assert ok(staff.post(f"/drafts/{number}/confirm", json=wanted))["changed"] == [KEY]
    assert ok(staff.get(f"/editions/{number}/items/{KEY}"))["item"]["basis"] == {"duty": "elsewhere", "fee": "city"}
    _refused(staff.post(f"/drafts/{number}/confirm", json=wanted), 409, "refused")
    _refused(staff.post(f"/drafts/{number}/confirm", json={"window": "x", "procedure": KEY}), 422, "invalid")


def _draft(staff: httpx.Client) -> int:
    return int(ok(staff.post("/drafts", json={"title": "下書き"}), 201)["number"])


def _save(staff: httpx.Client, number: int, key: str, **fields: Any) -> dict[str, Any]:
    """Saves an item with other fields; returns the answer."""
    found = ok(staff.get(f"/editions/{number}/items/{key}"))
    wanted = {"put": {"procedures": [found["item"] | fields]}, "revisions": {key: found["revision"]}}
    saved: dict[str, Any] = ok(staff.post(f"/drafts/{number}/changes", json=wanted))
    return saved


def _publish(staff: httpx.Client, number: int, **more: Any) -> httpx.Response:
    seen = ok(staff.get(f"/editions/{number}/comparison"))["seen"]
    return staff.post(f"/drafts/{number}/publish", json={"seen": seen} | more)


async def test_from_a_draft_to_residents_and_back(staff: httpx.Client, api: httpx.Client, live: int) -> None:
    number = _draft(staff)
    saved = _save(staff, number, KEY, name="新しい名前の届出")
    assert (saved["changed"], saved["removed"], saved["edition"]["number"]) == ([KEY], [], number)
    assert api.get(f"/api/v1/procedures/{KEY}").json()["item"]["name"] != "新しい名前の届出"
    review = ok(staff.get(f"/editions/{number}/comparison"))
    assert [item["key"] for item in review["content"]] == [KEY]
    assert "新しい名前の届出" in review["content"][0]["sentence"]
    assert (review["same_for_residents"], review["decided"]) == (True, True)
    assert len(review["life_events"]) == len(small().life_events)
    done = ok(_publish(staff, number, note="改正"))
    assert (done["live"], done["state"]) == (True, "published")
    assert api.get(f"/api/v1/procedures/{KEY}").json()["item"]["name"] == "新しい名前の届出"
    back = ok(staff.post(f"/editions/{live}/rollback", json={"note": "誤り"}))
    assert (back["live"], back["hash"]) == (True, ok(staff.get(f"/editions/{live}"))["hash"])
    told = ok(staff.get("/history", params={"edition": number}))
    assert [entry["action"] for entry in told] == ["publish", "save", "fork"]
    assert "新しい名前の届出" in told[1]["sentence"]
    item = ok(staff.get("/history", params={"item": KEY, "most": 1}))
    assert [(entry["edition"], entry["action"]) for entry in item] == [(number, "save")]


async def test_what_a_save_would_mean_is_told_and_nothing_is_saved(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    before = ok(staff.get(f"/editions/{number}"))
    conditions = ok(staff.get(f"/editions/{number}/content"))["conditions"]
    selecting = [condition["key"] for condition in conditions if KEY in condition["selects"]]
    tried = ok(staff.post(f"/drafts/{number}/trial", json={"remove": selecting}))
    assert (tried["live"]["number"], tried["keys"], tried["same_for_residents"]) == (live, [], False)
    assert any(event["changed"] for event in tried["life_events"])
    item = ok(staff.get(f"/editions/{number}/items/{KEY}"))["item"]
    named = ok(staff.post(f"/drafts/{number}/trial", json={"put": {"procedures": [item | {"name": "別の名前"}]}}))
    assert (named["keys"], named["same_for_residents"], named["decided"]) == ([KEY], True, True)
    assert ok(staff.get(f"/editions/{number}")) == before
    _refused(staff.post(f"/drafts/{number}/trial", json={"put": {"procedures": [{}]}}), 422, "invalid")


async def test_both_sides_of_a_collision_are_told(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    found = ok(staff.get(f"/editions/{number}/items/{KEY}"))
    _save(staff, number, KEY, note="先")
    wanted = {"put": {"procedures": [found["item"] | {"note": "後"}]}, "revisions": {KEY: found["revision"]}}
    error = _refused(staff.post(f"/drafts/{number}/changes", json=wanted), 409, "conflict")
    assert (error["details"]["mine"]["note"], error["details"]["theirs"]["note"]) == ("後", "先")
    assert error["details"]["by"] == "operator"


async def test_unsound_content_is_refused_with_every_problem(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    found = ok(staff.get(f"/editions/{number}/items/{KEY}"))
    wrong = found["item"] | {"handled_at": ["no-such-window"], "nature": "favour"}
    wanted = {"put": {"procedures": [wrong]}, "revisions": {KEY: found["revision"]}}
    error = _refused(staff.post(f"/drafts/{number}/changes", json=wanted), 422, "invalid_content")
    assert error["details"]["problems"]
    _refused(staff.post(f"/drafts/{number}/changes", json={"put": {"spells": [{"key": "a"}]}}), 422, "invalid")
    _refused(staff.post(f"/drafts/{number}/changes", json={"put": {"procedures": [{}]}}), 422, "invalid")


async def test_two_drafts_meet_in_a_merge(staff: httpx.Client, live: int) -> None:
    first, second = _draft(staff), _draft(staff)
    _save(staff, first, KEY, note="一")
    _save(staff, second, KEY, note="二")
    _save(staff, second, OTHER, note="三")
    ok(_publish(staff, first))
    _refused(_publish(staff, second), 409, "behind")
    error = _refused(staff.post(f"/drafts/{second}/merge", json={}), 409, "conflict")
    assert [conflict["key"] for conflict in error["details"]["conflicts"]] == [KEY]
    ok(staff.post(f"/drafts/{second}/merge", json={"decided": {KEY: "theirs"}}))
    done = ok(_publish(staff, second))
    assert done["live"]
    assert ok(staff.get(f"/editions/{second}/items/{KEY}"))["item"]["note"] == "一"


async def test_what_a_merge_would_do_is_told_before(staff: httpx.Client, live: int) -> None:
    first, second = _draft(staff), _draft(staff)
    nothing = ok(staff.get(f"/drafts/{second}/merge"))
    assert (nothing["target"], nothing["content"], nothing["conflicts"]) == (None, [], [])
    _save(staff, first, KEY, note="一")
    _save(staff, first, OTHER, note="合わせる")
    _save(staff, second, KEY, note="二")
    ok(_publish(staff, first))
    preview = ok(staff.get(f"/drafts/{second}/merge"))
    assert (preview["target"]["number"], preview["draft"]["number"]) == (first, second)
    assert [item["key"] for item in preview["content"]] == [OTHER]
    (conflict,) = preview["conflicts"]
    assert (conflict["key"], conflict["mine"]["note"], conflict["theirs"]["note"]) == (KEY, "二", "一")
    decided = {"decided": {KEY: "mine"}, "revision": preview["revision"]}
    assert ok(staff.post(f"/drafts/{second}/merge", json=decided))["changed"] == [OTHER]
    _refused(staff.get(f"/drafts/{second}/merge", params={"onto": 987654}), 404, "not_found")


async def test_what_stands_against_a_publication_is_told_before(staff: httpx.Client, live: int) -> None:
    first, second = _draft(staff), _draft(staff)
    same = ok(staff.get(f"/editions/{first}/readiness"))
    assert (same["ready"], same["unchanged"], same["behind"]) == (False, True, False)
    _save(staff, first, KEY, note="一")
    _save(staff, second, OTHER, note="二")
    ready = ok(staff.get(f"/editions/{first}/readiness"))
    assert (ready["ready"], ready["before"]["number"], ready["last_editor"]) == (True, live, "operator")
    assert (ready["blocking"], ready["waiting"], ready["barred"]) == ([], [], False)
    ok(staff.post(f"/drafts/{first}/publish", json={"seen": ready["seen"]}))
    behind = ok(staff.get(f"/editions/{second}/readiness"))
    assert (behind["ready"], behind["behind"], behind["before"]["number"]) == (False, True, first)
    later = {"at": (clock.now() + timedelta(days=3)).isoformat()}
    assert ok(staff.get(f"/editions/{second}/readiness", params=later))["behind"]
    _refused(staff.get(f"/editions/{second}/readiness", params={"at": "2020-01-01T00:00:00+09:00"}), 409, "refused")
    _refused(staff.get(f"/editions/{second}/readiness", params={"at": "2020-01-01T00:00:00"}), 422, "invalid")
    _refused(staff.get(f"/editions/{live}/readiness"), 409, "refused")


async def test_the_questions_are_counted_and_moved(staff: httpx.Client, live: int) -> None:
    counted = {one["life_event"]: one for one in ok(staff.get(f"/editions/{live}/interviews"))}
    assert set(counted) == {event.key for event in small().life_events}
    decided = {key: one["figures"] for key, one in counted.items() if one["figures"]}
    event, figures = next((key, one) for key, one in decided.items() if one["most"] > 1)
    assert figures["fewest"] <= figures["mean"] <= figures["most"] == len(figures["longest"])
    question = figures["longest"][-1]["question"]
    moved = ok(staff.get(f"/editions/{live}/interviews/{event}/moves", params={"question": question}))
    assert (moved["life_event"], moved["question"]) == (event, question)
    for move in moved["moves"]:
        assert move["before"] == figures and move["after"]["households"] == figures["households"]
    for event_key, key in ((event, "rocket"), ("rocket", question), (question, question)):
        path = f"/editions/{live}/interviews/{event_key}/moves"
        _refused(staff.get(path, params={"question": key}), 404, "not_found")
    _refused(staff.get(f"/editions/{live}/interviews/{event}/moves"), 422, "invalid")


async def test_the_history_is_verified(staff: httpx.Client, live: int) -> None:
    verification = ok(staff.get("/history/verification"))
    (newest,) = ok(staff.get("/history", params={"most": 1}))
    assert (verification["whole"], verification["flaws"]) == (True, [])
    assert verification["changes"] == newest["seq"]


async def test_a_schedule_and_its_withdrawal(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    _save(staff, number, KEY, note="4月から")
    at = (clock.now() + timedelta(days=30)).isoformat()
    _refused(_publish(staff, number, at=at.partition("+")[0]), 422, "invalid")
    done = ok(_publish(staff, number, at=at))
    assert (done["waiting"], done["live"]) == (True, False)
    copy = ok(staff.post(f"/editions/{number}/withdraw", json={"note": "延期"}))
    assert (copy["state"], copy["hash"]) == ("draft", done["hash"])


async def test_checks_and_scenarios_are_told(staff: httpx.Client, live: int) -> None:
    outcomes = ok(staff.get(f"/editions/{live}/scenarios"))
    assert len(outcomes) == len(small().scenarios)
    assert all(one["green"] and not one["problems"] for one in outcomes)
    number = _draft(staff)
    scenario = next(one for one in small().scenarios if one.expects)
    found = ok(staff.get(f"/editions/{number}/items/{scenario.key}"))
    wrong = {name: value for name, value in found["item"].items() if name not in {"expects", "rules_out"}}
    wanted = {
        "put": {"scenarios": [wrong | {"rules_out": scenario.expects}]},
        "revisions": {scenario.key: found["revision"]},
    }
    ok(staff.post(f"/drafts/{number}/changes", json=wanted))
    red = [one for one in ok(staff.get(f"/editions/{number}/scenarios")) if not one["green"]]
    assert [one["key"] for one in red] == [scenario.key]
    assert red[0]["problems"]
    blocking = [one for one in ok(staff.get(f"/editions/{number}/findings")) if one["severity"] == "blocking"]
    assert [one["keys"][0] for one in blocking] == [scenario.key]
    _refused(_publish(staff, number), 409, "not_ready")


async def test_a_change_is_taken_back_and_an_item_restored(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    before = ok(staff.get(f"/editions/{number}"))["hash"]
    saved = _save(staff, number, KEY, note="一")
    ok(staff.post(f"/drafts/{number}/revert", json={"seq": saved["seq"]}))
    assert ok(staff.get(f"/editions/{number}"))["hash"] == before
    restored = ok(staff.post(f"/drafts/{number}/revert", json={"seq": saved["seq"], "key": KEY}))
    assert restored["changed"] == [KEY]
    assert ok(staff.get(f"/editions/{number}/items/{KEY}"))["item"]["note"] == "一"


async def test_an_archived_edition_comes_back(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    _save(staff, number, KEY, note="捨てる")
    gone = ok(staff.post(f"/drafts/{number}/discard", json={"note": "やめた"}))
    assert gone["state"] == "discarded"
    assert ok(staff.post(f"/editions/{number}/archive"))["archived"]
    assert ok(staff.get(f"/editions/{number}/items/{KEY}"))["item"]["note"] == "捨てる"
    back = ok(staff.post(f"/editions/{number}/bring-back"))
    assert (back["archived"], back["hash"]) == (False, gone["hash"])


async def test_items_and_options_without_keys_get_them_from_their_names(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    question = {"text": "いぬをかっていますか", "kind": "one", "options": [{"label": "はい"}, {"label": "いいえ"}]}
    terms = [{"term": "かな", "meaning": "文字です。"}, {"term": "かな", "meaning": "同じ名前です。"}]
    saved = ok(staff.post(f"/drafts/{number}/changes", json={"put": {"questions": [question], "terms": terms}}))
    made = [key for key in saved["changed"] if not key.startswith("term-")]
    new = [key for key in saved["changed"] if key.startswith("term-")]
    assert len(new) == 2 and all(re.fullmatch("term-kana(-[0-9]+)?", key) for key in new)
    found = ok(staff.get(f"/editions/{number}/items/{made[0]}"))["item"]
    assert re.fullmatch("inuokatteimasuka(-[0-9]+)?", found["key"])
    assert [option["key"] for option in found["options"]] == [f"{found['key']}/hai", f"{found['key']}/iie"]
    nameless = staff.post(f"/drafts/{number}/changes", json={"put": {"terms": [{"meaning": "名前がない"}]}})
    assert "言葉（term）" in _refused(nameless, 422, "invalid")["message"]


async def test_a_change_is_reverted_in_a_new_draft_that_goes_where_that_fails(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    before = ok(staff.get(f"/editions/{live}/items/{KEY}"))["item"].get("note")
    saved = _save(staff, number, KEY, note="公開する")
    ok(_publish(staff, number))
    back = ok(staff.post("/drafts/revert", json={"seq": saved["seq"], "key": KEY, "side": "before"}), 201)
    assert back["edition"]["state"] == "draft" and back["changed"] == [KEY]
    assert ok(staff.get(f"/editions/{back['edition']['number']}/items/{KEY}"))["item"].get("note") == before
    (entry,) = ok(staff.get("/history", params={"edition": back["edition"]["number"], "most": 1}))
    assert entry["action"] == "restore" and f"{saved['seq']}番の変更の前" in entry["sentence"]
    drafts = [one["number"] for one in ok(staff.get("/editions")) if one["state"] == "draft"]
    _refused(staff.post("/drafts/revert", json={"seq": back["seq"]}), 409, "refused")
    _refused(staff.post("/drafts/revert", json={"seq": saved["seq"], "key": KEY, "side": "after"}), 422, "invalid")
    assert [one["number"] for one in ok(staff.get("/editions")) if one["state"] == "draft"] == drafts


async def test_a_household_and_a_printed_code_are_kept_as_scenarios(
    staff: httpx.Client, api: httpx.Client, live: int
) -> None:
    number = _draft(staff)
    event = small().life_events[0].key
    asked = api.post("/api/v1/guidance", json={"life_events": [event]}).json()
    kept = ok(staff.post(f"/drafts/{number}/scenarios", json={"name": "ひとり", "life_events": [event]}), 201)
    item = ok(staff.get(f"/editions/{number}/items/{kept['key']}"))["item"]
    applies = {one["key"] for one in asked["procedures"] if one["status"] == "applies"}
    assert (item["name"], item["life_events"], set(item.get("expects", []))) == ("ひとり", [event], applies)
    code = ok(staff.post(f"/drafts/{number}/scenarios", json={"name": "印刷", "code": f"{live}-{asked['code']}"}), 201)
    again = ok(staff.get(f"/editions/{number}/items/{code['key']}"))["item"]
    assert again["life_events"] == [event]
    unknown = {"name": "x", "life_events": [event], "answers": [{"question": "no-such", "options": []}]}
    _refused(staff.post(f"/drafts/{number}/scenarios", json=unknown), 422, "invalid")
    _refused(staff.post(f"/drafts/{number}/scenarios", json={"name": "x"}), 422, "invalid")
    _refused(staff.post(f"/drafts/{live}/scenarios", json={"name": "x", "life_events": [event]}), 409, "refused")


async def test_preview_links_are_made_listed_and_taken_back(staff: httpx.Client, api: httpx.Client, live: int) -> None:
    number = _draft(staff)
    made = ok(staff.post(f"/editions/{number}/previews", json={"days": 3, "note": "市民課に"}), 201)
    assert api.get(made["path"], follow_redirects=False).status_code == 303
    (link,) = ok(staff.get(f"/editions/{number}/previews"))
    assert (link["edition"], link["note"], link["revoked_at"]) == (number, "市民課に", None)
    _refused(staff.post(f"/editions/{live}/previews/{link['id']}/revoke"), 404, "not_found")
    gone = ok(staff.post(f"/editions/{number}/previews/{link['id']}/revoke"))
    assert gone["revoked_by"] == "operator"
    assert api.get(made["path"], follow_redirects=False).status_code == 404
    _refused(staff.post(f"/editions/{number}/previews", json={"days": 91}), 422, "invalid")
    _refused(staff.post(f"/editions/{live}/previews", json={"days": 3}), 410, "preview_ended")


async def test_content_is_imported_once_and_larger_than_other_requests(staff: httpx.Client, live: int) -> None:
    whole = document(small())
    long = "取り込んだ言葉です。" * 100
    whole["terms"] += [{"key": f"long-{number}", "term": f"言葉{number}", "meaning": long} for number in range(100)]
    assert len(json.dumps(whole)) > 256 * 1024
    done = ok(staff.post("/editions", json={"title": "取り込み", "content": whole}), 201)
    assert (done["created"], done["edition"]["state"]) == (True, "draft")
    assert done["counts"]["procedures"] == len(small().procedures)
    exported = staff.get(f"/editions/{done['edition']['number']}/content")
    assert hashlib.sha256(exported.content).hexdigest() == done["edition"]["hash"]
    again = ok(staff.post("/editions", json={"title": "もう一度", "content": exported.json()}), 201)
    assert (again["created"], again["edition"]["number"]) == (False, done["edition"]["number"])
    _refused(
        staff.post("/editions", json={"title": "x", "content": {"format": 2, "terms": [{}]}}), 422, "invalid_content"
    )
    _refused(staff.post("/editions", json={"title": "", "content": {"format": 2}}), 422, "invalid")
    _refused(staff.post("/drafts", json={"title": "x" * 300_000}), 413, "too_large")


async def test_what_is_due_is_archived(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    ok(staff.post(f"/drafts/{number}/discard", json={}))
    # Others who use this store may have left one that cannot be archived: that is told, and the rest is done.
    assert number in {edition["number"] for edition in ok(staff.get("/editions/due"))}
    assert staff.post("/editions/archive-due").status_code in {200, 409}
    assert number not in {edition["number"] for edition in ok(staff.get("/editions/due"))}
    assert ok(staff.get(f"/editions/{number}"))["archived"]
    assert not ok(staff.get(f"/editions/{live}"))["archived"]


ADDRESSES = [
    ("GET", "/editions"),
    ("GET", "/editions/1"),
    ("GET", f"/editions/1/items/{KEY}"),
    ("GET", "/editions/due"),
    ("GET", "/editions/1/readiness"),
    ("GET", "/drafts/1/merge"),
    ("GET", "/editions/1/interviews"),
    ("GET", "/editions/1/interviews/x/moves?question=x"),
    ("GET", "/history/verification"),
    ("GET", "/editions/1/findings"),
    ("GET", "/editions/1/scenarios"),
    ("GET", "/editions/1/comparison"),
    ("GET", "/history"),
    ("POST", "/drafts"),
    ("POST", "/drafts/1/changes"),
    ("POST", "/drafts/1/revert"),
    ("POST", "/drafts/1/merge"),
    ("POST", "/drafts/1/discard"),
    ("POST", "/drafts/revert"),
    ("POST", "/drafts/1/scenarios"),
    ("POST", "/editions"),
    ("POST", "/editions/archive-due"),
    ("GET", "/editions/1/previews"),
    ("GET", "/editions/1/content"),
    ("POST", "/editions/1/previews"),
    ("POST", "/editions/1/previews/x/revoke"),
    ("POST", "/drafts/1/publish"),
    ("POST", "/editions/1/withdraw"),
    ("POST", "/editions/1/rollback"),
    ("POST", "/editions/1/archive"),
    ("POST", "/editions/1/bring-back"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
async def test_for_strangers_there_is_nothing(api: httpx.Client, live: int, method: str, path: str) -> None:
    body = {"title": "x", "seq": 1, "note": "x"} if method == "POST" else None
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"{auth.COOKIE}=wrong"}):
        answer = api.request(method, f"{ROOT}{path}", json=body, headers=headers)
        assert answer.status_code in {404, 422}, answer.text
        if answer.status_code == 422:
            assert "details" not in answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["/editions/0", "/editions/-1", "/editions/abc", "/editions/99999999999999999999", "/history?before=x"]
)
async def test_what_is_no_number_is_told(staff: httpx.Client, path: str) -> None:
    _refused(staff.get(path), 422, "invalid")


async def test_what_is_not_there_is_told(staff: httpx.Client, live: int) -> None:
    _refused(staff.get("/editions/987654"), 404, "not_found")
    _refused(staff.get(f"/editions/{live}/items/no-such-key"), 404, "not_found")
    _refused(staff.post("/drafts/987654/changes", json={}), 404, "not_found")
    _refused(staff.post(f"/drafts/{live}/changes", json={}), 409, "refused")
    _refused(staff.get(f"/editions/{live}/comparison", params={"old": "yesterday"}), 422, "invalid")


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("questions", {"key": "q", "text": "?", "kind": "one", "options": ["はい"]}),
    ("questions", {"key": "q", "text": "?", "kind": "one", "options": [{"label": 1}]}),
    ("procedures", {"key": "p", "name": "n", "deadline": 14}),
    ("procedures", {"key": "p", "name": "n", "needs": None, "handled_at": 3}),
    ("conditions", {"key": "c", "label": "l", "life_events": ["death"], "requires": 1}),
    ("scenarios", {"key": "s", "name": "n", "life_events": ["death"], "answers": []}),
]


@pytest.mark.parametrize(("name", "item"), HOSTILE)
async def test_items_of_a_wrong_shape_are_told_and_not_500(
    staff: httpx.Client, live: int, name: str, item: dict[str, Any]
) -> None:
    number = _draft(staff)
    _refused(staff.post(f"/drafts/{number}/changes", json={"put": {name: [item]}}), 422, "invalid_content")


async def test_an_item_named_twice_is_refused(staff: httpx.Client, live: int) -> None:
    number = _draft(staff)
    term = {"key": "twice", "term": "二度", "meaning": "二回です。"}
    _refused(staff.post(f"/drafts/{number}/changes", json={"put": {"terms": [term, term]}}), 409, "refused")
    both = {"put": {"terms": [term]}, "remove": ["twice"]}
    _refused(staff.post(f"/drafts/{number}/changes", json=both), 409, "refused")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/drafts", {"title": "x", "of": 10**20}),
        ("POST", "/drafts/1/revert", {"seq": 10**20}),
        ("POST", "/drafts/1/merge", {"onto": 10**20}),
        ("GET", f"/history?before={10**20}", None),
        ("GET", "/history?until=9999-12-31T23:59:59Z", None),
        ("GET", "/history?since=0001-01-01T00:00:00%2B20:00", None),
    ],
)
async def test_numbers_and_days_out_of_range_are_told(
    staff: httpx.Client, method: str, path: str, body: dict[str, Any] | None
) -> None:
    _refused(staff.request(method, path, json=body), 422, "invalid")

"""The JSON API over HTTP: its shapes, its refusals, and what may be kept."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.content.canonical import canonical, content_hash
from service.content.models import Content
from service.settings import Settings
from service.store.graph import Graph
from tests.web.serving import publish

SEEN_WITHIN = 10.0


def _option(question: str, *own: str) -> list[dict[str, str]]:
    return [{"key": f"{question}/{one}", "label": one} for one in own]


DEADLINE = {
    "value": 14,
    "unit": "day",
    "from": "住み始めた日",
    "from_event": "moving-in",
    "first_day_counts": False,
    "next_opening_day": "yes",
}
FIELDS: dict[str, Any] = {
    "format": 2,
    "life_events": [
        {"key": "birth", "name": "出生", "position": 2},
        {"key": "moving-in", "name": "転入", "position": 1, "date_label": "住み始めた日"},
    ],
    "questions": [
        {
            "key": "household",
            "text": "誰と来ましたか",
            "kind": "many",
            "unsure": False,
            "position": 1,
            "options": _option("household", "child", "senior"),
        },
        {
            "key": "insurance",
            "text": "健康保険はありますか",
            "kind": "one",
            "position": 2,
            "options": _option("insurance", "yes", "no"),
        },
        {
            "key": "school",
            "text": "学校に通いますか",
            "kind": "one",
            "position": 3,
            "asked_after": ["household/child"],
            "options": _option("school", "yes", "no"),
        },
    ],
    "conditions": [
        {"key": "everyone", "label": "転入した方", "life_events": ["moving-in"], "selects": ["notify"]},
        {
            "key": "uninsured",
            "label": "保険のない方",
            "life_events": ["moving-in"],
            "requires": [["insurance/no"]],
            "selects": ["insure"],
            "needs": ["card"],
        },
        {
            "key": "with-child",
            "label": "子どもがいる方",
            "life_events": ["moving-in"],
            "requires": [["household/child"]],
            "excludes": ["insurance/yes"],
            "selects": ["allowance"],
        },
        {
            "key": "pupil",
            "label": "学校に通う方",
            "life_events": ["moving-in"],
            "requires": [["school/yes"]],
            "selects": ["enrol"],
        },
        {"key": "another", "label": "別の市の例", "life_events": ["moving-in"], "selects": ["rubbish"]},
    ],
    "procedures": [
        {"key": "allowance", "name": "児童手当", "nature": "benefit"},
        {"key": "enrol", "name": "転校", "follows": ["notify"]},
        {
            "key": "insure",
            "name": "国民健康保険",
            "basis": {"duty": "law", "documents": "city", "windows": "city", "fee": "city"},
            "follows": ["notify"],
            "fee": "無料",
            "handled_at": ["counter-1"],
        },
        {
            "key": "notify",
            "name": "転入届",
            "deadline": DEADLINE,
            "needs": ["card"],
            "handled_at": ["counter-2"],
            "governed_by": ["act"],
            "basis": {
                "duty": "law",
                "deadline": "law",
                "documents": "city",
                "windows": "city",
                "online": "city",
                "postal": "city",
            },
            "sources": [
                {"title": "人の覚え書き", "basis": "elsewhere"},
                {"url": "https://www.example.jp/", "title": "市のページ", "basis": "city", "checked_on": "2026-04-01"},
            ],
            "if_late": "過料があります。",
            "online": "no",
            "postal": {"is": "no", "note": "窓口だけです"},
        },
        {
            "key": "rubbish",
            "name": "ごみの登録",
            "nature": "option",
            "basis": "elsewhere",
            "deadline": DEADLINE,
            "fee": "300円",
            "needs": ["card"],
            "online": "yes",
        },
    ],
    "documents": [{"key": "card", "name": "本人確認書類"}],
    "windows": [{"key": "counter-1", "name": "保険課"}, {"key": "counter-2", "name": "市民課", "floor": "1階"}],
    "terms": [{"key": "jumin-hyo", "term": "住民票", "meaning": "住所の記録です。"}],
    "laws": [{"key": "act", "name": "住民基本台帳法", "article": "22条"}],
}
CONTENT = Content.model_validate(FIELDS)
NEWER = Content.model_validate(FIELDS | {"terms": []})


@pytest.fixture(scope="module")
def number(settings: Settings) -> int:
    """The edition with CONTENT; a newer one is live, so that every request below names it."""
    older = publish(settings, CONTENT, title="API")
    publish(settings, NEWER, title="newer")
    return older


def _ask(api: httpx.Client, number: int, path: str = "/api/v1/guidance", **body: Any) -> httpx.Response:
    return api.post(path, json={"life_events": ["moving-in"], "edition": number} | body)


def _said(**options: Any) -> list[dict[str, Any]]:
    return [
        {"question": question, "unsure": True}
        if given == "unsure"
        else {"question": question, "options": [f"{question}/{own}" for own in given]}
        for question, given in options.items()
    ]


def test_guidance_says_what_applies_why_and_what_to_bring(api: httpx.Client, number: int) -> None:
    answer = _ask(api, number, answers=_said(household=["child"], insurance="unsure"))
    assert answer.headers["cache-control"] == "private, no-store"
    told = answer.json()
    assert told["edition"] == {"number": number, "hash": content_hash(CONTENT)}
    assert (told["next_question"], told["questions_left_at_most"]) == ("school", 1)
    assert [(one["key"], one["status"]) for one in told["procedures"]] == [
        ("notify", "applies"),
        ("rubbish", "applies"),
        ("allowance", "may_apply"),
        ("enrol", "may_apply"),
        ("insure", "may_apply"),
    ]
    by_key = {one["key"]: one for one in told["procedures"]}
    assert by_key["insure"]["because"] == [
        {"condition": "uninsured", "label": "保険のない方", "state": "open", "waits_for": []}
    ]
    assert by_key["insure"]["documents"] == [{"key": "card", "name": "本人確認書類", "status": "may_be_needed"}]
    assert by_key["insure"]["windows"] == ["counter-1"]
    assert by_key["enrol"]["because"][0]["waits_for"] == ["school"]
    assert by_key["notify"]["documents"] == [{"key": "card", "name": "本人確認書類", "status": "needed"}]
    assert by_key["notify"]["postal"] == {"is": "no", "note": "窓口だけです"}
    assert by_key["notify"]["verified"] is True and by_key["insure"]["verified"] is False


def test_groups_come_in_their_order(api: httpx.Client, number: int) -> None:
    """Duties (what precedes first), then benefits and options, then what may apply."""
    told = _ask(api, number, answers=_said(household=["child"], insurance=["no"])).json()
    assert [one["key"] for one in told["procedures"]] == ["notify", "insure", "allowance", "rubbish", "enrol"]


def test_the_code_is_one_for_equal_answers_and_none_of_a_date(api: httpx.Client, number: int) -> None:
    plain = _ask(api, number, answers=_said(insurance=["no"], household=["child"])).json()["code"]
    dated = _ask(
        api, number, answers=_said(household=["child"], insurance=["no"]), dates={"moving-in": "2026-11-01"}
    ).json()["code"]
    other = _ask(api, number, answers=_said(insurance=["yes"], household=["child"])).json()["code"]
    assert plain == dated != other


def test_days_are_counted_from_the_day_that_is_given(api: httpx.Client, number: int) -> None:
    """14 days after Sunday 1 November 2026 is a Sunday: accepted on Monday, planned for Friday (民法140条・142条)."""
    told = _ask(api, number, dates={"moving-in": "2026-11-01"}).json()
    deadline = next(one["deadline"] for one in told["procedures"] if one["key"] == "notify")
    days = {"last_day": "2026-11-15", "accepted_until": "2026-11-16", "go_by": "2026-11-13"}
    more = {"kind": "legal", "note": None, "period": None, "from_events": ["moving-in"]}
    assert deadline == DEADLINE | more | days
    undated = _ask(api, number).json()["procedures"][0]["deadline"]
    assert undated == deadline | dict.fromkeys(days)


def test_another_citys_practice_is_unknown_here(api: httpx.Client, number: int) -> None:
    told = _ask(api, number, dates={"moving-in": "2026-11-01"}).json()
    item = api.get("/api/v1/procedures/rubbish", params={"edition": number}).json()["item"]
    listed = next(one for one in told["procedures"] if one["key"] == "rubbish")
    for shown in (item, listed):
        assert (shown["deadline"], shown["fee"], shown["scope"]) == (None, None, "example")
        assert {shown[way]["is"] for way in ("postal", "proxy", "online", "prepare_in_advance")} == {"unknown"}
    assert item["needs"] is None and (listed["documents"], listed["documents_known"]) == ([], False)


def test_older_names_follow_from_the_new_ones(api: httpx.Client, number: int) -> None:
    item = api.get("/api/v1/procedures/notify", params={"edition": number}).json()["item"]
    assert (item["source"], item["source_url"], item["checked_on"]) == (
        "市のページ",
        "https://www.example.jp/",
        "2026-04-01",
    )
    assert (item["status"], item["scope"], item["consequence"]) == ("verified", "national", "過料があります。")
    assert [one["title"] for one in item["sources"]] == ["市のページ"], "a stranger's carries nothing"
    assert (item["if_late"], item["basis"]["postal"], item["to_ask"]) == ("過料があります。", "city", [])
    insure = api.get("/api/v1/procedures/insure", params={"edition": number}).json()["item"]
    assert (insure["status"], insure["to_ask"]) == ("unverified", ["deadline", "documents", "online"])


def test_why_names_the_clause_and_the_answer_that_decided_it(api: httpx.Client, number: int) -> None:
    said = _said(household=["child"], insurance=["yes"])
    answer = _ask(api, number, "/api/v1/guidance/why", procedure="allowance", answers=said)
    assert answer.headers["cache-control"] == "private, no-store"
    told = answer.json()
    assert (told["procedure"], told["status"]) == ("allowance", "not_listed")
    (condition,) = told["conditions"]
    assert (condition["condition"], condition["state"]) == ("with-child", "false")
    assert sorted(condition["clauses"], key=lambda clause: bool(clause["negated"])) == [
        {"options": ["household/child"], "negated": False, "state": "true", "answers": said[:1]},
        {"options": ["insurance/yes"], "negated": True, "state": "false", "answers": said[1:]},
    ]


def test_why_tells_unsure_answers(api: httpx.Client, number: int) -> None:
    said = _said(insurance="unsure")
    told = _ask(api, number, "/api/v1/guidance/why", procedure="insure", answers=said).json()
    assert told["status"] == "may_apply"
    assert told["conditions"][0]["clauses"][0]["answers"] == said


BAD: list[tuple[dict[str, Any], str]] = [
    ({"life_events": []}, "/life_events"),
    ({"life_events": ["moving-in", "moon"]}, "/life_events/1"),
    ({"life_events": "moving-in"}, "/life_events"),
    ({"life_events": [1]}, "/life_events/0"),
    ({"answers": [{"question": "moon", "options": []}]}, "/answers/0/question"),
    ({"answers": [*_said(household=[]), {"question": "insurance", "options": []}]}, "/answers/1/options"),
    ({"answers": _said(insurance=["yes", "no"])}, "/answers/0/options"),
    ({"answers": _said(insurance=["maybe"])}, "/answers/0/options/0"),
    ({"answers": [{"question": "insurance", "options": ["school/yes"]}]}, "/answers/0/options/0"),
    ({"answers": [{"question": "insurance", "options": ["insurance/no"], "unsure": True}]}, "/answers/0/unsure"),
    ({"answers": _said(household="unsure")}, "/answers/0/unsure"),
    ({"answers": [{"question": "insurance"}]}, "/answers/0"),
    ({"answers": [{"options": ["insurance/no"]}]}, "/answers/0/question"),
    ({"answers": _said(insurance=["no"]) * 2}, "/answers/1/question"),
    ({"answers": [{"question": "insurance", "unsure": 1}]}, "/answers/0/unsure"),
    ({"dates": {"moving-in": "2026-02-30"}}, "/dates/moving-in"),
    ({"dates": {"moving-in": "yesterday"}}, "/dates/moving-in"),
    ({"dates": {"moving-in": 20261101}}, "/dates/moving-in"),
    ({"dates": {"birth": "2026-11-01"}}, "/dates/birth"),
    ({"dates": {"a/b~c": "2026-11-01"}}, "/dates/a~1b~0c"),
    ({"edition": "1"}, "/edition"),
    ({"edition": True}, "/edition"),
    ({"edition": 0}, "/edition"),
    ({"adress": "?"}, "/adress"),
    ({"answers": [{"question": "insurance", "options": ["insurance/no"], "sure": True}]}, "/answers/0/sure"),
]


@pytest.mark.parametrize(("change", "where"), BAD, ids=[f"{number}{where}" for number, (_, where) in enumerate(BAD)])
@pytest.mark.parametrize("path", ["/api/v1/guidance", "/api/v1/guidance/why"])
def test_what_is_not_possible_is_named(
    api: httpx.Client, number: int, path: str, change: dict[str, Any], where: str
) -> None:
    more = {"procedure": "notify"} if path.endswith("why") else {}
    assert _ask(api, number, path, **more).status_code == 200
    answer = _ask(api, number, path, **more, **change)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["where"]) == ("invalid", where)
    assert error["message"].endswith("。")
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"moving-in"', b"\xff\xfe", b'{"life_events": ["\\ud800"]}']
)
def test_what_is_no_request_is_refused(api: httpx.Client, number: int, body: bytes) -> None:
    answer = api.post("/api/v1/guidance", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "")


def test_an_unknown_procedure_is_the_culprit(api: httpx.Client, number: int) -> None:
    answer = _ask(api, number, "/api/v1/guidance/why", procedure="moon")
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "/procedure")
    missing = _ask(api, number, "/api/v1/guidance/why")
    assert (missing.status_code, missing.json()["error"]["where"]) == (422, "/procedure")


def test_only_editions_that_were_live_exist(api: httpx.Client, number: int, settings: Settings) -> None:
    draft = publish(
        settings,
        Content.model_validate(
            FIELDS | {"laws": [], "procedures": [one | {"governed_by": []} for one in FIELDS["procedures"]]}
        ),
        title="draft",
        draft=True,
    )
    for absent in (draft, 987_654_321):
        answers = [
            _ask(api, absent),
            _ask(api, absent, "/api/v1/guidance/why", procedure="notify"),
            api.get("/api/v1/procedures", params={"edition": absent}),
            api.get(f"/api/v1/editions/{absent}/content"),
        ]
        for answer in answers:
            assert answer.status_code == 404
            assert answer.json()["error"] | {"message": ""} == {"code": "not_found", "message": "", "where": "/edition"}
    assert draft not in {one["number"] for one in api.get("/api/v1/editions").json()["items"]}


LISTS = {
    "life-events": ["moving-in", "birth"],
    "questions": ["household", "insurance", "school"],
    "procedures": ["allowance", "enrol", "insure", "notify", "rubbish"],
    "documents": ["card"],
    "windows": ["counter-1", "counter-2"],
    "terms": ["jumin-hyo"],
    "laws": ["act"],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists(api: httpx.Client, number: int, name: str) -> None:
    answer = api.get(f"/api/v1/{name}", params={"edition": number})
    told = answer.json()
    assert told["edition"] == {"number": number, "hash": content_hash(CONTENT)}
    assert [one["key"] for one in told["items"]] == LISTS[name]
    assert "public" in answer.headers["cache-control"]
    whole = {one.key: one for one in getattr(CONTENT, name.replace("-", "_"))}
    for one in told["items"]:
        plain = whole[one["key"]].model_dump(mode="json", by_alias=True)
        if name not in {"procedures", "windows"}:
            assert one == plain
        assert one.keys() >= plain.keys(), "nothing that an edition has is left out"


def test_without_an_edition_the_live_one_answers(api: httpx.Client, number: int) -> None:
    told = api.get("/api/v1/terms").json()
    live = next(one for one in api.get("/api/v1/editions").json()["items"] if one["live"])
    assert told["edition"] == {"number": live["number"], "hash": live["hash"]}
    asked = api.post("/api/v1/guidance", json={"life_events": ["moving-in"]}).json()
    assert asked["edition"] == told["edition"] and live["number"] != number


@pytest.mark.parametrize("query", ["edition=x", "edition=0", "edition=-1", "editoin=1", "edition="])
def test_queries_are_strict(api: httpx.Client, query: str) -> None:
    answer = api.get(f"/api/v1/terms?{query}")
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "/" + query.partition("=")[0])


def test_an_unknown_item_is_not_found(api: httpx.Client, number: int) -> None:
    for key in ("moon", "card", "%00"):
        answer = api.get(f"/api/v1/procedures/{key}", params={"edition": number})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_what_did_not_change_is_not_sent_again(api: httpx.Client, number: int) -> None:
    for path in ("/terms", "/procedures/notify"):
        first = api.get("/api/v1" + path, params={"edition": number})
        tag = first.headers["etag"]
        again = api.get("/api/v1" + path, params={"edition": number}, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = api.get("/api/v1" + path, params={"edition": number}, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)


def test_editions_with_equal_items_have_different_tags(api: httpx.Client, number: int) -> None:
    """A list names its edition, so the tag has to change with the number even where the items are equal."""
    old = api.get("/api/v1/laws", params={"edition": number})
    new = api.get("/api/v1/laws", params={"edition": number + 1})
    assert old.json()["items"] == new.json()["items"] and old.headers["etag"] != new.headers["etag"]


def test_an_editions_content_is_byte_for_byte_what_its_hash_says(api: httpx.Client, number: int) -> None:
    answer = api.get(f"/api/v1/editions/{number}/content")
    assert answer.content == canonical(CONTENT)
    assert answer.headers["edition-number"] == str(number)
    assert answer.headers["edition-hash"] == content_hash(CONTENT)
    assert hashlib.sha256(answer.content).hexdigest() == content_hash(CONTENT).removeprefix("sha256:")


def test_editions_are_told_newest_first(api: httpx.Client, number: int) -> None:
    told = api.get("/api/v1/editions").json()
    numbers = [one["number"] for one in told["items"]]
    assert numbers.index(number + 1) < numbers.index(number)
    assert [one["number"] for one in told["items"] if one["live"]] == [told["edition"]["number"]]
    shown = next(one for one in told["items"] if one["number"] == number)
    assert (shown["hash"], shown["title"]) == (content_hash(CONTENT), "API")


def test_guidance_seen_before_asks_nothing_of_the_database(
    api: httpx.Client, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its answers come in another order."""
    said = _said(household=["senior", "child"], insurance=["yes"])
    first = _ask(api, number, answers=said)
    asked: list[str] = []
    many = Graph.many

    async def counted(self: Graph, module: str, name: str, **params: Any) -> Any:
        if module != "store/editions":
            asked.append(f"{module}/{name}")
        return await many(self, module, name, **params)

    monkeypatch.setattr(Graph, "many", counted)
    again = _ask(api, number, answers=_said(insurance=["yes"], household=["child", "senior"]))
    assert again.content == first.content and asked == []
    _ask(api, number, answers=_said(insurance="unsure", household=[]))
    assert asked == ["guidance/engine/select"]


def test_what_depends_on_a_day_is_not_kept(
    service: tuple[FastAPI, httpx.Client], api: httpx.Client, number: int
) -> None:
    kept = service[0].state.pages
    before = len(kept)
    said = _said(household=["senior"])
    assert _ask(api, number, answers=said, dates={"moving-in": "2026-10-01"}).status_code == 200
    assert len(kept) == before
    assert _ask(api, number, answers=said).status_code == 200
    assert len(kept) == before + 1


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar_never_break_it(api: httpx.Client, number: int, day: str) -> None:
    assert _ask(api, number, dates={"moving-in": day}).status_code in {200, 422}


def test_a_request_that_is_too_large_is_not_read(api: httpx.Client, settings: Settings) -> None:
    body = json.dumps({"life_events": ["x" * settings.request_bytes]}).encode()
    answer = api.post("/api/v1/guidance", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_unknown_addresses_and_methods_answer_in_the_same_form(api: httpx.Client) -> None:
    assert api.get("/api/v1/moon").json()["error"]["code"] == "not_found"
    wrong = api.delete("/api/v1/guidance")
    assert (wrong.status_code, wrong.headers["allow"], wrong.json()["error"]["code"]) == (405, "POST", "invalid")


def test_the_list_of_editions_is_read_again_only_when_another_one_is_live(
    api: httpx.Client, number: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = api.get("/api/v1/editions")
    asked: list[str] = []
    many = Graph.many

    async def counted(self: Graph, module: str, name: str, **params: Any) -> Any:
        asked.append(name)
        return await many(self, module, name, **params)

    monkeypatch.setattr(Graph, "many", counted)
    assert api.get("/api/v1/editions").content == first.content
    assert "public" not in asked
    monkeypatch.undo()
    newest = publish(
        settings,
        Content.model_validate(
            FIELDS | {"terms": [{"key": "newer", "term": "新しい版", "meaning": "次に公開した版です。"}]}
        ),
        title="その次",
    )
    until = time.monotonic() + SEEN_WITHIN
    while (told := api.get("/api/v1/editions").json())["edition"]["number"] != newest:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert told["items"][0]["number"] == newest

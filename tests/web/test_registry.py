"""A new field of procedures and a new kind, added at run time: everything that follows from the registry has them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from pydantic import Field

from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.app import create
from service.content import registry
from service.content.canonical import as_yaml, canonical, content_hash
from service.content.fields import Label, Reference, Search, Start
from service.content.loading import read_bytes, read_plain
from service.content.models import Content, ItemKey, ItemKind, ItemModel, Key, Kind, Name, Procedure, Text
from service.content.registry import Registry
from service.editions import drafts, importing
from service.errors import InvalidContent
from service.settings import Settings
from service.store import schema
from service.store.graph import Address, Graph
from service.web.staff import auth
from tests.databases import OwnDatabase, leading_to
from tests.forms import sent
from tests.web.reading import form_token, words_of


class LargerProcedure(Procedure):
    """A procedure with a field more."""

    nickname: Annotated[Text | None, Label("通り名"), Search(names=True), Start()] = None


class Facility(ItemModel):
    """A new kind, which refers to procedures."""

    about: ClassVar[ItemKind] = ItemKind("Facility", "施設", "facility", most=100)

    key: Key
    name: Name
    accepts: Annotated[
        list[ItemKey], Label("受け付ける手続き"), Reference(Kind.PROCEDURE, ("ACCEPTS",)), Start("[]")
    ] = Field(default_factory=list)


class LargerContent(Content):
    """The document with both."""

    procedures: list[LargerProcedure] = Field(default_factory=list)  # type: ignore[assignment]
    facilities: list[Facility] = Field(default_factory=list)


CONTENT: dict[str, Any] = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し"}],
    "conditions": [{"key": "if-all", "label": "引っ越した方", "life_events": ["move"], "selects": ["todoke"]}],
    "procedures": [{"key": "todoke", "name": "引っ越しの届け", "nickname": "ヒッコシバコ"}],
    "facilities": [{"key": "facility-hall", "name": "市民ホール", "accepts": ["todoke"]}],
}


LARGER = Registry(LargerContent)


@pytest.fixture(scope="module")
def address(own_database: OwnDatabase) -> Address:
    """A database of its own: what this module writes, the registry of all others does not know."""
    return own_database.child.address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def graph(address: Address) -> AsyncIterator[Graph]:
    """The store."""
    opened = Graph.open(address)
    await schema.prepare(opened)
    yield opened
    await opened.close()


def _problems(content: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidContent) as refused:
        read_plain(content)
    return [problem.message for problem in refused.value.problems]


def test_both_are_validated() -> None:
    with registry.using(LARGER):
        _are_validated()


def _are_validated() -> None:
    assert read_plain(CONTENT).procedures[0].nickname == "ヒッコシバコ"  # type: ignore[attr-defined]
    wrong = [{"key": "facility-hall", "name": "市民ホール", "accepts": ["move", "gone"]}]
    assert _problems(CONTENT | {"facilities": wrong}) == [
        "「move」はライフイベントです。手続きのキーを書いてください。",
        "手続き「gone」はありません。キーを直すか、手続きを加えてください。",
    ]
    assert _problems(CONTENT | {"procedures": [CONTENT["procedures"][0] | {"nickname": " "}]})
    many = [{"key": f"facility-{number}", "name": "施設"} for number in range(101)]
    assert _problems(CONTENT | {"facilities": many}) == ["施設は100件までです（101件あります）。減らしてください。"]


def test_without_them_both_are_refused() -> None:
    messages = _problems(CONTENT)
    assert any("「nickname」という項目はありません" in message for message in messages)
    assert any("「facilities」という項目はありません" in message for message in messages)


@pytest.mark.timeout(900)
@pytest.mark.asyncio(loop_scope="module")
async def test_both_go_all_the_way(graph: Graph, address: Address) -> None:
    with registry.using(LARGER):
        await _go_all_the_way(graph, address)


async def _go_all_the_way(graph: Graph, address: Address) -> None:
    content = read_plain(CONTENT)
    await importing.import_content(graph, content, publish=True, title="最初の版")
    draft = await drafts.fork(graph, None, title="下書き", by=OPERATOR)
    at = f"/staff/editions/{draft.number}"
    assert address.evidence
    settings = leading_to(Settings(data_dir=address.evidence.parent), address)
    app = create(settings)
    token = await sessions.open_session(graph, hours=1)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", cookies={auth.COOKIE: token}, timeout=60
        ) as staff,
    ):
        await _is_saved_by_the_form(staff, at)
        await _is_told_and_found(staff, at)
        await _is_written_field_by_field(staff, at)
        await _is_missed_where_it_is_used(staff, at)
    await _is_stored_and_exported(graph, draft.number)


async def _is_saved_by_the_form(staff: httpx.AsyncClient, at: str) -> None:
    """The texts begin with the new fields and name them; what is typed is saved under a key from its name."""
    form = await staff.get(f"{at}/new-item?of=facilities&as=yaml")
    assert form.status_code == 200, words_of(form)
    assert "新しい施設" in words_of(form) and "accepts 受け付ける手続き" in words_of(form).replace("　", " ")
    assert "name:\naccepts: []\n" in form.text
    page = await staff.get(f"{at}/items/todoke?as=yaml")
    assert "nickname 通り名" in words_of(page).replace("　", " ") and "nickname: ヒッコシバコ" in page.text
    await _send(staff, f"{at}/new-item", of="facilities", text="name: ロビー\naccepts: [todoke]\n")
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    assert revision
    typed = "name: 引っ越しの届け\nnickname: ハコ\n"
    await _send(staff, f"{at}/items/todoke", of="procedures", revision=revision[1], text=typed)


async def _is_written_field_by_field(staff: httpx.AsyncClient, at: str) -> None:
    """The new field has its place in the form of its kind, the new kind a form of its own."""
    page = await staff.get(f"{at}/items/todoke")
    assert "通り名" in words_of(page) and ("/nickname", "ハコ") in sent(page.text)
    await _send(staff, f"{at}/items/todoke", **_typed(page, "/nickname", "ヒッコシ便"))
    form = await staff.get(f"{at}/new-item?of=facilities")
    assert "新しい施設" in words_of(form) and "受け付ける手続き" in words_of(form)
    asked = _typed(form, "find:/accepts", "引っ越し") | {"/name": "体育館"}
    asked["do"] = "find:/accepts"
    found = await staff.post(f"{at}/new-item", data=asked)
    assert found.status_code == 200 and 'value="todoke"' in found.text and "体育館" in found.text
    await _send(staff, f"{at}/new-item", **_typed(found, "find:/accepts", ""), **{"/accepts": "todoke"})
    page = await staff.get(f"{at}/items?words=体育館")
    key = re.search(r"/items/(facility-[^\"]+)\"", page.text)
    assert key
    saved = await staff.get(f"{at}/items/{key[1]}")
    assert {("/name", "体育館"), ("/accepts", "todoke")} <= {*sent(saved.text)}


def _typed(page: httpx.Response, name: str, value: str) -> dict[str, str]:
    """What the form of a page holds, with another value."""
    return {**dict(sent(page.text)), name: value}


async def _send(staff: httpx.AsyncClient, path: str, **fields: str) -> None:
    token = form_token(await staff.get("/staff/editions"))
    answer = await staff.post(path, data={"note": "", **fields, "form_token": token})
    assert answer.status_code == 303, words_of(answer)


async def _is_told_and_found(staff: httpx.AsyncClient, at: str) -> None:
    """The history tells both in Japanese, staff's list and residents' search find them by what they are called."""
    told = words_of(await staff.get("/staff/history"))
    assert "施設『ロビー』を追加" in told
    assert "手続き『引っ越しの届け』の通り名を「ヒッコシバコ」から「ハコ」に変更" in told
    compared = words_of(await staff.get(at))
    assert "施設" in compared
    found = words_of(await staff.get(f"{at}/items", params={"words": "ロビー", "of": "facilities"}))
    assert "ロビー" in found and "市民ホール" not in found
    found = words_of(await staff.get(f"{at}/items", params={"words": "はこ"}))
    assert "引っ越しの届け" in found
    residents = words_of(await staff.get("/search", params={"q": "ひっこしばこ"}))
    assert "引っ越しの届け" in residents
    listed = (await staff.get("/api/v1/procedures")).json()["items"]
    assert [item["key"] for item in listed] == ["todoke"]


async def _is_missed_where_it_is_used(staff: httpx.AsyncClient, at: str) -> None:
    """A procedure that facilities refer to names them before it is removed."""
    page = await staff.get(f"{at}/items/todoke/remove")
    assert "施設『市民ホール』" in words_of(page) and "施設『ロビー』" in words_of(page)


async def _is_stored_and_exported(graph: Graph, number: int) -> None:
    """The graph holds a node and an edge, and the document that comes out is the one that is read in again."""
    rows = await graph.latest.many("store/catalogue", "kind", edition=number, kind="Facility")
    assert {row["properties"]["name"] for row in rows} == {"市民ホール", "ロビー", "体育館"}
    assert [edge["type"] for row in rows for edge in row["edges"]] == ["ACCEPTS"] * 3
    exported = await importing.export(graph, str(number))
    text = as_yaml(exported)
    assert "nickname: ヒッコシ便" in text.decode() and "facilities:" in text.decode()
    again = read_bytes(text, "export.yaml")
    assert content_hash(again) == content_hash(exported)
    assert canonical(await importing.export(graph, "live")) == canonical(read_plain(CONTENT))

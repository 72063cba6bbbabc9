"""What changed in the guide, as residents see it: the data, the page's words, and the feed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Annotated, Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from pydantic import Field

from service.clock import TOKYO
from service.content import registry
from service.content.fields import Announced, Label, fields_of
from service.content.models import Content, Document, Edition, Procedure, Text, Window
from service.content.registry import Registry
from service.diff_text import announcements
from service.diff_text.announcements import Altered, Announcement, Point
from service.guidance.municipality import Municipality
from service.web import rendering
from service.web.residents import changes
from tests.contents import contents, random_content
from tests.seed import seed

announcement = partial(announcements.announcement, read_deadline=changes.read_deadline)

ATOM = "{http://www.w3.org/2005/Atom}"
CITY = Municipality(name="見本市", hall="見本市役所", address="見本県見本市1番1号", desk="市民課")
BASE: dict[str, list[dict[str, Any]]] = {
    "life_events": [
        {"key": "moving-in", "name": "転入", "summary": "市外から引っ越してきた", "position": 1},
        {"key": "birth", "name": "出生", "position": 2},
    ],
    "questions": [
        {
            "key": "q",
            "text": "何歳ですか",
            "kind": "one",
            "options": [{"key": "q/old", "label": "65歳以上"}, {"key": "q/young", "label": "64歳以下"}],
        }
    ],
    "conditions": [
        {"key": "row-all", "label": "引っ越した方", "life_events": ["moving-in"], "selects": ["tennyu"]},
        {
            "key": "row-old",
            "label": "65歳以上の方",
            "life_events": ["moving-in"],
            "requires": [["q/old"]],
            "selects": ["kaigo"],
            "needs": ["seal"],
        },
        {"key": "row-birth", "label": "生まれた方", "life_events": ["birth"], "selects": ["shussei"]},
    ],
    "procedures": [
        {
            "key": "tennyu",
            "name": "転入届",
            "basis": "city",
            "reading": "てんにゅうとどけ",
            "fee": "無料",
            "needs": ["card"],
            "handled_at": ["shimin"],
            "postal": "no",
            "deadline": {"value": 14, "unit": "day", "from": "住み始めた日"},
        },
        {"key": "kaigo", "name": "介護保険の届出", "reading": "かいご", "basis": "city"},
        {"key": "shussei", "name": "出生届", "reading": "しゅっせい"},
        {"key": "lone", "name": "証明書の交付", "reading": "しょうめい"},
    ],
    "documents": [{"key": "card", "name": "本人確認書類"}, {"key": "seal", "name": "印鑑"}],
    "windows": [{"key": "shimin", "name": "市民課", "floor": "1階"}, {"key": "zei", "name": "税務課"}],
}

THERE = ("tennyu", "kaigo", "shussei", "shimin")


def content(**lists: list[dict[str, Any]]) -> Content:
    return Content.model_validate({"format": 2} | BASE | lists)


def changed(name: str, place: int = 0, /, **fields: Any) -> Content:
    """The content with other fields in one item; None takes a field away."""
    item = {key: value for key, value in (BASE[name][place] | fields).items() if value is not None}
    return content(**{name: [*BASE[name][:place], item, *BASE[name][place + 1 :]]})


def edition(number: int, day: int = 1) -> Edition:
    at = datetime(2026, 11, day, 16, tzinfo=UTC)
    return Edition(number, "版", "published", False, at - timedelta(days=1), at, f"{number:064x}")


def announced(after: Content, before: Content | None = None) -> Announcement:
    return announcement(edition(2), before or content(), after=after)


def points(after: Content, before: Content | None = None) -> dict[str, tuple[Point, ...]]:
    """What is told of each procedure, by key; of the first life event where several lead to it."""
    told: dict[str, tuple[Point, ...]] = {}
    for group in announced(after, before).groups:
        for one in group.altered:
            told.setdefault(one.key, one.points)
    return told


def words(found: Announcement) -> str:
    """What the page says, as plain text."""
    html = rendering.render(changes.changes_page(CITY, [found], there=THERE))
    return re.sub(r"<[^>]+>", "", html[html.index("<section") : html.index("</section>")])


# The data


@pytest.mark.parametrize(
    ("fields", "point"),
    [
        ({"fee": "300円"}, Point("fee", "無料", "300円")),
        ({"fee": None}, Point("fee", "無料", None)),
        ({"name": "転入の届"}, Point("name", "転入届", "転入の届")),
        ({"postal": "yes"}, Point("postal", "no", "yes")),
        ({"online": {"is": "yes"}}, Point("online", "unknown", "yes")),
        ({"handled_at": ["zei"]}, Point("windows", added=("税務課",), removed=("市民課",))),
        ({"needs": ["card", "seal"]}, Point("documents", added=("印鑑",))),
        ({"needs": []}, Point("documents", removed=("本人確認書類",))),
        ({"form_url": "https://www.example.jp/f"}, Point("form_url", None, "https://www.example.jp/f")),
        ({"duration_minutes": 20}, Point("duration_minutes", None, "20")),
        ({"summary": "引っ越したときの届け出です。"}, Point("text")),
        ({"postal": {"is": "no", "note": "窓口だけです。"}}, Point("text")),
        (
            {"deadline": {"value": 15, "unit": "day", "from": "住み始めた日"}},
            Point("deadline", "住み始めた日から14日以内", "住み始めた日から15日以内"),
        ),
        ({"deadline": None}, Point("deadline", "住み始めた日から14日以内", None)),
        (
            {"deadline": {"value": 14, "unit": "day", "from": "住み始めた日", "kind": "irreversible"}},
            Point("after_deadline", "", "過ぎるとできなくなります。"),
        ),
    ],
)
def test_what_changed_of_a_procedure(fields: dict[str, Any], point: Point) -> None:
    assert points(changed("procedures", **fields)) == {"tennyu": (point,)}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("procedures", {"sources": [{"title": "条文"}], "review_by": "2027-01-01"}),
        ("procedures", {"synonyms": ["引越し"], "reading": "てんにゅう"}),
        ("procedures", {"deadline": {"value": 14, "unit": "day", "from": "住み始めた日", "from_event": "moving-in"}}),
        ("conditions", {"key": "another-key", "label": "ほかの言い方"}),
        ("life_events", {"icon": "home"}),
        ("questions", {"help": "説明", "position": 5}),
        ("windows", {"walking_order": 3, "basis": "city"}),
        ("documents", {"help": "説明"}),
    ],
)
def test_what_residents_do_not_see_is_not_told(name: str, fields: dict[str, Any]) -> None:
    before = content(life_events=[one | {"date_label": "その日"} for one in BASE["life_events"]])
    after = changed(name, **fields).model_dump(by_alias=True) | {"life_events": before.model_dump()["life_events"]}
    if name == "life_events":
        after = before.model_copy(
            update={"life_events": [one.model_copy(update=fields) for one in before.life_events]}
        ).model_dump(by_alias=True)
    assert not announced(Content.model_validate(after), before)


def test_another_citys_practice_is_not_told_as_this_citys() -> None:
    hidden: dict[str, Any] = {"basis": "elsewhere"}
    before = changed("procedures", **hidden)
    after = changed("procedures", **hidden, fee="500円", needs=[], postal="yes", deadline=None)
    assert not announced(after, before)


def test_procedures_that_are_new_or_gone_for_a_life_event() -> None:
    rows = [BASE["conditions"][0] | {"selects": ["kaigo"]}, BASE["conditions"][2] | {"selects": ["shussei", "tennyu"]}]
    found = announced(content(conditions=rows, procedures=[*BASE["procedures"][:3]]))
    assert [group.event.key if group.event else None for group in found.groups] == ["moving-in", "birth", None]
    assert [(one.name, one.key) for one in found.groups[0].gone] == [("転入届", "tennyu")]
    assert [(one.name, one.key) for one in found.groups[1].new] == [("転入届", "tennyu")]
    assert [(one.name, one.key) for one in found.groups[2].gone] == [("証明書の交付", None)]


def test_a_life_event_that_is_gone_is_told_with_what_it_led_to() -> None:
    found = announced(content(life_events=BASE["life_events"][:1], conditions=BASE["conditions"][:2]))
    assert [(one.event.key if one.event else None, [named.name for named in one.gone]) for one in found.groups] == [
        ("birth", ["出生届"])
    ]


def test_for_whom_a_procedure_is_listed() -> None:
    old, kaigo, birth = BASE["conditions"]
    assert points(content(conditions=[old, kaigo | {"requires": [["q/old", "q/young"]]}, birth])) == {
        "kaigo": (Point("documents", altered=("印鑑",)), Point("who"))
    }
    assert points(content(conditions=[old, kaigo | {"needs": []}, birth])) == {
        "kaigo": (Point("documents", removed=("印鑑",)),)
    }


@pytest.mark.parametrize(
    "row",
    [
        {"requires": [["q/old"]]},
        {"requires": [["q/old"], ["q/young"]]},
        {"excludes": ["q/old"]},
        {"requires": [["q/old", "q/young"]], "excludes": ["q/old"]},
    ],
)
def test_a_row_that_another_swallows_changes_nothing(row: dict[str, Any]) -> None:
    """Everybody who moves in is listed the procedure already: a further row for some of them decides nothing."""
    swallowed = BASE["conditions"][0] | {"key": "row-more"} | row
    if "excludes" in row and "requires" in row:
        swallowed["requires"] = [["q/young"]]
    assert not announced(content(conditions=[*BASE["conditions"], swallowed]))


def test_rows_that_mean_the_same_do_not_swallow_each_other() -> None:
    first = BASE["conditions"][1]
    twin = first | {"key": "twin", "requires": [["q/old"], ["q/old", "q/young"]]}
    assert not announced(content(conditions=[*BASE["conditions"], twin]))
    assert points(content(conditions=[BASE["conditions"][0], BASE["conditions"][2]])) == {}
    gone = announced(content(conditions=[BASE["conditions"][0], BASE["conditions"][2]]))
    assert [one.name for one in gone.groups[0].gone] == ["介護保険の届出"]


def test_windows_and_documents_are_told_once() -> None:
    found = announced(changed("windows", phone="000-000-0000", floor="2階", name="市民窓口課"))
    assert found.windows == (
        Altered(
            "shimin",
            "市民窓口課",
            (Point("name", "市民課", "市民窓口課"), Point("place", "1階", "2階"), Point("phone", None, "000-000-0000")),
        ),
    )
    assert not found.groups and found.count == 1
    assert announced(changed("documents", copies=2)).documents == (
        Altered("card", "本人確認書類", (Point("copies", "1", "2"),)),
    )


def test_the_first_edition_tells_of_all_and_one_that_changed_nothing_of_nothing() -> None:
    first = announcement(edition(1), None, after=content())
    assert first.first and first.procedures == 4
    assert not announcement(edition(2), content(), after=content())


def test_the_moment_is_told_in_japanese_time() -> None:
    found = announcement(edition(4, 4), content(), after=changed("procedures", fee="300円"))
    assert found.at.tzinfo == TOKYO
    assert found.at.day == 5, "four in the afternoon in UTC is the next day in Japan"


# The words


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"fee": "300円"}, "費用が「無料」から「300円」に変わりました。"),
        ({"fee": None}, "費用「無料」のご案内をやめました。窓口でおたずねください。"),
        ({"deadline": None}, "期限「住み始めた日から14日以内」のご案内をやめました。窓口でおたずねください。"),
        ({"postal": "yes"}, "郵送で手続きできるようになりました。"),
        ({"postal": "unknown"}, "郵送で手続きできるかは、窓口でおたずねください。"),
        ({"proxy": "yes"}, "代理の方が手続きできることがわかりました。"),
        ({"online": "no"}, "オンラインでは手続きできないことがわかりました。"),
        ({"handled_at": ["zei"]}, "窓口が「市民課」から「税務課」に変わりました。"),
        ({"handled_at": ["shimin", "zei"]}, "窓口に「税務課」が加わりました。"),
        ({"needs": ["seal"]}, "持ち物に「印鑑」が加わりました。持ち物から「本人確認書類」がなくなりました。"),
        ({"online_url": "https://www.example.jp/"}, "オンライン申請のページをご案内できるようになりました。"),
        ({"duration_minutes": 20}, "かかる時間「20分」をご案内できるようになりました。"),
        ({"note": "<b>注意</b>"}, "説明を新しくしました。"),
    ],
)
def test_sentences_for_residents(fields: dict[str, Any], sentence: str) -> None:
    told = words(announced(changed("procedures", **fields)))
    assert sentence in told.replace("\n", "") and "要確認" not in told
    assert "市外から引っ越してきた（転入）" in told and "転入届" in told


def test_every_aspect_has_words() -> None:
    """Every field that is announced, of itself: nothing of it is listed anywhere else."""
    fields = [
        entry for model in (Procedure, Window, Document) for entry in fields_of(model).values() if entry.announced
    ]
    labels = {entry.announced.together or entry.name: entry.label for entry in fields if entry.announced}
    assert {"name", "deadline", "fee", "postal", "text", "place", "phone", "copies"} <= labels.keys()
    for aspect in (*labels, "after_deadline", "documents", "windows", "who"):
        listed = aspect in {"documents", "windows"}
        values = {"added": ("甲",)} if listed else {"before": "no", "after": "yes"}
        point = Point(aspect, **values, label=labels.get(aspect, ""))
        told = words(Announcement(1, "", edition(1).created_at, windows=(Altered("k", "窓", (point,)),)))
        assert re.search(r"窓\s*\S{4,}。", told), aspect


class LargerProcedure(Procedure):
    """A procedure with a field more, of which residents are told."""

    nickname: Annotated[Text | None, Label("通り名"), Announced()] = None


class LargerContent(Content):
    """The document with it."""

    procedures: list[LargerProcedure] = Field(default_factory=list)  # type: ignore[assignment]


def test_a_new_field_is_announced_where_it_says_so() -> None:
    with registry.using(Registry(LargerContent)):
        item = BASE["procedures"][0] | {"nickname": "ひっこし届"}
        lists = BASE | {"procedures": [item, *BASE["procedures"][1:]]}
        after, before = (LargerContent.model_validate({"format": 2} | one) for one in (lists, BASE))
        assert points(after, before) == {"tennyu": (Point("nickname", None, "ひっこし届"),)}
        assert "通り名「ひっこし届」をご案内できるようになりました。" in words(announced(after, before))


def test_hostile_names_stay_text() -> None:
    bad = "<script>alert(1)</script>"
    found = announced(changed("procedures", name=bad, fee=bad))
    html = rendering.render(changes.changes_page(CITY, [found], there=THERE))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    feed = rendering.render(changes.changes_feed(CITY, [found], there=THERE, base="https://guide.example.jp"))
    inner = ElementTree.fromstring(feed).findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert "<script>alert" not in inner and "&lt;script&gt;alert" in inner


def test_only_what_is_still_there_is_linked() -> None:
    found = announced(changed("procedures", fee="300円"))
    for there, linked in ((THERE, True), ((), False)):
        html = rendering.render(changes.changes_page(CITY, [found], there=there))
        assert ('href="/procedures/tennyu"' in html) == linked and "転入届" in html


# The feed


def feed(*given: Announcement, base: str = "https://guide.example.jp") -> ElementTree.Element:
    return ElementTree.fromstring(rendering.render(changes.changes_feed(CITY, given, there=THERE, base=base)).encode())


def test_the_feed_has_what_the_specification_asks_for() -> None:
    found = (
        announcement(edition(2, 2), content(), after=changed("procedures", fee="1")),
        announcement(edition(1, 1), None, after=content()),
    )
    read = feed(*found)
    assert read.tag == f"{ATOM}feed"
    for one in (read, *read.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(ATOM + name)) == 1 and one.findtext(ATOM + name)
        assert (one.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        moment = datetime.fromisoformat(one.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo is not None
    assert read.findtext(f"{ATOM}author/{ATOM}name") == "見本市役所"
    assert read.findtext(f"{ATOM}updated") == found[0].at.isoformat(timespec="seconds")
    links = {one.get("rel"): one.get("href") for one in read.findall(f"{ATOM}link")}
    assert links == {"self": "https://guide.example.jp/changes.atom", "alternate": "https://guide.example.jp/changes"}
    entry = read.findall(f"{ATOM}entry")[0]
    assert entry.find(f"{ATOM}link").get("href") == "https://guide.example.jp/changes#edition-2"  # type: ignore[union-attr]
    assert 'href="https://guide.example.jp/procedures/tennyu"' in (entry.findtext(f"{ATOM}content") or "")


def test_identifiers_do_not_depend_on_the_address_nor_on_what_came_later() -> None:
    first, second = announced(changed("procedures", fee="1")), announcement(edition(9), None, after=content())
    ids: Callable[[ElementTree.Element], list[str | None]] = lambda read: [one.text for one in read.iter(f"{ATOM}id")]  # noqa: E731
    assert ids(feed(first)) == ids(feed(first, base="http://127.0.0.1:8000"))
    assert set(ids(feed(first))) < set(ids(feed(second, first)))
    assert len(set(ids(feed(second, first)))) == 3


def test_an_empty_feed_and_an_empty_page_are_sound() -> None:
    assert feed().findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    assert "まだお知らせはありません。" in rendering.render(changes.changes_page(CITY, [], there=THERE))


def test_only_the_newest_are_shown() -> None:
    many = [announcement(edition(number), None, after=content()) for number in range(1, 50)]
    assert len(feed(*many).findall(f"{ATOM}entry")) == changes.MOST_ENTRIES
    assert len(changes.changes_page(CITY, many, there=THERE).announcements) == changes.MOST_ENTRIES


# Whatever comes


@settings(max_examples=20, deadline=None)
@given(contents(most=6), contents(most=6))
def test_random_editions_are_told_without_jargon(one: Content, other: Content) -> None:
    found = announcement(edition(2), one, after=other)
    told = words(found) if found else ""
    for word in ("condition-", "question-", "None", "Point("):
        assert word not in told
    feed(found)
    assert not announcement(edition(3), other, after=other)
    back = announcement(edition(3), other, after=one)
    assert {g.event.key if g.event else None for g in found.groups if g.new} == {
        g.event.key if g.event else None for g in back.groups if g.gone
    }


def test_what_is_new_and_gone_is_exactly_what_the_conditions_say() -> None:
    for number in range(20):
        one, other = (random_content(Random(number * 2 + side)) for side in (0, 1))
        ways = [
            {(event, key) for row in content.conditions for event in row.life_events for key in row.selects}
            for content in (one, other)
        ]
        found = announcement(edition(2), one, after=other)
        new = {(g.event.key, n.key) for g in found.groups if g.event for n in g.new}
        assert new == ways[1] - ways[0]
        gone = {(g.event.key, n.name) for g in found.groups if g.event for n in g.gone}
        name = {procedure.key: procedure.name for procedure in one.procedures}
        assert gone == {(event, name[key]) for event, key in ways[0] - ways[1]}


def test_the_seed_against_itself() -> None:
    assert not announcement(edition(2), seed(), after=seed())

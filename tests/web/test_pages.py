"""The residents' pages as HTML: every class renders, reads what it says, and keeps the promises of every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any, ClassVar, Literal

import pytest

from service import clock
from service.caching import Cache
from service.content.models import (
    Answer,
    Clause,
    Deadline,
    Document,
    Edition,
    ExplainedCondition,
    Explanation,
    Guidance,
    Law,
    LifeEvent,
    Listed,
    ListedReason,
    Method,
    NeededDocument,
    Option,
    Outline,
    Procedure,
    Question,
    Term,
    Window,
)
from service.diff_text.announcements import Altered, Announcement, EventGroup, NamedProcedure, Point
from service.guidance import cards
from service.guidance.answers import Dropped, Query, Why
from service.guidance.cards import Bring, Card, CardDue, CardFacts, Groups
from service.guidance.forms import AnswerProblem
from service.guidance.municipality import Municipality
from service.guidance.order import Stage
from service.guidance.search import Results
from service.guidance.service import Visit
from service.guidance.typed_days import DateProblem, Doubt
from service.web import rendering
from service.web.residents import changes, layout, routes
from service.web.residents.about import AccessibilityPage, PrivacyPage
from service.web.residents.cards import card_cache
from service.web.residents.changes import changes_page
from service.web.residents.home import HomePage, home_page
from service.web.residents.layout import CitizenPage, ErrorPage
from service.web.residents.links import examples
from service.web.residents.notices import DroppedNote, Notice
from service.web.residents.parts import address, marked_terms
from service.web.residents.procedures import procedure_page, procedures_page
from service.web.residents.question import QuestionPage, question_page
from service.web.residents.result import ROOM, ResultPage, result_page
from service.web.residents.result_list import Overview, bring_list, round_of_windows, shortened, stages, to_ask
from service.web.residents.review import DateField, review_page
from service.web.residents.search import search_page
from service.web.residents.sheet import SheetPage, sheet_page
from service.web.residents.terms import term_page, terms_page
from service.web.residents.why import WhyPage, why_list_page, why_page
from service.web.residents.windows import window_page
from tests.searching import entry

MODULES = (layout, changes, *routes.PREVIEWED)
TODAY = date(2026, 8, 5)
CITY = Municipality(name="見本市", hall="見本市役所", address="見本県見本市1番1号", desk="市民課")
DEATH = LifeEvent(key="loss", name="死亡", summary="ご家族が亡くなった", icon="death", date_label="亡くなった日")
MOVE = LifeEvent(key="moving-in", name="転入", icon="move-in", position=1)
HEAD = Question(
    key="head",
    text="亡くなった方は世帯主でしたか",
    kind="one",
    section="世帯主",
    options=[Option(key="head/yes", label="はい"), Option(key="head/no", label="いいえ")],
)
HAD = Question(
    key="had",
    text="何を持っていましたか",
    kind="many",
    help="資格確認書を見てください",
    options=[Option(key="had/dog", label="犬", help="登録した犬"), Option(key="had/house", label="家")],
)
OUTLINE = Outline(11, {"loss": DEATH, "moving-in": MOVE}, {"head": HEAD, "had": HAD})
EDITION = Edition(11, "版", "published", False, datetime(2026, 7, 1), datetime(2026, 8, 1, 9), "3f9a71c2" * 8)
CACHE = card_cache(Cache(1_000_000))
QUERY = Query(("loss",), (Answer("had", ("had/dog",)), Answer("head", unsure=True)), {"loss": date(2026, 8, 1)})
VISIT = Visit(EDITION, OUTLINE, QUERY)
CARD = Document(key="doc-card", name="資格確認書", who_has_it="家にあるもの", copies=2)
SEAL = Document(key="doc-seal", name="登録証", help="お持ちの方だけです")
INSIDE = Window(key="window-in", name="市民課", building="市役所", floor="1階", walking_order=1)
OUTSIDE = Window(key="window-out", name="年金事務所", phone="000-000-0000")
LAW = Law(key="law-a", name="戸籍法", article="第86条", url="https://example.jp/law")
TERM = Term(key="term-a", term="資格確認書", reading="しかくかくにんしょ", meaning="健康保険の資格を示す書類です。")


def deadline(**given: object) -> Deadline:
    return Deadline.model_validate({"from": "亡くなった日", "from_event": "loss"} | given)


def procedure(key: str, **given: object) -> Procedure:
    base = {
        "key": key,
        "name": f"{key}の届け出",
        "handled_at": ["window-in"],
        "governed_by": ["law-a"],
        "basis": "city",
    }
    return Procedure.model_validate(base | given)


NOTICE = procedure(
    "notice",
    deadline=deadline(value=7, unit="day", first_day_counts=True),
    needs=["doc-card"],
    fee="無料",
    postal=Method.model_validate({"is": "yes", "note": "書留で"}),
    online=Method.model_validate({"is": "no"}),
    url="https://example.jp/notice",
    online_url="https://example.jp/apply",
    form_url="https://example.jp/form",
)
FOUND = Results((DEATH,), (entry(NOTICE),), (TERM,), (INSIDE, OUTSIDE))
CLAIM = procedure(
    "claim",
    nature="benefit",
    deadline=deadline(value=2, unit="year", kind="claim"),
    handled_at=["window-out"],
    follows=["notice"],
    field="年金",
    sources=[{"title": "国の案内", "url": "https://example.jp/source", "basis": "law", "checked_on": "2026-07-29"}],
)
BORROWED = procedure(
    "borrowed",
    basis="elsewhere",
    fee="500円",
    needs=["doc-seal"],
    postal=Method.model_validate({"is": "yes"}),
    deadline=deadline(value=3, unit="day"),
)


@dataclass(frozen=True)
class Items:
    number: int = 11
    procedures: ClassVar = {one.key: one for one in (NOTICE, CLAIM, BORROWED)}
    documents: ClassVar = {one.key: one for one in (CARD, SEAL)}
    windows: ClassVar = {one.key: one for one in (INSIDE, OUTSIDE)}
    laws: ClassVar = {"law-a": LAW}
    questions: ClassVar = OUTLINE.questions


ITEMS = Items()


@dataclass(frozen=True)
class Counted:
    last_day: date
    accepted_until: date | None = None
    go_by: date | None = None
    cautious: bool = False
    opens: date | None = None


def card(key: str, status: Literal["applies", "may_apply"] = "applies", counted: Counted | None = None) -> Card:
    state: Literal["true", "open"] = "true" if status == "applies" else "open"
    listed = Listed(
        key,
        status,
        (NeededDocument("doc-seal", "may_be_needed", ("登録していた方",)), NeededDocument("doc-card", "needed")),
        (ListedReason("row", "ご家族が亡くなった方", state, () if state == "true" else ("head",)),),
    )
    return cards.card(listed, cards.facts(key, ITEMS), items=ITEMS, counted=counted, today=TODAY)


SOON = Counted(date(2026, 8, 8), date(2026, 8, 10), date(2026, 8, 7), True)
GROUPS = Groups((card("notice", counted=SOON),), (card("claim"),), (card("borrowed", "may_apply"),))
RENDERED = {one: rendering.render_part(one) for one in GROUPS.all}


def result(groups: Groups = GROUPS, **given: Any) -> ResultPage:
    guidance = Guidance(11, ("loss",), QUERY.answers, None, 0, ())
    return result_page(
        CITY,
        VISIT,
        guidance=guidance,
        groups=groups,
        cache=CACHE,
        code="ABCDEFGH12",
        **{"sheet_url": address("/sheet", QUERY)} | given,
    )


def sheet(groups: Groups = GROUPS, notice: Notice | None = None) -> SheetPage:
    return sheet_page(
        CITY,
        VISIT,
        groups=groups,
        code="ABCD",
        today=TODAY,
        pinned_url="https://g.example/e/11/ABCD",
        result_url=address("/result", QUERY),
        notice=notice,
    )


def question(asked: Question, **given: Any) -> QuestionPage:
    return question_page(CITY, OUTLINE, question=asked, query=QUERY, terms=[TERM], left=3, **given)


def explanation(status: Literal["applies", "may_apply", "not_listed"]) -> Explanation:
    state: Literal["true", "open", "false"] = {"applies": "true", "may_apply": "open", "not_listed": "false"}[status]  # type: ignore[assignment]
    clause = Clause(("had/house",), False, state, () if state == "open" else (Answer("had", ("had/dog",)),))
    return Explanation(11, "notice", status, (ExplainedCondition("row", "家を持っていた方", state, (clause,)),))


def why(status: Literal["applies", "may_apply", "not_listed"]) -> WhyPage:
    return why_page(CITY, OUTLINE, query=QUERY, procedure=NOTICE, explanation=explanation(status))


DROPPED = tuple(DroppedNote("世帯主" if why != Why.NO_DATE else None, why) for why in Why)
NOTICES = (
    Notice("unfinished", "/guide?event=loss", 3),
    Notice("newer", published=date(2026, 8, 1), dropped=DROPPED, gone=("甲",), added=("乙",)),
    Notice("pinned", "/result?event=loss", edition=10, published=date(2026, 7, 1)),
    Notice("stale", made_at=datetime(2026, 8, 5, 9, 4)),
    Notice("dropped", dropped=DROPPED),
)
ANNOUNCED = (
    Announcement(
        12,
        "",
        datetime(2026, 8, 2, 9),
        groups=(
            EventGroup(
                DEATH,
                (NamedProcedure("年金の届出", "claim"),),
                (NamedProcedure("廃止された届出"),),
                (Altered("notice", "死亡届", (Point("fee", "無料", None), Point("deadline", "7日以内", "14日以内"))),),
            ),
            EventGroup(None, gone=(NamedProcedure("証明書"),)),
        ),
        windows=(Altered("window-in", "市民課", (Point("phone", None, "000-000-0000"),)),),
        documents=(Altered("doc-card", "資格確認書", (Point("copies", "1", "2"),)),),
    ),
    Announcement(11, "", datetime(2026, 8, 1, 9), first=True, procedures=3),
)
BAD_DAY = DateField(DEATH, "2026", "2", "30", DateProblem.NO_SUCH_DAY)


def all_pages() -> Iterator[tuple[str, CitizenPage]]:
    yield "home", home_page(CITY, OUTLINE, chosen=["loss"])
    yield "home, none chosen", home_page(CITY, OUTLINE, missing=True)
    yield (
        "home, again",
        home_page(CITY, OUTLINE, chosen=["loss"], hidden=(("a", "had:dog"), ("date", "loss:2026-08-01"))),
    )
    yield "question", question(HEAD)
    for problem in AnswerProblem:
        yield f"question, {problem}", question(HAD, chosen=["dog", "-"], error=problem)
    dropping = Query(QUERY.life_events, QUERY.answers, dropped=(Dropped("x", Why.MOOT, "head"),))
    yield "review", review_page(CITY, OUTLINE, query=dropping, left=2)
    for wrong in DateProblem:
        typed = {"loss": replace(BAD_DAY, error=wrong)}
        yield f"review, {wrong}", review_page(CITY, OUTLINE, query=QUERY, typed=typed, left=2)
    for doubt in Doubt:
        asked = {"loss": DateField(DEATH, "2025", "2", "3", doubt=doubt)}
        yield f"review, {doubt}", review_page(CITY, OUTLINE, query=QUERY, typed=asked, left=2)
    yield "review, no day", review_page(CITY, OUTLINE, query=QUERY, typed={"loss": BAD_DAY}, left=2)
    yield "result", result()
    yield "result, nothing", result(Groups())
    yield "result, perhaps", result(Groups(maybe=GROUPS.maybe), sheet_url="/e/11/ABCDEFGH12/sheet")
    for notice in NOTICES:
        yield f"result, {notice.kind}", result(notice=notice)
    yield "sheet", sheet()
    yield "sheet, nothing", sheet(Groups(), NOTICES[2])
    yield "why", why("applies")
    yield "why, perhaps", why("may_apply")
    yield "why not", why("not_listed")
    yield "why list", why_list_page(CITY, query=QUERY, words="届", procedures=ITEMS.procedures.values())
    yield "why list, none", why_list_page(CITY, query=QUERY, words="ない", procedures=[])
    for key in ITEMS.procedures:
        bring = [Bring(CARD), Bring(SEAL, False, ("登録していた方",))]
        yield (
            f"procedure {key}",
            procedure_page(
                CITY, cards.facts(key, ITEMS), procedures=ITEMS.procedures, bring=bring, events=[DEATH], terms=[TERM]
            ),
        )
    yield (
        "procedures",
        procedures_page(CITY, OUTLINE, procedures=ITEMS.procedures, by_event={"loss": ["notice"]}),
    )
    yield "window", window_page(CITY, INSIDE, procedures=ITEMS.procedures.values())
    yield "place outside", window_page(CITY, OUTSIDE, procedures=[])
    yield "terms", terms_page(CITY, [TERM, Term(key="term-b", term="DV", meaning="暴力のことです。")])
    yield "term", term_page(CITY, TERM, procedures=[NOTICE])
    yield "search", search_page(CITY, "届", FOUND, {NOTICE.key: NOTICE})
    yield "search, meant", search_page(CITY, "とどけけ", replace(FOUND, meant=("届", "届け")), {NOTICE.key: NOTICE})
    yield "search, partly", search_page(CITY, "届 犬", replace(FOUND, partly=True), {NOTICE.key: NOTICE})
    yield "search, none", search_page(CITY, "ない", Results(partly=True), {})
    yield "search, no words", search_page(CITY, "", Results(), {})
    for status in (404, 410, 413, 422, 429, 500, 503):
        retry = "/result?event=loss" if status == 503 else None
        yield f"error {status}", ErrorPage(city=CITY, status=status, retry_url=retry, reference="42")
    yield "error busy", ErrorPage(city=CITY, status=503, retry_url="/result?event=loss", busy_seconds=10)
    yield "changes", changes_page(CITY, ANNOUNCED, there=["notice", "window-in"])
    yield "changes, none", changes_page(CITY, [], there=[])
    yield "privacy", PrivacyPage(city=CITY)
    yield "accessibility", AccessibilityPage(city=CITY)


PAGES = dict(all_pages())
ONE_OF_EACH = list({type(page): page for page in PAGES.values()}.values())
HTML = {name: rendering.render(page) for name, page in PAGES.items()}
VOID = {"meta", "link", "input", "br", "hr", "wbr", "img", "use", "path"}


class Reader(HTMLParser):
    """Collects what the checks below ask about, and refuses tags that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert not self.open, f"still open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, f"</{tag}> out of order"

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.tags if attribute in attrs]


def line(card: Card) -> str:
    """The line of the list that a card is while it is folded."""
    return rendering.render_part(card).split("<summary>")[1].split("</summary>")[0]


@pytest.mark.parametrize("name", HTML)
def test_every_page_is_sound_html_for_everybody(name: str) -> None:
    html = HTML[name]
    page = Reader(html)
    ids = page.values("id")
    assert page.named("html")[0]["lang"] == "ja"
    assert len(page.named("h1")) == 1
    assert len(page.named("main")) == 1
    assert "本文へ移動" in html
    assert len(ids) == len(set(ids)), "an id is used twice"
    assert set(page.values("for")) <= set(ids)
    for named in page.values("aria-describedby") + page.values("aria-labelledby"):
        assert set(named.split()) <= set(ids), f"{named} names nothing"
    inner = {href[1:] for href in page.values("href") if href.startswith("#")}
    assert inner <= set(ids), f"links to nothing: {inner - set(ids)}"
    assert set(page.values("form")) <= set(ids)


@pytest.mark.parametrize("name", HTML)
def test_no_page_needs_more_than_the_content_security_policy_allows(name: str) -> None:
    page = Reader(HTML[name])
    assert not page.named("style") and not page.values("style")
    assert not [attrs for _, attrs in page.tags for attribute in attrs if attribute.startswith("on")]
    assert all(attrs.get("src", "").startswith("/static/") for attrs in page.named("script"))  # type: ignore[union-attr]
    loaded = [attrs for attrs in page.named("link") if attrs["rel"] != "alternate"]  # the feed is named, not loaded
    assert all((attrs["href"] or "").startswith("/static/") for attrs in loaded)
    assert all((attrs.get("action") or "").startswith("/") for attrs in page.named("form"))
    assert "line.me" not in HTML[name].lower()


def test_every_page_class_is_shown_and_every_template_belongs_to_one() -> None:
    classes = {one for module in MODULES for one in vars(module).values() if isinstance(one, type)}
    shown = {one for one in classes if issubclass(one, CitizenPage) and hasattr(one, "template")}
    assert shown == {type(page) for page in PAGES.values()}
    owned = {one.template for one in shown} | {Card.template}
    parts = {f"citizen/{name}.html" for name in ("layout", "words", "parts", "notices", "rounds", "announced")}
    assert {f"citizen/{path.name}" for path in (rendering.TEMPLATES / "citizen").glob("*.html")} == owned | parts


@pytest.mark.parametrize("page", ONE_OF_EACH, ids=lambda page: type(page).__name__)
def test_a_template_reads_every_field_of_its_class_and_no_other(page: CitizenPage) -> None:
    text = (rendering.TEMPLATES / page.template).read_text(encoding="utf-8")
    layout = (rendering.TEMPLATES / "citizen/layout.html").read_text(encoding="utf-8")
    read = set(re.findall(r"\bpage\.(\w+)", text))
    own = {one.name for one in fields(page)}
    assert read <= own, f"not in the class: {read - own}"
    assert own - read <= set(re.findall(r"\bpage\.(\w+)", layout))


def test_each_field_of_the_overview_is_read_on_the_screen_or_on_paper() -> None:
    texts = [(rendering.TEMPLATES / page.template).read_text(encoding="utf-8") for page in (ResultPage, SheetPage)]
    read = {name for text in texts for name in re.findall(r"\bpage\.overview\.(\w+)", text)}
    assert read == {one.name for one in fields(Overview)}


@pytest.mark.parametrize(("page", "problems"), [("question", AnswerProblem), ("review", DateProblem)])
def test_every_problem_has_words_of_its_own(page: str, problems: type[StrEnum]) -> None:
    told = [
        re.findall(r'class="error[^"]*">(?:<svg.*?</svg>)?\s*([^<]+)</p>', HTML[f"{page}, {one}"], re.DOTALL)
        for one in problems
    ]
    assert all(len(words) == 1 and words[0].endswith("。") for words in told), told
    assert len({words[0] for words in told}) == len(told)


@pytest.mark.parametrize("name", HTML)
def test_only_pages_with_answers_ask_not_to_be_indexed(name: str) -> None:
    assert ('content="noindex"' in HTML[name]) == PAGES[name].private


def test_every_doubt_about_a_day_is_a_question_in_words_of_its_own() -> None:
    told = [re.findall(r"</a>：(.*?)</li>", HTML[f"review, {doubt}"]) for doubt in Doubt]
    assert all(len(words) == 1 for words in told) and len({words[0] for words in told}) == len(told)
    for doubt in Doubt:
        html = HTML[f"review, {doubt}"]
        assert "合っていますか" in html and "エラー" not in html
        assert '<input type="hidden" name="sure" value="loss:2026-08-01">' in html


def test_answers_of_other_life_events_are_named_together() -> None:
    notes = (DroppedNote("世帯主", Why.NOT_ASKED), DroppedNote("亡くなった日", Why.DATE_WITHOUT_LIFE_EVENT))
    html = rendering.render(result(notice=Notice("dropped", dropped=notes)))
    assert "選んだできごとでは使わない答えは、のぞきました：「世帯主」「亡くなった日」" in html


def test_choosing_life_events_again_keeps_answers_and_days() -> None:
    assert '<input type="hidden" name="a" value="had:dog">' in HTML["home, again"]
    assert '<input type="hidden" name="date" value="loss:2026-08-01">' in HTML["home, again"]
    change = HTML["review"].split("変える")[0].rpartition('href="')[2]
    assert change.startswith("/?event=loss&amp;a=had:dog")
    first = rendering.render(
        question_page(CITY, OUTLINE, question=HAD, query=Query(("loss",), QUERY.answers[:1]), terms=(), left=1)
    )
    assert 'href="/?event=loss&amp;a=had:dog"' in first.split("前に戻る")[0]


def test_an_error_is_told_in_the_title_above_and_at_the_field() -> None:
    for name in ("home, none chosen", "question, nothing_chosen", "review, no day"):
        html = HTML[name]
        assert "<title>エラー：" in html
        assert 'role="alert"' in html and 'class="error' in html and "has-error" in html
    assert "エラー" not in HTML["question"]


def test_hostile_text_stays_text() -> None:
    bad = "<script>alert(1)</script>\"'&"
    evil = procedure("evil", name=bad, summary=bad)
    page = search_page(CITY, bad, Results(procedures=(entry(evil),), meant=(bad,)), {"evil": evil})
    html = rendering.render(page)
    assert "<script>alert" not in html and "&lt;script&gt;" in html
    assert (
        "<b>"
        not in rendering.render_part(
            cards.card(
                Listed("notice", "applies"),
                CardFacts(1, procedure("notice", name="<b>")),
                items=ITEMS,
                counted=None,
                today=TODAY,
            )
        )
        .split("<h4")[1]
        .split("</h4>")[0]
    )


def test_what_nobody_knows_of_the_city_is_not_shown() -> None:
    unknown = Municipality.model_validate({})
    pages = [
        home_page(unknown, OUTLINE),
        replace(result(), city=unknown),
        replace(sheet(), city=unknown),
        ErrorPage(city=unknown, status=500),
    ]
    for page in pages:
        html = rendering.render(page)
        contact = html.partition('id="contact"')[2].partition("</section>")[0]
        assert "None" not in html and "（）" not in html, type(page)
        assert [word for word in ("電話", "メール", "ホームページ", "受付") if word in contact] == []
        assert not re.search(r'href="(tel|mailto):"', html), type(page)
    assert "<title>手続きガイド</title>" in rendering.render(pages[0])
    assert "役所・役場" in rendering.render(pages[0])


def test_a_name_that_the_class_lacks_is_an_error() -> None:
    @dataclass(frozen=True)
    class Poor:
        template: ClassVar[str] = HomePage.template

    with pytest.raises(Exception, match="has no attribute"):
        rendering.render(Poor())


# The words of deadlines


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": 14, "unit": "day"}, "亡くなった日から14日以内"),
        ({"value": 7, "unit": "day", "first_day_counts": True}, "亡くなった日を1日目として7日以内"),
        ({"value": 3, "unit": "month"}, "亡くなった日から3か月以内"),
        ({"value": 2, "unit": "year", "kind": "claim"}, "亡くなった日から2年"),
        ({"value": 3, "unit": "day_before", "from": "使い始める日"}, "使い始める日の3日前まで"),
        ({"value": 20, "unit": "day_of_previous_month", "from": "入園月"}, "入園月の前の月の20日まで"),
        ({"value": 20, "unit": "day_of_previous_month", "from": "前の月の20日"}, "前の月の20日まで"),
        ({"value": 0, "unit": "day"}, "亡くなった日のうち"),
        ({"kind": "before_action", "from": "引っ越す日"}, "引っ越す日より前"),
        ({"kind": "none"}, "期限の定めなし"),
        ({"kind": "practical"}, "お早めに"),
        ({"period": {"opens": "2026-04-01", "closes": "2026-06-30"}}, "2026年4月1日から2026年6月30日まで"),
        ({"period": {"closes": "2026-06-30"}}, "2026年6月30日まで"),
        ({}, ""),
        ({"value": 14, "unit": "day", "from": None}, ""),
    ],
)
def test_the_rule_of_a_deadline_in_words(given: dict[str, object], words: str) -> None:
    assert rendering.say("rule", deadline(**given)) == words


def test_of_an_unknown_deadline_nothing_is_said() -> None:
    assert rendering.say("rule", None) == ""


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("claim", "過ぎると受け取れません。"),
        ("irreversible", "過ぎるとできなくなります。"),
        ("legal", ""),
        ("none", ""),
    ],
)
def test_what_happens_after_a_deadline(kind: str, words: str) -> None:
    assert rendering.say("after", deadline(value=2, unit="year", kind=kind)) == words


def test_a_day_names_its_weekday_and_the_year_only_when_asked() -> None:
    assert rendering.say("day", date(2026, 8, 7), False) == "8月7日（金）"
    assert rendering.say("day", date(2029, 8, 1), True) == "2029年8月1日（水）"


# Due days


def test_the_last_opening_day_is_shown_while_it_lies_ahead() -> None:
    due = cards.due(SOON, today=TODAY)
    assert due == CardDue(date(2026, 8, 7), date(2026, 8, 8), date(2026, 8, 10), left=2, cautious=True)
    text = rendering.say("explained", due, NOTICE.deadline)
    assert "8月8日（土）は休みのため" in text and "8月10日（月）まで受け付けます" in text and "早いほうの日" in text


def test_after_the_last_opening_day_the_day_that_is_still_accepted() -> None:
    due = cards.due(SOON, today=date(2026, 8, 8))
    assert due is not None and due.day == date(2026, 8, 10) and due.left == 2 and due.closed_day is None


def test_a_passed_day_says_so_and_sends_to_the_window() -> None:
    due = cards.due(SOON, today=date(2026, 8, 11))
    assert due is not None and due.passed and due.left is None
    assert rendering.say("until", due, NOTICE.deadline) == "8月10日（月）まででした"
    assert "窓口にご相談ください" in rendering.say("explained", due, NOTICE.deadline)


@pytest.mark.parametrize(("today", "left"), [(24, 14), (23, None), (25, 13)])
def test_days_left_are_told_up_to_fourteen_days_ahead(today: int, left: int | None) -> None:
    due = cards.due(Counted(date(2026, 8, 7), go_by=date(2026, 8, 7)), today=date(2026, 7, today))
    assert due is not None and due.left == left


# Cards


def test_equal_cards_are_one_key_and_a_reason_makes_another() -> None:
    assert hash(card("notice", counted=SOON)) == hash(card("notice", counted=SOON))
    assert card("notice", counted=SOON) == card("notice", counted=SOON)
    assert card("notice", counted=SOON) != card("notice")
    assert card("notice") != card("notice", "may_apply")
    assert CardFacts(1, NOTICE) != CardFacts(2, NOTICE)


def test_a_card_holds_nothing_of_the_address() -> None:
    for html in RENDERED.values():
        assert "event=" not in html and "had:dog" not in html and "2026-08-01" not in html


def test_a_card_links_its_name_to_the_public_page_and_has_our_page_too() -> None:
    html = RENDERED[GROUPS.must[0]]
    assert 'href="https://example.jp/notice"' in html and 'href="/procedures/notice"' in html
    assert "https://example.jp/apply" in html and "https://example.jp/form" in html
    assert "<a " not in line(GROUPS.must[0]), "a line opens, it leads nowhere"


def test_a_line_says_what_by_when_and_where() -> None:
    must, gain, maybe = (line(GROUPS.all[number]) for number in range(3))
    assert "noticeの届け出" in must and "8月7日（金）まで" in must and "あと2日" in must and "市民課" in must
    assert "2年以内" in gain and "過ぎると受け取れません" in gain and "年金事務所" in gain
    assert "お早めに" in maybe and "ご家族が亡くなった方" in maybe


def test_what_is_lost_is_told_in_the_words_of_the_edition_where_it_has_some() -> None:
    own = procedure(
        "claim", nature="benefit", if_late="1か月分を失います。", deadline=deadline(value=2, unit="year", kind="claim")
    )
    assert "1か月分を失います。" in line(Card(CardFacts(1, own), "applies"))
    assert "過ぎると受け取れません" not in line(Card(CardFacts(1, own), "applies"))
    duty = own.model_copy(update={"nature": "duty"})
    assert "1か月分を失います。" not in line(Card(CardFacts(1, duty), "applies"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": 14, "unit": "day"}, "14日以内"),
        ({"value": 2, "unit": "year", "kind": "claim"}, "2年以内"),
        ({"value": 1, "unit": "month", "kind": "practical"}, "1か月以内（めやす）"),
        ({"value": 0, "unit": "day"}, "その日のうち"),
        ({"value": 3, "unit": "day_before"}, "前もって"),
        ({"kind": "before_action"}, "前もって"),
        ({"kind": "none"}, "いつでも"),
        ({"kind": "practical"}, "お早めに"),
        ({"period": {"opens": "2026-04-01"}}, "2026年4月1日から"),
        ({}, "お早めに"),
        (None, "お早めに"),
    ],
)
def test_by_when_in_short(given: dict[str, object] | None, words: str) -> None:
    own = procedure("a", deadline=None if given is None else deadline(**given))
    assert rendering.say("by_when", Card(CardFacts(1, own), "applies")) == words


def test_by_when_of_what_comes_before_others_and_of_what_is_over() -> None:
    own = procedure("a", deadline=deadline(kind="none"))
    assert rendering.say("by_when", Card(CardFacts(1, own), "applies", before_others=True)) == "ほかの手続きの前に"
    over = procedure("a", deadline=deadline(period={"closes": "2026-06-30"}))
    assert rendering.say("by_when", Card(CardFacts(1, over), "applies", period_over=True)) == "受け付けは終わりました"


def test_what_another_settles_stands_in_its_line_and_under_it() -> None:
    under = Card(CardFacts(1, procedure("with")), "applies")
    card = replace(GROUPS.must[0], under=(under,))
    assert "一緒に済むもの：withの届け出" in line(card)
    assert 'id="p-with"' in rendering.render_part(card)


def test_a_card_names_the_ways_that_are_known_in_order() -> None:
    ways = RENDERED[GROUPS.must[0]].split('<dl class="methods">')[1].split("</dl>")[0]
    assert re.findall(r"<dt>(.*?)</dt>.*?>(可|不可)</dd>", ways) == [
        ("窓口", "可"),
        ("郵送", "可"),
        ("オンライン", "不可"),
    ]


def test_another_citys_practice_shows_none_of_its_values() -> None:
    for html in (RENDERED[GROUPS.maybe[0]], HTML["procedure borrowed"]):
        assert "500円" not in html and "登録証" not in html and "3日以内" not in html
        assert not re.search("<dd>可</dd>", html) and "window-in" not in html
        line = "<b>窓口で確かめること：</b>必要かどうか、期限、持ち物、行く場所、オンラインでできるか"
        assert html.count("窓口で確かめること") == 1 and line in html
        assert "要確認" not in html


def test_a_card_asks_only_for_what_is_unknown() -> None:
    assert "窓口で確かめること" not in RENDERED[GROUPS.must[0]]
    asked = RENDERED[GROUPS.gain[0]]
    assert "<b>窓口で確かめること：</b>持ち物、オンラインでできるか" in asked, asked


def test_the_result_ends_with_what_to_ask_by_window() -> None:
    told = to_ask(GROUPS.all)
    assert [(one.window and one.window.key, one.procedures) for one in told] == [
        ("window-out", (("claimの届け出", ("documents", "online")),)),
        ("window-in", (("borrowedの届け出", ("duty", "deadline", "documents", "windows", "online")),)),
    ]
    html = rendering.render(result())
    assert html.index('id="ask"') > html.index('id="bring"')
    assert '<a href="tel:000-000-0000">' in html[html.index('id="ask"') :]


def test_what_may_be_needed_says_for_whom() -> None:
    html = RENDERED[GROUPS.must[0]]
    assert re.search(r"資格確認書 2通</li>", html)
    assert re.search(r"登録証<span[^>]*>（登録していた方）</span>", html)


def test_a_procedure_that_may_apply_asks_the_question_it_waits_for() -> None:
    html = RENDERED[GROUPS.maybe[0]]
    assert 'form="answers" name="ask" value="head"' in html and HEAD.text in html
    assert 'id="answers"' in HTML["result"]


# The result


def test_condolence_is_said_once_on_the_result_of_a_death_and_nowhere_else() -> None:
    assert HTML["result"].count("お悔やみ") == 1
    assert not [name for name, html in HTML.items() if "お悔やみ" in html and not name.startswith("result")]
    moved = result_page(
        CITY,
        Visit(EDITION, OUTLINE, Query(("moving-in",))),
        groups=GROUPS,
        cache=CACHE,
        code="A",
        sheet_url="/sheet",
        guidance=Guidance(11, ("moving-in",), (), None, 0, ()),
    )
    assert "お悔やみ" not in rendering.render(moved)


def test_first_is_the_first_line_of_the_list() -> None:
    html = rendering.render(result())
    assert GROUPS.first == GROUPS.must[0]
    box = html.split('<section class="first"')[1].split("</section>")[0]
    assert 'href="#p-notice"' in box and "8月7日（金）まで" in box and "市民課（市役所）" in box
    assert re.findall(r'data-key="(\w+)"', html)[0] == "notice"
    only = rendering.render(result(Groups(gain=GROUPS.gain)))
    assert 'href="#p-claim"' in only.split('<section class="first"')[1].split("</section>")[0]
    assert Groups(maybe=GROUPS.maybe).first is None and 'class="first"' not in HTML["result, perhaps"]


def test_a_duty_that_has_time_is_done_before_a_benefit_whose_day_has_passed() -> None:
    ahead, passed = card("notice", counted=SOON), card("claim", counted=Counted(date(2026, 7, 1)))
    assert passed.due and passed.due.passed and ahead.due and not ahead.due.passed
    assert Groups(must=(ahead,), gain=(passed,)).first == ahead


def test_the_list_is_a_timeline_with_its_numbers_above() -> None:
    must = tuple(replace(card(key), stage=stage) for key, stage in (("notice", Stage.DAYS), ("borrowed", Stage.OPEN)))
    html = rendering.render(result(Groups(must=must, gain=(replace(card("claim"), stage=Stage.LATER),))))
    counts = html.split('<ul class="counts">')[1].split("</ul>")[0]
    told = re.findall(r'href="#([\w-]+)">(.*?) <b>(\d+)件', counts)
    assert told == [
        ("must-within_14_days", "14日以内", "1"),
        ("must-no_deadline", "期限のないもの・お早めに", "1"),
        ("gain", "受け取れるもの・した方がよいもの", "1"),
    ]
    headings = re.findall(r'<h3 id="([\w-]+)" class="stage">', html)
    assert headings == ["must-within_14_days", "must-no_deadline", "gain-later"]


def _cards(stage: Stage, name: str, count: int) -> tuple[Card, ...]:
    return tuple(Card(CardFacts(1, procedure(f"{name}{n}"), ()), "applies", stage=stage) for n in range(count))


def test_of_a_long_list_what_is_not_near_is_folded_with_its_number_and_first_day() -> None:
    claim = replace(GROUPS.must[0], stage=Stage.QUARTER)
    html = rendering.render(
        result(
            Groups(
                must=(*_cards(Stage.DAYS, "soon", ROOM + 1), claim, *_cards(Stage.OPEN, "open", 2)),
                gain=(*_cards(Stage.DAYS, "gain", 1), *_cards(Stage.LATER, "later", 1)),
            )
        )
    )
    assert re.findall(r'<h3 id="([\w-]+)" class="stage">', html) == ["must-within_14_days", "gain-within_14_days"]
    folded = re.findall(r'<summary><h3>(.*?)</h3></summary>\s*<div id="([\w-]+)"', html)
    assert [name for _, name in folded] == ["must-within_3_months", "must-no_deadline", "gain-later"]
    assert [told for told, _ in folded[:2]] == [
        "3か月以内　1件　はじめは8月7日（金）まで",
        "期限のないもの・お早めに　2件",
    ]
    assert 'data-key="notice"' in html.split('<div id="must-within_3_months"')[1].split('<div id="must-no_deadline"')[0]


def test_a_short_list_folds_nothing_and_a_long_one_only_what_is_beyond_the_room() -> None:
    short = stages((*_cards(Stage.DAYS, "soon", 3), *_cards(Stage.QUARTER, "a", 3), *_cards(Stage.OPEN, "b", 3)))
    assert [stage.folded for stage in shortened(short, room=9)] == [False, False, False]
    assert [stage.folded for stage in shortened(short, room=8)] == [False, False, True]
    assert [stage.folded for stage in shortened(short, room=0)] == [False, True, True]


def test_one_visit_stands_together() -> None:
    own = [
        Card(CardFacts(1, procedure(key), windows), "applies", stage=Stage.DAYS)
        for key, windows in (("a", (INSIDE,)), ("b", (INSIDE, OUTSIDE)), ("c", (OUTSIDE,)), ("d", ()), ("e", ()))
    ]
    (stage,) = stages(own)
    assert [[one.key for one in visit.cards] for visit in stage.visits] == [["a", "b"], ["c"], ["d"], ["e"]]
    assert stage.count == 5 and stage.visits[0].window == INSIDE
    html = rendering.render(result(Groups(must=tuple(own))))
    (together,) = re.findall(r'<div class="visit">\s*<p>(.*?)</p>', html)
    assert together == "市民課でまとめて"


def test_what_only_may_be_needed_and_what_asks_nothing_is_folded_as_a_group() -> None:
    news = Card(CardFacts(1, procedure("news", nature="information")), "applies")
    html = rendering.render(result(replace(GROUPS, no_action=(news,))))
    for name, key in (("maybe", "borrowed"), ("no-action", "news")):
        group = html.split(f'<div id="{name}"')[1]
        assert html.split(f'<div id="{name}"')[0].rstrip().endswith("</summary>")
        assert f'data-key="{key}"' in group
    assert "済んだ：news" not in html and "<details open" not in html


def test_a_closed_hall_is_told_where_the_first_way_leads_there() -> None:
    with clock.fixed(datetime(2026, 8, 8, 9, tzinfo=clock.TOKYO)):
        assert "今日は見本市役所が休みです" in rendering.render(result()) and "8月10日" in rendering.render(result())
        elsewhere = Groups(must=(Card(CardFacts(1, CLAIM, (OUTSIDE,)), "applies"),))
        assert "今日は見本市役所が休みです" not in rendering.render(result(elsewhere))
    with clock.fixed(datetime(2026, 8, 7, 9, tzinfo=clock.TOKYO)):
        assert "今日は見本市役所が休みです" not in rendering.render(result())


def test_without_a_day_no_calendar_is_offered() -> None:
    assert "/result.ics" in rendering.render(result())
    assert "/result.ics" not in rendering.render(result(Groups(must=(card("notice"),))))


def test_a_reason_that_several_rows_share_is_told_once() -> None:
    same = [ListedReason(condition=key, label="登録していた方", state="true", waits_for=()) for key in ("a", "b")]
    listed = Listed(procedure="notice", status="applies", documents=(), because=tuple(same))
    made = cards.card(listed, cards.facts("notice", ITEMS), items=ITEMS, counted=None, today=TODAY)
    assert made.because == ("登録していた方",)


def test_a_paper_that_only_other_cities_ask_for_is_asked_about_and_not_told() -> None:
    elsewhere = SEAL.model_copy(update={"basis": "elsewhere"})

    class Elsewhere(Items):
        documents: ClassVar = {"doc-card": CARD, "doc-seal": elsewhere}

    def made(*papers: NeededDocument) -> Card:
        known = cards.facts("notice", Elsewhere())
        return cards.card(Listed("notice", "applies", papers), known, items=Elsewhere(), counted=None, today=TODAY)

    card_and_seal = made(NeededDocument("doc-card", "needed"), NeededDocument("doc-seal", "needed"))
    assert [one.document.key for one in card_and_seal.bring] == ["doc-card"]
    assert "documents" in card_and_seal.to_ask and "documents" not in made(NeededDocument("doc-card", "needed")).to_ask
    seal = made(NeededDocument("doc-seal", "needed"))
    html = rendering.render_part(seal)
    assert SEAL.name not in html and "持っていくものはありません" not in html and "窓口で確かめること" in html
    known = cards.facts("notice", Elsewhere())
    page = procedure_page(CITY, known, procedures={}, bring=[Bring(elsewhere)], events=[DEATH], terms=[])
    shown = rendering.render(page)
    assert SEAL.name not in shown and "持っていくものはありません" not in html and "documents" in page.to_ask


def test_phones_on_paper_are_links() -> None:
    claim = procedure("claim", handled_at=["window-out"])
    shown = Card(CardFacts(1, claim, (OUTSIDE,)), "applies")
    assert '<a href="tel:000-000-0000">000-000-0000</a>' in rendering.render(sheet(Groups((shown,))))


def test_on_paper_papers_and_fees_stand_with_their_procedure_and_window() -> None:
    paid = Card(CardFacts(1, procedure("paid", fee="450円"), (OUTSIDE,)), "applies")
    rows = re.findall(
        r'<tr><td class="box">□.*?</tr>', rendering.render(sheet(Groups((card("notice"), paid)))), re.DOTALL
    )
    assert "市民課" in rows[0] and "資格確認書 2通" in rows[0] and "登録していた方" in rows[0] and "費用" not in rows[0]
    assert "年金事務所" in rows[1] and "費用：450円" in rows[1]


def test_a_result_opened_by_its_code_says_that_days_are_not_in_it() -> None:
    undated = replace(QUERY, dates={})
    opened = result_page(
        CITY,
        replace(VISIT, query=undated),
        guidance=Guidance(11, ("loss",), undated.answers, None, 0, ()),
        groups=GROUPS,
        cache=CACHE,
        code="A",
        sheet_url="/sheet",
        printed=True,
    )
    html = rendering.render(opened)
    assert "番号に日付は入っていません" in html.split('<section class="first"')[0]
    assert 'a=head:?#days">日付を書く</a>' in html
    assert "紙の番号から" not in HTML["result"]


def test_paper_says_that_days_are_not_in_its_code() -> None:
    assert "番号に日付は入っていません" in HTML["sheet"]


def test_a_card_shows_the_note_of_its_procedure() -> None:
    own = procedure("noted", note="印鑑は要りません。")
    assert "<b>補足：</b>印鑑は要りません。" in rendering.render_part(Card(CardFacts(1, own), "applies"))
    assert "補足" not in rendering.render_part(Card(CardFacts(1, procedure("plain")), "applies"))


def bring(groups: Groups) -> list[tuple[str | None, list[tuple[str, tuple[str, ...], bool]]]]:
    stops = (*round_of_windows(groups.all)[0], *round_of_windows(groups.all)[1])
    return [
        (place.window.key if place.window else None, [(one.document.key, one.uses, one.certain) for one in place.items])
        for place in bring_list(stops, groups)
    ]


def test_everything_to_bring_is_named_once_where_the_round_needs_it_first() -> None:
    both = ("noticeの届け出", "claimの届け出")
    known = CLAIM.model_copy(update={"basis": NOTICE.basis, "needs": ["doc-card"]})

    class Known(Items):
        procedures: ClassVar = Items.procedures | {"claim": known}

    listed = Listed("claim", "applies", (NeededDocument("doc-card", "needed"),))
    claim = cards.card(listed, cards.facts("claim", Known()), items=Known(), counted=None, today=TODAY)
    assert bring(Groups(gain=(claim,), must=(card("notice"),))) == [
        ("window-in", [("doc-card", both, True), ("doc-seal", ("noticeの届け出",), False)])
    ]
    assert bring(Groups(gain=(claim,)))[0][0] == "window-out"


def test_papers_of_what_only_may_apply_are_listed_while_nothing_is_certain() -> None:
    assert bring(Groups(maybe=(card("notice", "may_apply"),))) == [
        ("window-in", [("doc-card", ("noticeの届け出",), False), ("doc-seal", ("noticeの届け出",), False)])
    ]
    assert bring(Groups(must=(card("borrowed"),), maybe=(card("notice", "may_apply"),))) == []


def test_fees_are_told_apart_from_papers_and_only_where_there_are_some() -> None:
    paid = Card(CardFacts(1, procedure("paid", fee="450円"), (INSIDE,)), "applies")
    html = rendering.render(result(Groups(must=(card("notice"), paid))))
    fees = html.split("<h3>かかる費用</h3>")[1].split("</ul>")[0]
    assert "paidの届け出" in fees and "450円" in fees and "notice" not in fees
    assert html.index("<h3>市民課へ</h3>") < html.index("かかる費用")
    assert "かかる費用" not in HTML["result"]


def test_windows_are_walked_in_order_and_places_outside_come_after() -> None:
    inside, outside = round_of_windows((card("claim"), card("notice"), card("borrowed", "may_apply")))
    assert [(one.window.key, [card.key for card in one.sure], one.maybe) for one in inside] == [
        ("window-in", ["notice"], ())
    ], "where another city does it is no place to go to"
    assert [one.window.key for one in outside] == ["window-out"]


def test_what_only_informs_sends_nobody_to_a_window() -> None:
    informs = procedure("informs", nature="option", deadline=deadline(kind="none", value=None, unit=None))
    asks = [
        informs.model_copy(update={"key": "duty", "nature": "duty"}),
        informs.model_copy(update={"key": "paid", "fee": "300円"}),
        informs.model_copy(update={"key": "sent", "postal": Method.model_validate({"is": "yes"})}),
        informs.model_copy(update={"key": "timed", "deadline": deadline(value=1, unit="month")}),
    ]
    window = cards.facts("notice", ITEMS).windows
    assert window and round_of_windows([Card(CardFacts(1, informs, window), "applies")]) == ((), ())
    for own in asks:
        inside, outside = round_of_windows([Card(CardFacts(1, own, window), "applies")])
        assert [one.window.key for one in (*inside, *outside)] == [one.key for one in window]


def test_the_code_is_typed_in_groups_of_four() -> None:
    assert "11-ABCD-EFGH-12" in HTML["result"] and "11-ABCD" in HTML["sheet"]


def test_the_sheet_never_tells_days_left_and_shows_the_code() -> None:
    assert "あと2日" in HTML["result"]
    assert "あと2日" not in HTML["sheet"] and 'class="left"' not in HTML["sheet"]
    assert "<svg" in HTML["sheet"] and 'role="img"' in HTML["sheet"]


def test_not_needed_says_which_answer_decided_and_how_to_change_it() -> None:
    html = HTML["why not"]
    assert "必要ありません" in html and "「犬」" in html
    assert "/guide?event=loss&amp;a=had:dog&amp;a=head:?&amp;date=loss:2026-08-01&amp;ask=had" in html


# Questions and review


def test_a_question_keeps_the_answers_and_ticks_the_earlier_one() -> None:
    html = HTML["question"]
    assert '<input type="hidden" name="a" value="had:dog">' in html
    assert re.search(r'name="o" value="\?" checked', html)
    assert 'name="q" value="head"' in html and "あと最大3問" in html


def test_a_question_of_many_offers_none_of_them() -> None:
    many, one = HTML["question, nothing_chosen"], HTML["question"]
    assert 'value="-"' in many and "どれもない" in many
    assert 'value="-"' not in one


def test_not_knowing_is_offered_only_where_the_question_allows_it() -> None:
    firm = HEAD.model_copy(update={"unsure": False})
    html = rendering.render(question_page(CITY, OUTLINE, question=firm, query=Query(("loss",)), terms=(), left=1))
    assert "わからない" not in html and 'value="?"' not in html


def test_a_term_is_marked_in_the_text_and_explained_on_the_same_page() -> None:
    html = HTML["question, nothing_chosen"]
    assert f'<a class="term" href="#term-{TERM.key}">資格確認書</a>' in html
    assert TERM.meaning in html


def test_of_overlapping_terms_the_longest_wins_and_each_is_marked_once() -> None:
    short = Term(key="t", term="保険", meaning="…")
    long = Term(key="u", term="健康保険", meaning="…")
    found = marked_terms("健康保険と保険、健康保険", [short, long])
    assert [(piece.text, piece.term.key if piece.term else None) for piece in found] == [
        ("健康保険", "u"),
        ("と", None),
        ("保険", "t"),
        ("、健康保険", None),
    ]


def test_the_review_names_every_answer_and_where_to_change_it() -> None:
    html = HTML["review"]
    assert "世帯主" in html and "わからない" in html and "犬" in html
    assert "ask=head" in html and "ask=had" in html
    assert "使わなくなりました" in html


def test_every_reason_for_dropping_an_answer_is_told() -> None:
    for note in DROPPED:
        assert rendering.say("dropped", note).endswith("。")


@pytest.mark.parametrize("named", ["世帯主", None])
@pytest.mark.parametrize("why", Why)
def test_nothing_is_dropped_without_a_word(why: Why, named: str | None) -> None:
    """What an address says of a day or a question that nobody knows has no name."""
    told = rendering.say("all_dropped", (DroppedNote(named, why),))
    assert told.endswith(("。", "「世帯主」")) and len(told) > 15


def test_the_number_stands_on_the_sheet_where_its_hint_says() -> None:
    html = rendering.render(sheet())
    assert html.index('class="code"') < html.index("<table>")
    assert "印刷した紙の上のほう" in rendering.render(home_page(CITY, OUTLINE))


# Catalogue


def test_terms_stand_in_rows_and_unread_ones_last() -> None:
    words = (("d", "DV", None), ("w", "割合", "わりあい"), ("g", "学区", "がっく"), ("a", "医療", "いりょう"))
    given = [Term(key=key, term=term, reading=reading, meaning="…") for key, term, reading in words]
    rows = terms_page(CITY, given).rows
    assert [(row.name, [term.key for term in row.terms]) for row in rows] == [
        ("あ", ["a"]),
        ("か", ["g"]),
        ("わ", ["w"]),
        (None, ["d"]),
    ]


def test_moves_stand_apart_from_what_happens_in_families() -> None:
    page = home_page(CITY, OUTLINE)
    assert [one.key for one in page.moves] == ["moving-in"] and [one.key for one in page.others] == ["loss"]


# What is served beside the pages


def test_static_files_are_named_with_a_digest_of_their_bytes() -> None:
    assert re.fullmatch(r"/static/guide\.css\?v=[0-9a-f]{12}", rendering.static_url("guide.css"))
    assert rendering.static_url("guide.css") in HTML["home"]


def test_styles_and_scripts_ask_nobody_else() -> None:
    for name in ("guide.css", "guide.js", "tokens.css"):
        text = (rendering.STATIC / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|@import|url\(", text), name


def test_every_class_of_the_templates_is_styled() -> None:
    css = (rendering.STATIC / "guide.css").read_text(encoding="utf-8")
    used = {one for html in HTML.values() for names in Reader(html).values("class") for one in names.split()}
    unstyled = {one for one in used if not re.search(rf"\.{re.escape(one)}\b", css)}
    assert unstyled <= {"back"}, unstyled


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    used = {one for html in HTML.values() for one in re.findall(r"#i-([a-z-]+)", html)}
    assert used and used <= rendering.icon_names()


def test_examples_to_search_for_are_names_of_the_edition() -> None:
    names = {one.name for one in ITEMS.procedures.values()}
    assert examples(ITEMS.procedures.values()) and set(examples(ITEMS.procedures.values())) <= names
    bracketed = procedure("x", name="届（だれか）")
    fields = [procedure("y", name="長い名前の届け", field="税"), procedure("z", name="届", field="税"), bracketed]
    assert examples(fields) == ("届",), "the shortest of its field, and none with a bracket"
    page = rendering.render(home_page(CITY, OUTLINE, examples=("見本届",)))
    assert "例：見本届" in page and "児童手当" not in page and "例：" not in HTML["home"]


def test_all_procedures_are_folded_by_life_event_and_by_field() -> None:
    html = HTML["procedures"]
    for anchor in ("event-loss", "field-1"):
        assert html.split(f'<div id="{anchor}"')[0].rstrip().endswith("</summary>")
    assert html.index("できごとから探す") < html.index("分野から探す") and "<details open" not in html


def test_the_nearest_reason_stands_first_and_the_rest_is_folded() -> None:
    """Nearest is what fewest answers decide."""
    far = Clause(("head/yes",), False, "false", (Answer("head", ("head/no",)),))
    near = Clause(("had/house",), False, "false", (Answer("had", ("had/dog",)),))
    found = Explanation(
        11,
        "notice",
        "not_listed",
        (
            ExplainedCondition("a", "世帯主で家を持っていた方", "false", (far, near)),
            ExplainedCondition("b", "家を持っていた方", "false", (near,)),
        ),
    )
    page = why_page(CITY, OUTLINE, query=QUERY, procedure=NOTICE, explanation=found)
    assert page.nearest is not None and page.nearest.label == "家を持っていた方"
    box, folded = rendering.render(page).split("<details>")
    assert "「犬」" in box and "「いいえ」" not in box and "この答えを変える" in box
    assert "世帯主で家を持っていた方" in folded and "「いいえ」" in folded

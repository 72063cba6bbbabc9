"""The nouns: what an edition consists of, what a resident answers, what the guide says.

Items are pydantic models whose fields are exactly those of the content document
(`ops/design/content-format.md`), so one definition serves import, export, the catalogue and the API. Each field says
beside its type all that there is to know of it (`fields`), each model what its kind is: `registry` reads both. Answers
and guidance are plain frozen data classes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.content.fields import (
    Announced,
    CalendarDay,
    Group,
    Label,
    Mentions,
    Owned,
    Prose,
    Reference,
    Search,
    Shape,
    Start,
)
from service.content.letters import UNPRINTABLE, visible

# Compatibility ideographs stand in names of people and places: Unicode would replace them, people would not.
_NAME_IDEOGRAPHS = re.compile("[\uf900-\ufaff\U0002f800-\U0002fa1f]")


def _readable(text: str) -> str:
    """The text without what nobody sees; refuses what files, calendars and the database cannot hold or search."""
    text = visible(text)
    bad = UNPRINTABLE.search(text)
    if bad:
        raise PydanticCustomError("unprintable", "unprintable {code}", {"code": f"U+{ord(bad[0]):04X}"})
    if not text.isascii() and not unicodedata.is_normalized("NFC", _NAME_IDEOGRAPHS.sub("", text)):
        raise PydanticCustomError("decomposed", "not in Unicode normal form C")
    if not text.strip():
        raise PydanticCustomError("blank", "only blanks")
    return text


def _day(text: str) -> str:
    """The day unchanged; refuses days that no calendar has."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "no such day") from None
    return text


ItemKey = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=120)]
OptionKey = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=240)]
Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_readable)]
# A host has to be there; a name before @ would show one address and lead to another.
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+([/?#][^\s]*)?$", max_length=2000), AfterValidator(_readable)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day), CalendarDay()]
Position = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
YesNo = Literal["yes", "no", "unknown"]
Ground = Literal["law", "city", "elsewhere"]

FORMAT: Final = 2
"""The format of content documents; those of the one before are read too (`format_1`)."""


class Kind(StrEnum):
    """The kinds of items that code speaks of by name; all kinds of an edition are in the `registry`."""

    LIFE_EVENT = "LifeEvent"
    QUESTION = "Question"
    OPTION = "Option"
    CONDITION = "Condition"
    PROCEDURE = "Procedure"
    DOCUMENT = "Document"
    WINDOW = "Window"
    TERM = "Term"
    LAW = "Law"
    SCENARIO = "Scenario"


@dataclass(frozen=True, slots=True)
class ItemKind:
    """What a model says of its kind: its label in the graph, its Japanese name, and the field that names an item.

    Items of one name are told apart by the field `apart_by`. An edition has at most `most` items of it. Keys begin
    with `stem`, where `bare` only if the name cannot be spelt (they are seen in addresses). `page` says that each
    item has a page of its own for residents, `open` that programs may read them all, `drawn` that it stands in
    drawings of the way that residents take.
    """

    label: str
    name: str
    stem: str
    most: int = 5_000
    named_by: str = "name"
    apart_by: str = ""
    bare: bool = False
    page: bool = False
    open: bool = True
    drawn: bool = True


class Strict(BaseModel):
    """Immutable, and refuses what it does not know: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        """An empty field (`needs:` and nothing behind it) says nothing; an unknown one is refused even so."""
        if not isinstance(value, dict) or None not in value.values():
            return value
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {name: entry for name, entry in value.items() if entry is not None or name not in known}


class ItemModel(Strict):
    """An item of an edition; each kind is one model."""

    about: ClassVar[ItemKind]

    key: str


Key = Annotated[ItemKey, Label("キー")]
Name = Annotated[Text, Label("名前"), Start()]
Reading = Annotated[
    Text | None, Label("読み方", help="ひらがなで書きます。検索と五十音順に使います。"), Search(names=True), Start()
]
Synonyms = Annotated[
    list[Text],
    Label("別の呼び名", help="住民がふだん使う呼び方です。検索で見つかるようになります。"),
    Search(names=True),
]
Order = Annotated[Position, Label("並び順", help="小さい数が先に出ます。")]
GROUNDS = Label(
    "よりどころ",
    {"law": "法令・国や県の案内", "city": "この自治体の案内・確認", "elsewhere": "ほかの自治体の例"},
    help="「ほかの自治体の例」は、住民には見せません。",
)
FormUrl = Annotated[Url | None, Label("用紙のアドレス")]


class Source(Strict):
    """Where facts were read: an official page or a statute; at least `url` or `title` is there."""

    url: Annotated[Url | None, Label("アドレス")] = None
    title: Annotated[Text | None, Label("題名")] = None
    basis: Annotated[Ground | None, GROUNDS] = None
    checked_on: Annotated[Day | None, Label("確認した日", help="最後に読んで確かめた日です。"), CalendarDay()] = None

    @model_validator(mode="after")
    def _names_something(self) -> Source:
        if self.url is None and self.title is None:
            raise PydanticCustomError("source", "neither address nor title")
        return self


Sources = Annotated[list[Source] | None, Label("出典")]


class LifeEvent(ItemModel):
    """Why the resident came; `date_label` is what its day is called, absent where no day is asked."""

    about: ClassVar[ItemKind] = ItemKind(Kind.LIFE_EVENT, "ライフイベント", "event", most=1_000, bare=True)

    key: Key
    name: Annotated[Name, Search(names=True)]
    synonyms: Synonyms = []
    summary: Annotated[Text | None, Prose(), Label("説明"), Search(names=True), Start()] = None
    icon: Annotated[Text | None, Label("アイコン", help="住民の画面に出る絵の名前です（例：home）。")] = None
    position: Annotated[Order, Start("10")] = 0
    date_label: Annotated[
        Text | None,
        Label("日付の呼び名", help="日を尋ねるときの呼び名です（例：転入した日）。空けると、日を尋ねません。"),
    ] = None


class Option(ItemModel):
    """What can be answered; its key is the question's key, a slash, and its own."""

    about: ClassVar[ItemKind] = ItemKind(Kind.OPTION, "選択肢", "option", named_by="label", bare=True, open=False)

    key: Annotated[OptionKey, Label("キー")]
    label: Annotated[Text, Label("文"), Mentions()]
    help: Annotated[Text | None, Prose(), Label("説明"), Mentions()] = None

    @property
    def own_key(self) -> str:
        """The part after the slash, as addresses name it."""
        return self.key.partition("/")[2]


class Question(ItemModel):
    """What is asked; `asked_after` are options, any of which makes it ready."""

    about: ClassVar[ItemKind] = ItemKind(Kind.QUESTION, "質問", "question", named_by="text", bare=True)

    key: Key
    text: Annotated[Text, Label("質問文"), Mentions(), Start()]
    kind: Annotated[Literal["one", "many"], Label("選び方", {"one": "1つだけ", "many": "いくつでも"}), Start("one")]
    options: Annotated[
        list[Option], Label("選択肢"), Owned("OFFERS"), Start("\n- label: はい\n- label: いいえ", order=1)
    ]
    help: Annotated[Text | None, Prose(), Label("説明"), Mentions(), Start()] = None
    section: Annotated[Text | None, Label("見出し", help="続く質問をまとめる見出しです。")] = None
    position: Annotated[Order, Start("10")] = 0
    unsure: Annotated[bool, Label("「わからない」", {True: "選べる", False: "選べない"})] = True
    asked_after: Annotated[
        list[OptionKey],
        Label("前提となる答え", help="このどれかを答えた方にだけ聞きます。選ばなければ、すべての方に聞きます。"),
        Reference(Kind.OPTION, ("ASKED_AFTER",), required=True, acyclic=True, earlier=True),
    ] = []


class Condition(ItemModel):
    """A row of a decision table: every clause of `requires`, none of `excludes` → `selects` and `needs`."""

    about: ClassVar[ItemKind] = ItemKind(Kind.CONDITION, "条件", "if", most=20_000, named_by="label", open=False)

    key: Key
    label: Name
    life_events: Annotated[
        list[ItemKey],
        Field(min_length=1),
        Label("ライフイベント"),
        Reference(Kind.LIFE_EVENT, ("LEADS_TO",), incoming=True, required=True, earlier=True),
        Start("[]"),
    ]
    requires: Annotated[
        list[list[OptionKey]],
        Label("あてはまる答え", help="組の中はどれか1つ、組と組はすべてにあてはまる方です。"),
        Reference(Kind.OPTION, ("REQUIRES",), required=True, earlier=True),
        Start("[]"),
    ] = []
    excludes: Annotated[
        list[OptionKey],
        Label("除く答え", help="このどれかを答えた方は除きます。"),
        Reference(Kind.OPTION, ("EXCLUDES",), earlier=True, negated=True),
        Start("[]"),
    ] = []
    selects: Annotated[
        list[ItemKey], Label("手続き"), Reference(Kind.PROCEDURE, ("SELECTS",), brings=True), Start("[]")
    ] = []
    needs: Annotated[list[ItemKey], Label("必要書類"), Reference(Kind.DOCUMENT, ("NEEDS",), brings=True)] = []


class Period(Strict):
    """A window of days, the first and the last of which are in it."""

    opens: Annotated[Day | None, Label("始まり")] = None
    closes: Annotated[Day | None, Label("終わり")] = None

    @model_validator(mode="after")
    def _is_one(self) -> Period:
        if self.opens is None and self.closes is None:
            raise PydanticCustomError("period_empty", "no day")
        if self.opens and self.closes and self.closes < self.opens:
            raise PydanticCustomError("period_turned", "ends before it begins")
        return self


class Deadline(Strict):
    """By when: `ops/design/graph.md` says what each field means. `first_day_counts` None is unknown."""

    shape: ClassVar[Shape] = "deadline"

    value: Annotated[int | None, Field(ge=0, le=10_000), Label("期限")] = None
    unit: Annotated[
        Literal["day", "month", "year", "day_before", "day_of_previous_month"] | None,
        Label(
            "期限の単位",
            {"day": "日", "month": "か月", "year": "年", "day_before": "日前", "day_of_previous_month": "前の月の日"},
        ),
    ] = None
    from_: Annotated[Text | None, Field(alias="from"), Label("期限を数え始める日", help="例：転入した日")] = None
    from_event: Annotated[
        list[ItemKey] | None,
        Field(min_length=1),
        Label("期限の日をたずねるライフイベント", help="尋ねた日から数えて、住民に日付で見せます。"),
        Reference(Kind.LIFE_EVENT),
    ] = None
    first_day_counts: Annotated[
        bool | None, Label("期限の初日", {True: "数える", False: "数えない", "unknown": "要確認"})
    ] = None
    next_opening_day: Annotated[
        Literal["yes", "no"] | None,
        Label("期限の日が休みのとき", {"yes": "次に開く日まで受け付ける", "no": "延びない"}),
    ] = None
    period: Annotated[Period | None, Label("受け付ける期間")] = None
    kind: Annotated[
        Literal["legal", "claim", "irreversible", "before_action", "practical", "none"],
        Label(
            "期限の種類",
            {
                "legal": "法律などで決まった期限",
                "claim": "過ぎると受け取れない",
                "irreversible": "過ぎるとできなくなる",
                "before_action": "その前にする",
                "practical": "めやす",
                "none": "期限の定めなし",
            },
        ),
    ] = "legal"
    note: Annotated[Text | None, Prose(), Label("期限の補足"), Announced("text")] = None

    @field_validator("first_day_counts", "next_opening_day", mode="before")
    @classmethod
    def _unknown_is_none(cls, value: Any) -> Any:
        """`unknown` may be written as a word."""
        return None if value == "unknown" else value

    @field_validator("from_event", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        """One life event may be written without brackets."""
        return [value] if isinstance(value, str) else value

    @property
    def is_known(self) -> bool:
        """Whether it says until when, or that there is no such day."""
        if self.period is not None or self.kind in {"none", "practical"}:
            return True
        return bool(self.from_ and (self.kind == "before_action" or (self.value is not None and self.unit)))

    @property
    def is_before(self) -> bool:
        """Whether it ends before what it is counted from."""
        return self.kind == "before_action" or self.unit in {"day_before", "day_of_previous_month"}

    @property
    def runs_on(self) -> bool:
        """Whether it runs on to the next opening day where its last day is a closed one.

        What is not said follows from the law (地方自治法4条の2第4項, 行政機関の休日に関する法律2条, 民法142条): periods
        that a statute sets do, days before which something is done and fixed days do not.
        """
        if self.next_opening_day is not None:
            return self.next_opening_day == "yes"
        return self.period is None and not self.is_before and self.kind in {"legal", "claim"}


class Method(Strict):
    """Whether a way of applying is open, with a note; may be written as the bare word."""

    shape: ClassVar[Shape] = "method"

    is_: Annotated[YesNo, Field(alias="is"), Label("可否", {"yes": "可", "no": "不可", "unknown": "要確認"})]
    note: Annotated[Text | None, Label("補足"), Announced("text")] = None

    @model_validator(mode="before")
    @classmethod
    def spelled_out(cls, value: Any) -> Any:
        """`yes` means `{is: yes}`."""
        return {"is": value} if isinstance(value, str) else value


class Basis(Strict):
    """What each group of facts rests on; None is unknown. One word may be written for all groups.

    `law`: a statute, or the national or prefectural body itself; it holds in every city. `city`: the city's own page,
    or the city confirmed it. `elsewhere`: other municipalities do it so, which is no fact for residents.
    """

    shape: ClassVar[Shape] = "basis"

    duty: Annotated[Ground | None, Label("手続きの要否", GROUNDS.words)] = None
    deadline: Annotated[Ground | None, Label("期限", GROUNDS.words)] = None
    documents: Annotated[Ground | None, Label("持ち物", GROUNDS.words)] = None
    windows: Annotated[Ground | None, Label("窓口", GROUNDS.words)] = None
    postal: Annotated[Ground | None, Label("郵送", GROUNDS.words)] = None
    proxy: Annotated[Ground | None, Label("代理", GROUNDS.words)] = None
    online: Annotated[Ground | None, Label("オンライン", GROUNDS.words)] = None
    prepare: Annotated[Ground | None, Label("事前の準備", GROUNDS.words)] = None
    fee: Annotated[Ground | None, Label("費用", GROUNDS.words)] = None
    amount: Annotated[Ground | None, Label("受け取れる額", GROUNDS.words)] = None

    @model_validator(mode="before")
    @classmethod
    def spelled_out(cls, value: Any) -> Any:
        """`city` means `{duty: city, deadline: city, …}`."""
        if not isinstance(value, str):
            return value
        if value not in get_args(Ground):
            raise PydanticCustomError("basis", "no such basis")
        return dict.fromkeys(cls.model_fields, value)


UNKNOWN = Method.model_validate("unknown")
UNSAID = Basis()
NO_ACTION = frozenset({"not_needed", "information"})
"""The natures of procedures that ask nothing of anybody."""


class Procedure(ItemModel):
    """What the resident has to do; `done_with` are procedures whose form or visit settles this one too.

    Lists of facts that are left out are unknown, empty ones say that there is none. `handled_at` are alternatives, the
    usual one first. What residents read of it follows from `basis`: see `service.content.basis`.
    """

    about: ClassVar[ItemKind] = ItemKind(Kind.PROCEDURE, "手続き", "procedure", bare=True, page=True)

    key: Key
    name: Annotated[Name, Search(names=True), Mentions(), Announced()]
    reading: Reading = None
    synonyms: Synonyms = []
    summary: Annotated[Text | None, Prose(), Label("説明"), Search(), Mentions(), Announced("text"), Start()] = None
    nature: Annotated[
        Literal["duty", "benefit", "option", "not_needed", "information"],
        Label(
            "区分",
            {
                "duty": "必要な手続き",
                "benefit": "受け取れるもの",
                "option": "希望する人の手続き",
                "not_needed": "届け出のいらないもの",
                "information": "お知らせ",
            },
        ),
    ] = "duty"
    field: Annotated[Text | None, Label("分野", help="手続きの一覧のまとまりです（例：国保）。"), Search()] = None
    url: Annotated[Url | None, Label("制度のページ", help="自治体や国の案内のページのアドレスです。")] = None
    online_url: Annotated[Url | None, Label("電子申請のアドレス"), Group("online"), Announced()] = None
    form_url: Annotated[FormUrl, Announced()] = None
    postal: Annotated[Method, Label("郵送"), Group("postal"), Announced()] = UNKNOWN
    proxy: Annotated[Method, Label("代理"), Group("proxy"), Announced()] = UNKNOWN
    online: Annotated[Method, Label("オンライン"), Group("online"), Announced()] = UNKNOWN
    prepare_in_advance: Annotated[Method, Label("事前の準備"), Group("prepare"), Announced()] = UNKNOWN
    fee: Annotated[Text | None, Label("費用", help="例：無料、1通300円"), Mentions(), Group("fee"), Announced()] = None
    amount: Annotated[Text | None, Prose(), Label("受け取れる額"), Mentions(), Group("amount"), Announced()] = None
    duration_minutes: Annotated[int | None, Field(ge=0, le=100_000), Label("かかる時間", unit="分"), Announced()] = None
    deadline: Annotated[
        Deadline | None, Label("期限"), Group("deadline"), Announced(), Start("\n  value: 14\n  unit: day\n  from: ")
    ] = None
    if_late: Annotated[
        Text | None,
        Prose(),
        Label("遅れたとき", help="しないとき、遅れたときに起こることです。"),
        Mentions(),
        Group("deadline"),
        Announced("text"),
    ] = None
    note: Annotated[Text | None, Prose(), Label("補足"), Mentions(), Announced("text")] = None
    basis: Annotated[Basis, Label("よりどころ"), Start(order=1)] = UNSAID
    sources: Annotated[Sources, Start(order=1)] = None
    review_by: Annotated[Day | None, Label("見直す期日", help="この日を過ぎると、指摘に出ます。")] = None
    needs: Annotated[
        list[ItemKey] | None, Label("必要書類"), Reference(Kind.DOCUMENT, ("NEEDS",)), Group("documents"), Start()
    ] = None
    handled_at: Annotated[
        list[ItemKey] | None,
        Label("窓口"),
        Reference(Kind.WINDOW, ("HANDLED_AT",), ordered=True),
        Group("windows"),
        Start(),
    ] = None
    follows: Annotated[
        list[ItemKey],
        Label("先にする手続き", help="この手続きの前に終わっていなければならないものです。"),
        Reference(Kind.PROCEDURE, ("FOLLOWS",), acyclic=True, earlier=True),
    ] = []
    done_with: Annotated[
        list[ItemKey],
        Label("一緒に済む手続き", help="この手続きの届け出や来庁で一緒に済む、もとの手続きです。"),
        Reference(Kind.PROCEDURE, ("DONE_WITH",), acyclic=True, earlier=True),
    ] = []
    governed_by: Annotated[list[ItemKey] | None, Label("根拠法令"), Reference(Kind.LAW, ("GOVERNED_BY",))] = None


class Document(ItemModel):
    """What has to be brought."""

    about: ClassVar[ItemKind] = ItemKind(Kind.DOCUMENT, "必要書類", "doc")

    key: Key
    name: Annotated[Name, Mentions(), Announced()]
    help: Annotated[Text | None, Prose(), Label("説明"), Mentions(), Start()] = None
    copies: Annotated[int | None, Field(ge=1, le=1_000), Label("必要な数", unit="通"), Announced(unsaid="1")] = None
    who_has_it: Annotated[Text | None, Label("持っている人・もらう所", help="例：世帯主、年金事務所")] = None
    form_url: FormUrl = None
    basis: Annotated[Ground | None, GROUNDS] = None


class Window(ItemModel):
    """Where a procedure is done. `walking_order` is absent for places outside the city hall."""

    about: ClassVar[ItemKind] = ItemKind(Kind.WINDOW, "窓口", "window", most=2_000, page=True)

    key: Key
    name: Annotated[Name, Search(names=True), Announced()]
    synonyms: Synonyms = []
    building: Annotated[Text | None, Label("建物"), Search(), Announced("place"), Start()] = None
    floor: Annotated[Text | None, Label("階"), Announced("place"), Start()] = None
    counter: Annotated[Text | None, Label("窓口の番号"), Announced("place")] = None
    phone: Annotated[Text | None, Label("電話番号"), Announced(), Start()] = None
    email: Annotated[Text | None, Label("メールアドレス"), Announced()] = None
    hours: Annotated[Text | None, Label("受付時間"), Announced(), Start()] = None
    alternative_hours: Annotated[Text | None, Label("夜間・休日の受付"), Announced()] = None
    closed: Annotated[Text | None, Label("休みの日"), Announced()] = None
    walking_order: Annotated[Position | None, Label("庁舎内で回る順番", help="庁舎の外の窓口では空けます。")] = None
    map_url: Annotated[Url | None, Label("地図のアドレス")] = None
    online_booking_url: Annotated[Url | None, Label("来庁予約のアドレス")] = None
    basis: Annotated[Ground | None, GROUNDS] = None
    sources: Sources = None


class Term(ItemModel):
    """An administrative word that is explained."""

    about: ClassVar[ItemKind] = ItemKind(Kind.TERM, "用語", "term", named_by="term", page=True)

    key: Key
    term: Annotated[Text, Label("言葉"), Search(names=True), Start()]
    reading: Reading = None
    meaning: Annotated[Text, Prose(), Label("意味"), Search(), Start()]


class Law(ItemModel):
    """What a procedure rests on."""

    about: ClassVar[ItemKind] = ItemKind(Kind.LAW, "根拠法令", "law", apart_by="article")

    key: Key
    name: Name
    article: Annotated[Text | None, Label("条", help="例：第9条"), Start()] = None
    url: Annotated[Url | None, Label("条文のアドレス"), Start()] = None
    in_force_from: Annotated[Day | None, Label("施行日")] = None
    in_force_until: Annotated[Day | None, Label("失効日")] = None


class Scenario(ItemModel):
    """A made-up household with its expected result."""

    about: ClassVar[ItemKind] = ItemKind(Kind.SCENARIO, "試験ケース", "case", open=False, drawn=False)

    key: Key
    name: Name
    life_events: Annotated[
        list[ItemKey],
        Field(min_length=1),
        Label("ライフイベント"),
        Reference(Kind.LIFE_EVENT, ("STARTS_FROM",), required=True),
        Start("[]"),
    ]
    answers: Annotated[
        dict[ItemKey, list[OptionKey] | Literal["unsure"]],
        Label("答え"),
        Reference(Kind.QUESTION, ("ANSWERS", "ANSWERS_NONE_OF", "UNSURE_OF")),
        Start("{}"),
    ] = {}
    expects: Annotated[
        list[ItemKey],
        Label("出るはずの手続き", help="出なければ誤りとなる手続きです。"),
        Reference(Kind.PROCEDURE, ("EXPECTS",)),
        Start("[]"),
    ] = []
    rules_out: Annotated[
        list[ItemKey],
        Label("出ないはずの手続き", help="出たら誤りとなる手続きです。"),
        Reference(Kind.PROCEDURE, ("RULES_OUT",)),
        Start("[]"),
    ] = []
    note: Annotated[Text | None, Prose(), Label("メモ")] = None


class Content(Strict):
    """One edition as one document (`ops/design/content-format.md`); each list holds the items of a kind."""

    format: Literal[2]
    life_events: list[LifeEvent] = []
    questions: list[Question] = []
    conditions: list[Condition] = []
    procedures: list[Procedure] = []
    documents: list[Document] = []
    windows: list[Window] = []
    terms: list[Term] = []
    laws: list[Law] = []
    scenarios: list[Scenario] = []


@dataclass(frozen=True, slots=True)
class Edition:
    """One complete version of the content, as its node tells.

    `beneath` is the hash of the layer that it was put together on, None where that is not known.
    """

    number: int
    title: str
    state: str
    scheduled: bool
    created_at: datetime
    published_at: datetime | None
    content_hash: str | None
    base: int | None = None
    revision: int = 0
    created_by: str = ""
    published_by: str | None = None
    archived: bool = False
    beneath: str | None = None

    @property
    def name(self) -> str:
        """What addresses call it: the number, which a restore gives anew, and the beginning of the content's hash."""
        return f"{self.number}-{(self.content_hash or '')[:8]}"

    def waits(self, moment: datetime) -> bool:
        """Whether it is published for a time that is still to come at that moment."""
        due = self.published_at
        return self.state == "published" and self.scheduled and due is not None and due > moment


@dataclass(frozen=True, slots=True)
class Outline:
    """What answers are read against: all life events by position and all questions by key, of one edition."""

    edition: int
    life_events: dict[str, LifeEvent]
    questions: dict[str, Question]

    @classmethod
    def of(cls, edition: int, life_events: Iterable[LifeEvent], questions: Iterable[Question]) -> Outline:
        """The outline with these life events and questions."""
        return cls(edition, {event.key: event for event in life_events}, {each.key: each for each in questions})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a resident said to one question: option keys in option order, or unsure (then no options)."""

    question: str
    options: tuple[str, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class ListedReason:
    """A condition that lists a procedure; `waits_for` are the questions that an open one waits for."""

    condition: str
    label: str
    state: Literal["true", "open"]
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeededDocument:
    """A document of a listed procedure; `labels` are the conditions that bring it (empty: always needed)."""

    document: str
    status: Literal["needed", "may_be_needed"]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A procedure of the guidance, why, and what to bring."""

    procedure: str
    status: Literal["applies", "may_apply"]
    documents: tuple[NeededDocument, ...] = ()
    because: tuple[ListedReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the guide says to life events and answers, on one edition; `listed` is sorted by key."""

    edition: int
    life_events: tuple[str, ...]
    answers: tuple[Answer, ...]
    next_question: str | None
    questions_left_at_most: int
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a condition (an exclusion is a negated one of one option) and what decided it."""

    options: tuple[str, ...]
    negated: bool
    state: Literal["true", "open", "false"]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedCondition:
    """A condition of the chosen life events that selects the procedure, clause by clause."""

    condition: str
    label: str
    state: Literal["true", "open", "false"]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a procedure is or is not listed."""

    edition: int
    procedure: str
    status: Literal["applies", "may_apply", "not_listed"]
    conditions: tuple[ExplainedCondition, ...]
